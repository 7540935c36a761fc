//! A request on its way to a cell, and the answer on its way back.

use keystead_edge::{BodyRule, EPOCH_HEADER, Forward, Payload, Reaction, Refresh};
use worker::{
    Env, Result,
    wasm_bindgen::JsValue,
    web_sys::{Request, Response},
};

use crate::{
    host::{self, Body},
    serve::answer,
    settings::{Isolate, Place},
};

/// The head of a cell's answer has to be here within so many milliseconds, unless a body is on its way there.
const PATIENCE: u32 = 30_000;

/// Which attempt it is. A body that was read whole is kept for the second.
pub enum Attempt {
    First,
    Second(Option<Vec<u8>>),
}

/// What became of it.
pub enum Outcome {
    Answer(Response),
    /// The directory was stale: refresh it and decide anew.
    Again(Refresh),
}

/// Sends a request to its cell.
///
/// # Errors
/// When the runtime itself fails.
pub async fn forward(
    isolate: &Isolate,
    env: &Env,
    request: &Request,
    forward: &Forward,
    attempt: &mut Attempt,
) -> Result<Outcome> {
    let Some(place) = isolate.cells.get(&forward.cell) else {
        return Ok(Outcome::Answer(answer(&forward.unreachable())));
    };
    let again = matches!(attempt, Attempt::Second(_));
    let bytes = match (forward.body, std::mem::replace(attempt, Attempt::First)) {
        (BodyRule::Whole(_), Attempt::Second(kept)) => kept.unwrap_or_default(),
        (BodyRule::Whole(most), Attempt::First) => match host::whole(request.as_ref(), most).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Outcome::Answer(answer(&forward.too_large()))),
            Err(_) => return Ok(Outcome::Answer(answer(&forward.broken()))),
        },
        _ => Vec::new(),
    };
    let sent = send(isolate, env, request, forward, place, &bytes).await;
    let response = match sent {
        Ok(response) => response,
        Err(Refusal::Unsigned(refusal)) => return Ok(Outcome::Answer(answer(&refusal))),
        Err(Refusal::Silent) => return Ok(Outcome::Answer(answer(&forward.unreachable()))),
    };
    let epoch = response.headers().get(EPOCH_HEADER).ok().flatten();
    match isolate.edge.judge(forward, response.status(), epoch.as_deref(), again, host::now()) {
        Reaction::Pass => Ok(Outcome::Answer(finish(forward, &response))),
        Reaction::Again(stale) => {
            *attempt = Attempt::Second(Some(bytes));
            Ok(Outcome::Again(stale))
        }
        Reaction::Answer(refusal) => Ok(Outcome::Answer(answer(&refusal))),
    }
}

enum Refusal {
    Unsigned(Box<keystead_edge::Answer>),
    Silent,
}

async fn send(
    isolate: &Isolate,
    env: &Env,
    request: &Request,
    forward: &Forward,
    place: &Place,
    bytes: &[u8],
) -> Result<Response, Refusal> {
    let payload = match forward.body {
        BodyRule::None | BodyRule::WebSocket => Payload::None,
        BodyRule::Whole(_) => Payload::Whole(bytes),
        BodyRule::Stream => Payload::Stream,
    };
    let mut fields = forward.headers(&isolate.keys, payload, &host::moment()).map_err(Refusal::Unsigned)?;
    let (body, patience) = match forward.body {
        BodyRule::None => (Body::None, PATIENCE),
        BodyRule::Whole(_) if bytes.is_empty() => (Body::None, PATIENCE),
        BodyRule::Whole(_) => (Body::Whole(bytes), PATIENCE),
        BodyRule::Stream => (request.body().map_or(Body::None, Body::Stream), 0),
        BodyRule::WebSocket => {
            fields.push(("upgrade".to_owned(), b"websocket".to_vec()));
            (Body::None, PATIENCE)
        }
    };
    let url = format!("{}{}", place.url, forward.target());
    let sent = host::send(&binding(env, place), &url, forward.method(), &fields, body, patience).await;
    sent.map_err(|_| Refusal::Silent)
}

/// What a cell is reached through.
pub fn binding(env: &Env, place: &Place) -> JsValue {
    let binding = place.binding.as_deref().map(|name| worker::js_sys::Reflect::get(env, &JsValue::from_str(name)));
    binding.and_then(Result::ok).unwrap_or(JsValue::UNDEFINED)
}

fn finish(forward: &Forward, response: &Response) -> Response {
    let text = host::head(response.as_ref());
    let mut lines = text.split('\n');
    let fields = std::iter::from_fn(|| Some((lines.next()?, lines.next()?.as_bytes())));
    let status = response.status();
    let fields = forward.finish(status, fields);
    if status == 101 { host::switched(response, &fields) } else { host::passed_on(status, &fields, response.body()) }
}
