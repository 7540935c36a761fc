//! The usual request, without waiting: it reads, has a token and no body, and all that is needed to decide about it is known. It is decided in
//! one call and its answer dressed in another, and JavaScript waits between. Everything else goes the long way ([`crate::serve`]); what
//! is decided is the same, by the same library.

use std::{cell::RefCell, collections::HashMap};

use keystead_edge::{Decision, EPOCH_HEADER, Forward, Head, Payload, Reaction, Refresh};
use worker::{
    Env,
    wasm_bindgen::{self, prelude::wasm_bindgen},
};

use crate::{
    host, refresh,
    serve::Received,
    settings::{self, Isolate},
};

thread_local! {
    /// Requests that wait, by number.
    static WAITING: RefCell<(u32, HashMap<u32, Waiting>)> = RefCell::default();
}

/// What a request waits for.
enum Waiting {
    Cell(Box<Forward>),
    Refresh(Refresh),
}

fn wait_for(waiting: Waiting) -> u32 {
    WAITING.with_borrow_mut(|(last, all)| {
        if all.len() >= MOST_WAITING {
            all.clear();
        }
        *last = last.wrapping_add(1);
        all.insert(*last, waiting);
        *last
    })
}

fn take(number: u32) -> Option<Waiting> {
    WAITING.with_borrow_mut(|(_, all)| all.remove(&number))
}

/// A cell is waited for at most half a minute; what is older was given up by its caller, and nobody will ask for it.
const MOST_WAITING: usize = 10_000;

/// What to do with a request, as lines: `forward`, number, URL, binding (may be empty), then what is to change in its fields; or
/// `answer`, status, the fields, and the body; or `wait` and a number for [`fetch_wanted`], after which it is decided again. Nothing
/// if it has to go the long way, or no request came to this isolate yet.
#[wasm_bindgen]
#[must_use]
pub fn decide_at_once(method: &str, url: &str, head: &str) -> Option<String> {
    // One that was given up is sent again, so it must be one that changes nothing.
    let isolate = settings::known().filter(|_| matches!(method, "GET" | "HEAD"))?;
    let received = Received::new(method.to_owned(), url, head, false);
    let fields: Vec<(&str, &[u8])> =
        received.fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = Head { method, target: &received.target, fields: &fields, address: received.address };
    if head.get("authorization").is_none() || head.get("upgrade").is_some() {
        return None;
    }
    let moment = host::moment();
    match isolate.edge.decide(&head, &moment) {
        Decision::Forward(forward) => plan(isolate, &received, forward, &moment),
        Decision::Answer(answer) => {
            let mut text = format!("answer\n{}\n", answer.status);
            answer.fields.iter().for_each(|(name, value)| host::line(&mut text, name, value));
            text.push_str(&answer.body);
            Some(text)
        }
        // Not thrown away: with the question for a lease, what was left of the last goes back.
        Decision::Refresh(wanted) => Some(format!("wait\n{}", wait_for(Waiting::Refresh(wanted)))),
        Decision::Asset(_) => None,
    }
}

fn plan(
    isolate: &Isolate,
    received: &Received,
    forward: Box<Forward>,
    moment: &keystead_edge::Moment,
) -> Option<String> {
    let place = isolate.cells.get(&forward.cell)?;
    let fields = forward.headers(&isolate.keys, Payload::None, moment).ok()?;
    let binding = place.binding.as_deref().unwrap_or_default();
    let url = format!("{}{}", place.url, forward.target());
    let number = wait_for(Waiting::Cell(forward));
    let mut text = String::with_capacity(2_048);
    for part in ["forward", &number.to_string(), &url, binding] {
        text.push_str(part);
        text.push('\n');
    }
    let before = received.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value))).collect();
    changes(&mut text, before, &fields.iter().map(|(name, value)| (*name, &**value)).collect::<Vec<_>>());
    Some(text)
}

/// Writes what turns the fields `before` into those `after`: a line of names to delete, then those to add. Runtimes copy fields much
/// faster than they take new ones.
fn changes<'f>(text: &mut String, before: impl Iterator<Item = (&'f str, &'f str)>, after: &[(&str, &str)]) {
    let before: Vec<_> = before.collect();
    let (mut kept, mut deleted) = (0, Vec::with_capacity(before.len()));
    for field in &before {
        if after.get(kept) == Some(field) {
            kept += 1;
        } else {
            deleted.push(field.0);
        }
    }
    // Deleting goes by name: of several with one name, either all stay or none.
    if after[..kept].iter().any(|(name, _)| deleted.contains(name)) {
        (kept, deleted) = (0, before.iter().map(|(name, _)| *name).collect());
    }
    text.push_str(&deleted.join(" "));
    text.push('\n');
    after[kept..].iter().for_each(|(name, value)| host::line(text, name, value));
}

/// What is to change in the fields of the answer to the request with this number, from the cell's; nothing if the cell refused it for coming by a stale
/// directory: then it goes the long way. Status 0 is a cell that does not answer: then these are the fields, and the body.
#[wasm_bindgen]
#[must_use]
pub fn finish_at_once(number: u32, status: u16, head: &str) -> Option<String> {
    let Some(Waiting::Cell(forward)) = take(number) else { return None };
    let mut text = String::with_capacity(1_024);
    if status == 0 {
        let answer = forward.unreachable();
        answer.fields.iter().for_each(|(name, value)| host::line(&mut text, name, value));
        text.push_str(&answer.body);
        return Some(text);
    }
    let fields = || {
        let mut lines = head.split('\n');
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
    };
    let epoch = fields().find(|(name, _)| *name == EPOCH_HEADER).map(|(_, value)| value);
    if !matches!(settings::known()?.edge.judge(&forward, status, epoch, false, host::now()), Reaction::Pass) {
        return None;
    }
    let finished = forward.finish(status, fields().map(|(name, value)| (name, value.as_bytes())));
    let finished: Vec<_> = finished.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    changes(&mut text, fields(), &finished);
    Some(text)
}

/// Is there anything to fetch ahead of need?
#[wasm_bindgen]
#[must_use]
pub fn is_due() -> bool {
    settings::known().is_some_and(|isolate| !isolate.edge.due(host::now()).is_empty())
}

/// Fetches what the request with this number waits for.
#[wasm_bindgen]
pub async fn fetch_wanted(number: u32, env: Env) {
    if let (Some(Waiting::Refresh(wanted)), Some(isolate)) = (take(number), settings::known()) {
        refresh::now(isolate, &env, &wanted).await;
    }
}

/// Fetches what is due.
#[wasm_bindgen]
pub async fn fetch_ahead(env: Env) {
    let Some(isolate) = settings::known() else { return };
    for wanted in isolate.edge.due(host::now()) {
        refresh::ahead(isolate, env.clone(), wanted).await;
    }
}
