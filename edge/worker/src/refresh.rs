//! Fetching what the edge wants to know.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use keystead_edge::{
    Refresh,
    authority::{Ask, Granted},
    directory::Cell,
};
use worker::{Env, Result, wasm_bindgen::JsValue, web_sys::Response};

use crate::{
    forward::binding,
    host::{self, Body},
    serve::pause,
    settings::Isolate,
};

/// An answer has to begin within so many milliseconds.
pub const PATIENCE: u32 = 3_000;
/// Who set out so many milliseconds ago is not waited for any longer: its request may be gone, and its work with it.
const LOST: i64 = 2 * PATIENCE as i64;
const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub const DIRECTORY: &str = "directory";

/// Where the keys of a cell's tokens lie in KV.
pub fn keys_name(cell: &Cell) -> String {
    format!("keys/{cell}")
}

/// What is being fetched by some request of this isolate, and since when.
#[derive(Default)]
pub struct Flights {
    under_way: Mutex<HashMap<Flight, i64>>,
    /// The end of the last directory that was read: its signature.
    directory: Mutex<Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Flight {
    Directory,
    Keys(Cell),
    Revocations(Cell),
}

impl Flights {
    fn take_off(&self, flight: &Flight, now: i64) -> bool {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.get(flight).is_some_and(|since| now.saturating_sub(*since) < LOST) {
            return false;
        }
        under_way.insert(flight.clone(), now);
        true
    }

    fn land(&self, flight: &Flight) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(flight);
    }

    fn is_in_the_air(&self, flight: &Flight) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).contains_key(flight)
    }

    /// Was this directory read already? A signature is never that of two documents.
    fn knows(&self, document: &[u8]) -> bool {
        let end = document.len().saturating_sub(86);
        let mut known = self.directory.lock().unwrap_or_else(PoisonError::into_inner);
        let same = document.len() > 86 && *known == document[end..];
        if !same {
            *known = document[end..].to_vec();
        }
        same
    }
}

/// Fetches something that a request waits for, or waits until another request has.
pub async fn now(isolate: &Isolate, env: &Env, wanted: &Refresh) {
    let flight = match wanted {
        Refresh::Lease(ask) => return lease(isolate, env, ask).await,
        Refresh::Directory => Flight::Directory,
        Refresh::Keys(cell) => Flight::Keys(cell.clone()),
        Refresh::Revocations(cell, _) => Flight::Revocations(cell.clone()),
    };
    if isolate.flights.take_off(&flight, host::now()) {
        let fetched = fetch(isolate, env, wanted, Need::Now).await;
        learn(isolate, wanted, fetched.as_deref());
        return isolate.flights.land(&flight);
    }
    // Not its promise: a promise of another request must not be awaited here.
    let until = host::now() + i64::from(PATIENCE);
    let mut wait = 4;
    while isolate.flights.is_in_the_air(&flight) && host::now() < until {
        pause(wait).await;
        wait = (wait * 2).min(32);
    }
}

/// Fetches something before anybody waits for it.
pub async fn ahead(isolate: &'static Isolate, env: Env, wanted: Refresh) {
    let flight = match &wanted {
        Refresh::Lease(_) => return,
        Refresh::Directory => Flight::Directory,
        Refresh::Keys(cell) => Flight::Keys(cell.clone()),
        Refresh::Revocations(cell, _) => Flight::Revocations(cell.clone()),
    };
    if isolate.flights.take_off(&flight, host::now()) {
        let fetched = fetch(isolate, &env, &wanted, Need::Soon).await;
        learn(isolate, &wanted, fetched.as_deref());
        isolate.flights.land(&flight);
    }
}

fn learn(isolate: &Isolate, wanted: &Refresh, fetched: Option<&[u8]>) {
    // Reading the same directory again would cost milliseconds and tell nothing.
    let fetched = fetched.filter(|document| *wanted != Refresh::Directory || !isolate.flights.knows(document));
    if let Err(error) = isolate.edge.learn(wanted, fetched, host::now()) {
        worker::console_error!("{wanted:?}: {error}");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Now,
    Soon,
}

async fn fetch(isolate: &Isolate, env: &Env, wanted: &Refresh, need: Need) -> Option<Vec<u8>> {
    match wanted {
        Refresh::Directory => {
            let kept = async || from_kv(env, DIRECTORY).await;
            let cell = isolate.any_cell()?;
            // KV is near and up to a minute old: right for a start and for keeping up, wrong for who lacks something.
            if need == Need::Soon || isolate.edge.directory().is_none() {
                if let Some(document) = kept().await {
                    return Some(document);
                }
                return from_cell(isolate, env, &cell, "/edge/directory").await;
            }
            match from_cell(isolate, env, &cell, "/edge/directory").await {
                Some(document) => Some(document),
                None => kept().await,
            }
        }
        Refresh::Keys(cell) => match from_cell(isolate, env, cell, "/.well-known/jwks.json").await {
            Some(document) => Some(document),
            None => from_kv(env, &keys_name(cell)).await,
        },
        Refresh::Revocations(cell, since) => match from_feed(env, cell).await {
            Some(document) => Some(document),
            None => {
                let since = since.map_or_else(String::new, |since| format!("?since={since}"));
                from_cell(isolate, env, cell, &format!("/edge/revocations{since}")).await
            }
        },
        Refresh::Lease(_) => None,
    }
}

/// Asks a cell, as the edge itself.
pub async fn from_cell(isolate: &Isolate, env: &Env, cell: &Cell, target: &str) -> Option<Vec<u8>> {
    let place = isolate.cells.get(cell)?;
    let fields = isolate.edge.own_request(cell, target, &host::moment())?;
    let url = format!("{}{target}", place.url);
    let sent = host::send(&binding(env, place), &url, "GET", &fields, Body::None, PATIENCE).await;
    let answer = sent.ok().filter(|answer| answer.status() == 200)?;
    host::whole(answer.as_ref(), MAX_BYTES).await.ok()?
}

async fn from_kv(env: &Env, name: &str) -> Option<Vec<u8>> {
    // The shortest that KV allows.
    env.kv("EDGE_KV").ok()?.get(name).cache_ttl(60).bytes().await.ok()?
}

async fn from_feed(env: &Env, cell: &Cell) -> Option<Vec<u8>> {
    let answer = ask(env, "REVOCATION_FEED", &cell.to_string(), "GET", &format!("/{cell}"), Body::None).await.ok()?;
    host::whole(answer.as_ref(), MAX_BYTES).await.ok()?
}

async fn lease(isolate: &Isolate, env: &Env, asked: &Ask) {
    let granted = granted(env, asked).await;
    isolate.edge.learn_lease(asked, granted.as_ref(), host::now());
}

async fn granted(env: &Env, asked: &Ask) -> Option<Granted> {
    let question = serde_json::to_vec(asked).ok()?;
    let name = asked.tenant.to_string();
    let answer = ask(env, "TENANT_LIMITER", &name, "POST", "/", Body::Whole(&question)).await.ok()?;
    let bytes = host::whole(answer.as_ref(), 4_096).await.ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Asks a Durable Object by name.
async fn ask(env: &Env, class: &str, name: &str, method: &str, path: &str, body: Body<'_>) -> Result<Response> {
    let stub: JsValue = host::stub(&worker::js_sys::Reflect::get(env, &JsValue::from_str(class))?, name)?;
    let url = format!("https://object.invalid{path}");
    let answer = host::send(&stub, &url, method, &[], body, PATIENCE).await?;
    if answer.status() == 200 { Ok(answer) } else { Err("the object does not answer".into()) }
}

