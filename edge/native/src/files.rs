//! The admin UI from a folder.

use std::{
    path::{Component, Path, PathBuf},
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use keystead_edge::{Asset, assets::Encoding};
use tokio::fs;

/// A file to answer with; `content` is `None` when the caller has it.
pub(crate) struct Found {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Option<Bytes>,
}

const PAGE: &str = "index.html";

/// Finds the file that is meant, or the application's page in its place.
pub(crate) async fn find(folder: &Path, asset: &Asset) -> Option<Found> {
    if let Some(found) = file(folder, &asset.path, asset).await {
        return Some(found);
    }
    if asset.fallback { file(folder, PAGE, asset).await } else { None }
}

async fn file(folder: &Path, path: &str, asset: &Asset) -> Option<Found> {
    let place = inside(folder, path)?;
    for encoding in &asset.encodings {
        let mut packed = place.clone().into_os_string();
        packed.push(encoding.suffix());
        if let Some(found) = plain(Path::new(&packed), path, Some(*encoding), asset).await {
            return Some(found);
        }
    }
    plain(&place, path, None, asset).await
}

async fn plain(place: &Path, path: &str, encoding: Option<Encoding>, asset: &Asset) -> Option<Found> {
    let about = fs::metadata(place).await.ok().filter(std::fs::Metadata::is_file)?;
    let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let tag = format!("\"{changed:x}-{:x}{}\"", about.len(), encoding.map_or("", Encoding::suffix));
    let fields = asset.fields(path, &tag, encoding);
    let known =
        asset.if_none_match.as_deref().is_some_and(|tags| tags == "*" || tags.split(',').any(|t| t.trim() == tag));
    let content = if known { None } else { Some(fs::read(place).await.ok()?.into()) };
    Some(Found { fields, content })
}

/// The path was checked before; here nothing but plain names leads on.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| folder.join(relative))
}
