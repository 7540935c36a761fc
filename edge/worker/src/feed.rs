//! What a cell tells its edges: one Durable Object per cell asks for all isolates in the world, so that a cell is asked a few times a
//! second and not by each of them. What it passes on is the cell's own; every isolate checks it as if the cell had answered.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use keystead_edge::directory;
use worker::{
    Env, Result,
    wasm_bindgen::{JsValue, prelude::wasm_bindgen},
    web_sys::{Request, Response},
    worker_sys::DurableObjectState,
};

use crate::{
    host,
    refresh::{self, AS_OF},
    serve::{pause, target},
    settings,
};

/// Revocations and the directory are passed on for so many milliseconds.
const FRESH: i64 = 500;
/// Who needs to know what is true by now waits for it; a cell is asked at most once in so many milliseconds.
const PAUSE: i64 = 50;
/// Keys for longer: a flood of unknown keys, over all isolates, comes to two questions a minute.
const KEYS_FRESH: i64 = 30_000;
/// Isolates ask about a few epochs at a time.
const MOST_KEPT: usize = 16;

/// The newest answers of one cell.
#[wasm_bindgen]
pub struct CellFeed {
    env: Env,
    kept: RefCell<HashMap<String, Answer>>,
    /// From when on the cell may be asked.
    next: Cell<i64>,
}

struct Answer {
    asked: i64,
    until: i64,
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl CellFeed {
    /// The object, when the runtime makes it.
    #[wasm_bindgen(constructor)]
    pub fn new(_state: DurableObjectState, env: Env) -> Self {
        Self { env, kept: RefCell::default(), next: Cell::default() }
    }

    /// Passes on what the cell says to `/CELL/TARGET`.
    ///
    /// # Errors
    /// When a setting does not read.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let as_of = request.headers().get(AS_OF)?.and_then(|as_of| as_of.parse().ok());
        Ok(self.answer(&request.url(), as_of.unwrap_or(i64::MIN)).await?)
    }
}

impl CellFeed {
    async fn answer(&self, url: &str, as_of: i64) -> Result<Response> {
        let Some((cell, target)) = asked(target(url)) else { return Ok(host::answered(404, &[], "no such cell")) };
        // What is asked from now on is true as of now, and so as of any time before, whatever the caller's clock says.
        let (here, until) = (as_of.min(host::now()), host::now() + i64::from(refresh::PATIENCE));
        while host::now() < until {
            if let Some((asked, bytes)) = self.fresh(&target, here) {
                return Ok(host::passed(&bytes, &[(AS_OF.to_owned(), asked.max(as_of).to_string())]));
            }
            let began = host::now();
            // One asks at a time; who set out too long ago was cut off.
            if began >= self.next.get() {
                self.next.set(began + i64::from(refresh::PATIENCE));
                let bytes = refresh::from_cell(settings::edge(&self.env)?, &self.env, &cell, &target).await;
                self.next.set(began + PAUSE);
                let Some(bytes) = bytes else { break };
                self.keep(&target, bytes, began);
            } else {
                pause(8).await;
            }
        }
        Ok(host::answered(503, &[], "the cell does not answer"))
    }

    /// What is kept, and when it was asked for.
    fn fresh(&self, target: &str, as_of: i64) -> Option<(i64, Vec<u8>)> {
        let kept = self.kept.borrow();
        let fresh = |answer: &&Answer| host::now() < answer.until && answer.asked >= as_of;
        kept.get(target).filter(fresh).map(|answer| (answer.asked, answer.bytes.clone()))
    }

    fn keep(&self, target: &str, bytes: Vec<u8>, asked: i64) {
        let now = host::now();
        let fresh = if target.starts_with("/edge/") { FRESH } else { KEYS_FRESH };
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, answer| now < answer.until);
        }
        kept.insert(target.to_owned(), Answer { asked, until: now + fresh, bytes });
    }
}

/// The cell and what is asked of it. Revocations are asked for whole, whatever an isolate has: one answer serves all.
fn asked(path: &str) -> Option<(directory::Cell, String)> {
    let (cell, target) = path.strip_prefix('/')?.split_once('/')?;
    let whole = target.split_once('?').filter(|(path, _)| *path == "edge/revocations").map(|(path, _)| path);
    Some((cell.into(), format!("/{}", whole.unwrap_or(target))))
}
