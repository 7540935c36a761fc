//! The files of the admin UI, from the assets binding. Cloudflare compresses them on their way out.

use keystead_edge::Asset;
use worker::{
    Env, Result,
    js_sys::Reflect,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::Response,
};

use crate::{
    host::{self, Body},
    serve::answer,
};

const PAGE: &str = "index.html";

/// Answers with a file of the admin UI.
///
/// # Errors
/// When the file cannot be read.
pub async fn serve(env: &Env, asset: &Asset) -> Result<Response> {
    let assets = Reflect::get(env, &JsValue::from_str("ASSETS"))?;
    if assets.is_undefined() {
        return Ok(answer(&asset.missing()));
    }
    let (path, file) = match get(&assets, &asset.path).await? {
        Some(file) => (asset.path.as_str(), file),
        None if asset.fallback => match get(&assets, PAGE).await? {
            Some(file) => (PAGE, file),
            None => return Ok(answer(&asset.missing())),
        },
        None => return Ok(answer(&asset.missing())),
    };
    let etag = file.headers().get("etag")?.unwrap_or_default();
    let fields = asset.fields(path, &etag, None);
    if asset.if_none_match.as_deref().is_some_and(|known| names(known, &etag)) {
        return Ok(host::answered(304, &fields, ""));
    }
    Ok(host::passed_on(200, &fields, file.body().filter(|_| !asset.head_only)))
}

async fn get(assets: &JsValue, path: &str) -> Result<Option<Response>> {
    let url = format!("https://assets.invalid/{path}");
    let file = host::send(assets, &url, "GET", &[], Body::None, 0).await?;
    Ok((file.status() == 200).then(|| file.unchecked_into()))
}

/// Does `If-None-Match` name this tag (RFC 9110, 13.1.2: weak comparison)?
fn names(known: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    !etag.is_empty() && (known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(etag)))
}
