//! The runtime, as far as this worker needs it without a detour.

use worker::{
    js_sys::{Promise, Uint8Array},
    wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen},
    wasm_bindgen_futures::JsFuture,
    web_sys::{ReadableStream, Request, Response},
};

#[wasm_bindgen(module = "/src/host.js")]
extern "C" {
    /// The fields of a request or an answer: a line of name, a line of value.
    pub fn head(message: &JsValue) -> String;
    #[wasm_bindgen(js_name = send)]
    fn send_raw(fetcher: &JsValue, url: &str, method: &str, fields: &str, body: &JsValue, patience: u32) -> Promise;
    #[wasm_bindgen(js_name = whole)]
    fn whole_raw(message: &JsValue, most: f64) -> Promise;
    #[wasm_bindgen(js_name = answer)]
    fn answer_raw(status: u16, fields: &str, body: &JsValue) -> Response;
    /// The Durable Object of this name, of the binding `kind`.
    #[wasm_bindgen(catch)]
    pub fn stub(env: &JsValue, kind: &str, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = switched)]
    fn switched_raw(other: &Response, fields: &str) -> Response;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random(buffer: &mut [u8]);
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
}

/// Milliseconds since 1970. In this runtime it stands still between two waits.
pub fn now() -> i64 {
    // Whole milliseconds, far below 2^53.
    date_now() as i64
}

/// The present moment, with fresh randomness.
pub fn moment() -> keystead_edge::Moment {
    let mut entropy = [0; 32];
    random(&mut entropy);
    let now = now();
    keystead_edge::Moment { now, began: now, entropy }
}

/// A body to send.
pub enum Body<'b> {
    None,
    Whole(&'b [u8]),
    Stream(ReadableStream),
}

/// Sends a request and waits for the head of the answer, `patience` milliseconds at most; 0 for as long as it takes.
/// `fetcher` is the binding to send it through, or undefined.
pub async fn send(
    fetcher: &JsValue,
    url: &str,
    method: &str,
    fields: &[(String, Vec<u8>)],
    body: Body<'_>,
    patience: u32,
) -> Result<Response, JsValue> {
    let body = match body {
        Body::None => JsValue::UNDEFINED,
        Body::Whole(bytes) => Uint8Array::from(bytes).into(),
        Body::Stream(stream) => stream.into(),
    };
    let mut text = String::with_capacity(1024);
    for (name, value) in fields {
        line(&mut text, name, &String::from_utf8_lossy(value));
    }
    Ok(JsFuture::from(send_raw(fetcher, url, method, &text, &body, patience)).await?.unchecked_into())
}

/// The whole body of a request or an answer; `None` if it is longer than `most` bytes.
pub async fn whole(message: &JsValue, most: u64) -> Result<Option<Vec<u8>>, JsValue> {
    let bytes = JsFuture::from(whole_raw(message, most as f64)).await?;
    Ok(bytes.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
}

/// An answer with the body of another.
pub fn passed_on(status: u16, fields: &[(String, String)], body: Option<ReadableStream>) -> Response {
    answer_raw(status, &lines(fields), &body.map_or(JsValue::NULL, JsValue::from))
}

/// An answer with this text.
pub fn answered(status: u16, fields: &[(String, String)], body: &str) -> Response {
    let bodyless = matches!(status, 101 | 204 | 205 | 304);
    answer_raw(status, &lines(fields), &if bodyless { JsValue::NULL } else { JsValue::from_str(body) })
}

/// A good answer with these bytes.
pub fn passed(bytes: &[u8], fields: &[(String, String)]) -> Response {
    answer_raw(200, &lines(fields), &Uint8Array::from(bytes))
}

/// An answer that hands over the socket of another.
pub fn switched(other: &Response, fields: &[(String, String)]) -> Response {
    switched_raw(other, &lines(fields))
}

/// Has a request a body?
pub fn has_body(request: &Request) -> bool {
    request.body().is_some()
}

fn lines(fields: &[(String, String)]) -> String {
    let mut text = String::with_capacity(1024);
    for (name, value) in fields {
        line(&mut text, name, value);
    }
    text
}

/// Adds a field.
pub fn line(text: &mut String, name: &str, value: &str) {
    for part in [name, value] {
        // A line feed would start another field. The checks of requests let none through; an answer's cannot hold one.
        if part.bytes().any(|b| matches!(b, b'\n' | b'\r' | b'\0')) {
            text.extend(part.chars().filter(|c| !matches!(c, '\n' | '\r' | '\0')));
        } else {
            text.push_str(part);
        }
        text.push('\n');
    }
}
