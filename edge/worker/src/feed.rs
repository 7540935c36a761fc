//! What a cell has revoked: one Durable Object per cell asks for all isolates in the world, so that a cell is asked twice a second and
//! not once by each of them. Its answer is the cell's own, signed; every isolate checks it.

use std::cell::{Cell, RefCell};

use keystead_edge::directory;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::{host, refresh, serve::pause, settings};

/// An answer is passed on for so many milliseconds.
const FRESH: i64 = 500;

/// The newest feed of one cell.
#[durable_object(fetch)]
pub struct RevocationFeed {
    env: Env,
    kept: RefCell<Option<(i64, Vec<u8>)>>,
    asking: Cell<i64>,
}

impl DurableObject for RevocationFeed {
    fn new(_state: State, env: Env) -> Self {
        Self { env, kept: RefCell::default(), asking: Cell::default() }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let cell = directory::Cell(request.path().trim_start_matches('/').into());
        let until = host::now() + i64::from(refresh::PATIENCE);
        while host::now() < until {
            if let Some(bytes) = self.fresh() {
                return Response::from_bytes(bytes);
            }
            // Only one asks; who asked too long ago was cut off.
            if host::now() - self.asking.get() >= i64::from(refresh::PATIENCE) {
                self.asking.set(host::now());
                let feed = refresh::from_cell(settings::edge(&self.env)?, &self.env, &cell, "/edge/revocations").await;
                self.asking.set(0);
                let Some(feed) = feed else { break };
                *self.kept.borrow_mut() = Some((host::now(), feed));
            } else {
                pause(8).await;
            }
        }
        Response::error("the cell does not answer", 503)
    }
}

impl RevocationFeed {
    fn fresh(&self) -> Option<Vec<u8>> {
        let kept = self.kept.borrow();
        kept.as_ref().filter(|(at, _)| host::now() - at < FRESH).map(|(_, bytes)| bytes.clone())
    }
}
