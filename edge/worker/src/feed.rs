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
    host, refresh,
    serve::{pause, target},
    settings,
};

/// Revocations and the directory are passed on for so many milliseconds.
pub const FRESH: i64 = 500;
/// Keys for longer: a flood of unknown keys, over all isolates, comes to two questions a minute.
const KEYS_FRESH: i64 = 30_000;
/// Isolates ask about a few epochs at a time.
const MOST_KEPT: usize = 16;

/// The newest answers of one cell.
#[wasm_bindgen]
pub struct CellFeed {
    env: Env,
    kept: RefCell<HashMap<String, Answer>>,
    asking: Cell<i64>,
}

struct Answer {
    until: i64,
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl CellFeed {
    /// The object, when the runtime makes it.
    #[wasm_bindgen(constructor)]
    pub fn new(_state: DurableObjectState, env: Env) -> Self {
        Self { env, kept: RefCell::default(), asking: Cell::default() }
    }

    /// Passes on what the cell says to `/CELL/TARGET`.
    ///
    /// # Errors
    /// When a setting does not read.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        Ok(self.answer(&request.url()).await?)
    }
}

impl CellFeed {
    async fn answer(&self, url: &str) -> Result<Response> {
        let Some((cell, target)) = asked(target(url)) else { return Ok(host::answered(404, &[], "no such cell")) };
        let until = host::now() + i64::from(refresh::PATIENCE);
        while host::now() < until {
            if let Some(bytes) = self.fresh(&target) {
                return Ok(host::passed(&bytes));
            }
            // One asks at a time; who set out too long ago was cut off.
            if host::now() - self.asking.get() >= i64::from(refresh::PATIENCE) {
                self.asking.set(host::now());
                let bytes = refresh::from_cell(settings::edge(&self.env)?, &self.env, &cell, &target).await;
                self.asking.set(0);
                let Some(bytes) = bytes else { break };
                self.keep(&target, bytes);
            } else {
                pause(8).await;
            }
        }
        Ok(host::answered(503, &[], "the cell does not answer"))
    }

    fn fresh(&self, target: &str) -> Option<Vec<u8>> {
        let kept = self.kept.borrow();
        kept.get(target).filter(|answer| host::now() < answer.until).map(|answer| answer.bytes.clone())
    }

    fn keep(&self, target: &str, bytes: Vec<u8>) {
        let now = host::now();
        let fresh = if target.starts_with("/edge/") { FRESH } else { KEYS_FRESH };
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, answer| now < answer.until);
        }
        kept.insert(target.to_owned(), Answer { until: now + fresh, bytes });
    }
}

/// The cell and what is asked of it. Revocations are asked for whole, whatever an isolate has: one answer serves all.
fn asked(path: &str) -> Option<(directory::Cell, String)> {
    let (cell, target) = path.strip_prefix('/')?.split_once('/')?;
    let whole = target.split_once('?').filter(|(path, _)| *path == "edge/revocations").map(|(path, _)| path);
    Some((cell.into(), format!("/{}", whole.unwrap_or(target))))
}
