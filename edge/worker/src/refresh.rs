//! Fetching what the edge wants to know.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use keystead_edge::{
    Fetched, Refresh,
    authority::{Ask, Granted},
    directory::Cell,
};
use worker::{Env, Result, web_sys::Response};

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
/// What a feed's answer has to be true as of, and is, in milliseconds since 1970.
pub const AS_OF: &str = "as-of";

/// Where the keys of a cell's tokens lie in KV.
pub fn keys_name(cell: &Cell) -> String {
    format!("keys/{cell}")
}

/// What is being fetched by some request of this isolate, and since when.
#[derive(Default)]
pub struct Flights {
    under_way: Mutex<HashMap<Flight, i64>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Flight {
    Directory,
    Keys(Cell),
    Revocations(Cell),
}

impl Flight {
    /// Leases are not shared: whoever asks for one needs it.
    fn of(wanted: &Refresh) -> Option<Self> {
        match wanted {
            Refresh::Directory { .. } => Some(Self::Directory),
            Refresh::Keys(cell) => Some(Self::Keys(cell.clone())),
            Refresh::Revocations(cell, _) => Some(Self::Revocations(cell.clone())),
            Refresh::Lease(_) => None,
        }
    }
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
}

/// Fetches something that a request waits for, or waits until another request has.
pub async fn now(isolate: &Isolate, env: &Env, wanted: &Refresh) {
    let Some(flight) = Flight::of(wanted) else {
        if let Refresh::Lease(ask) = wanted {
            lease(isolate, env, ask).await;
        }
        return;
    };
    if isolate.flights.take_off(&flight, host::now()) {
        fly(isolate, env, wanted).await;
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

/// Fetches something before anybody waits for it, unless somebody does already.
pub async fn ahead(isolate: &'static Isolate, env: Env, wanted: Refresh) {
    let Some(flight) = Flight::of(&wanted) else { return };
    if isolate.flights.take_off(&flight, host::now()) {
        fly(isolate, &env, &wanted).await;
        isolate.flights.land(&flight);
    }
}

/// What came, and since when it was true; `None` of a copy.
type Answer = (Vec<u8>, Option<i64>);

async fn fly(isolate: &Isolate, env: &Env, wanted: &Refresh) {
    let began = host::now();
    let fetched = fetch(isolate, env, wanted, began).await;
    let at = if fetched.is_some() { began } else { host::now() };
    let fetched = fetched.as_ref().map(|(document, as_of)| Fetched { document, as_of: *as_of });
    if let Err(error) = isolate.edge.learn(wanted, fetched, at) {
        worker::console_error!("{wanted:?}: {error}");
    }
}

async fn fetch(isolate: &Isolate, env: &Env, wanted: &Refresh, began: i64) -> Option<Answer> {
    let (cell, target) = wanted.request()?;
    let (kept, as_of) = match wanted {
        Refresh::Directory { as_of, .. } => (Some(DIRECTORY.to_owned()), *as_of),
        Refresh::Keys(cell) => (Some(keys_name(cell)), None),
        _ => (None, None),
    };
    // KV is near and up to two minutes old: right for a start, and when nobody else answers.
    if let (Refresh::Directory { epoch: None, .. }, Some(name)) = (wanted, &kept)
        && let Some(document) = from_kv(env, name).await
    {
        return Some((document, None));
    }
    if let Some(answer) = from_feed(env, cell, &target, as_of).await {
        return Some(answer);
    }
    if let Some(document) = from_cell(isolate, env, cell, &target).await {
        return Some((document, Some(began)));
    }
    Some((from_kv(env, &kept?).await?, None))
}

/// What a cell itself says to this.
pub async fn asked(isolate: &Isolate, env: &Env, wanted: &Refresh) -> Option<Vec<u8>> {
    let (cell, target) = wanted.request()?;
    from_cell(isolate, env, cell, &target).await
}

/// Asks a cell, as the edge itself.
pub async fn from_cell(isolate: &Isolate, env: &Env, cell: &Cell, target: &str) -> Option<Vec<u8>> {
    let place = isolate.cells.get(cell)?;
    let fields = isolate.edge.fetch_headers(cell, target, &host::moment()).ok()?;
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
    let url = format!("{}{target}", place.url);
    let sent = host::send(&binding(env, place), &url, "GET", &fields, Body::None, PATIENCE).await;
    let answer = sent.ok().filter(|answer| matches!(answer.status(), 200 | 204))?;
    host::whole(answer.as_ref(), MAX_BYTES).await.ok()?
}

async fn from_kv(env: &Env, name: &str) -> Option<Vec<u8>> {
    // The shortest that KV allows.
    env.kv("EDGE_KV").ok()?.get(name).cache_ttl(60).bytes().await.ok()?
}

/// What a cell's feed passes on, not older than `as_of`.
async fn from_feed(env: &Env, cell: &Cell, target: &str, as_of: Option<i64>) -> Option<Answer> {
    let path = format!("/{cell}{target}");
    let demand = as_of.map(|as_of| (AS_OF.to_owned(), as_of.to_string().into_bytes()));
    let answer = ask(env, "CELL_FEED", &cell.to_string(), "GET", &path, demand.as_slice(), Body::None).await.ok()?;
    let as_of = answer.headers().get(AS_OF).ok()??.parse().ok()?;
    Some((host::whole(answer.as_ref(), MAX_BYTES).await.ok()??, Some(as_of)))
}

async fn lease(isolate: &Isolate, env: &Env, asked: &Ask) {
    let granted = granted(env, asked).await;
    isolate.edge.learn_lease(asked, granted.as_ref(), host::now());
}

async fn granted(env: &Env, asked: &Ask) -> Option<Granted> {
    let question = serde_json::to_vec(asked).ok()?;
    let name = asked.tenant.to_string();
    let answer = ask(env, "TENANT_LIMITER", &name, "POST", "/", &[], Body::Whole(&question)).await.ok()?;
    let bytes = host::whole(answer.as_ref(), 4_096).await.ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Asks a Durable Object by name.
async fn ask(
    env: &Env,
    kind: &str,
    name: &str,
    method: &str,
    path: &str,
    fields: &[(String, Vec<u8>)],
    body: Body<'_>,
) -> Result<Response> {
    let stub = host::stub(env.as_ref(), kind, name)?;
    let url = format!("https://object.invalid{path}");
    let answer = host::send(&stub, &url, method, fields, body, PATIENCE).await?;
    if answer.status() == 200 { Ok(answer) } else { Err("the object does not answer".into()) }
}
