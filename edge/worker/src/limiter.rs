//! The exact counter of one tenant: a Durable Object, of which there is one in the world.
//!
//! What it grants is written before the answer leaves (the runtime holds an answer back until the writes before it are durable), so an
//! object that is moved, evicted or killed forgets nothing that it has granted. Requests under a lease never come here; what that costs
//! in precision, `keystead_edge::authority` says.

use std::cell::RefCell;

use keystead_edge::authority::{Ask, Authority, Kept};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, js_sys, wasm_bindgen::JsValue};

use crate::host;

/// One tenant's counters.
#[durable_object(fetch)]
pub struct TenantLimiter {
    state: State,
    authority: RefCell<Option<Authority>>,
}

impl DurableObject for TenantLimiter {
    fn new(state: State, _env: Env) -> Self {
        Self { state, authority: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let Ok(ask) = serde_json::from_str::<Ask>(&request.text().await?) else {
            return Response::error("not a question", 400);
        };
        if self.authority.borrow().is_none() {
            // Nothing else is delivered to the object while it waits for its storage.
            let restored = self.restored().await?;
            self.authority.borrow_mut().get_or_insert(restored);
        }
        let (granted, kept) = {
            let mut authority = self.authority.borrow_mut();
            let authority = authority.get_or_insert_default();
            (authority.grant(&ask, host::now()), authority.kept(&ask))
        };
        let written = js_sys::Object::new();
        for counter in kept {
            js_sys::Reflect::set(&written, &counter.name().into(), &serde_json::to_string(&counter)?.into())?;
        }
        self.state.storage().put_multiple_raw(written).await?;
        Response::from_json(&granted)
    }
}

impl TenantLimiter {
    async fn restored(&self) -> Result<Authority> {
        let (mut authority, mut idle) = (Authority::default(), Vec::new());
        let kept = self.state.storage().list().await?;
        for name in kept.keys().into_iter().flatten() {
            let counter = kept.get(&name).as_string().and_then(|text| serde_json::from_str::<Kept>(&text).ok());
            if !counter.is_some_and(|counter| authority.restore(counter, host::now())) {
                idle.extend(JsValue::as_string(&name));
            }
        }
        // The runtime deletes at most 128 at once.
        for names in idle.chunks(128) {
            self.state.storage().delete_multiple(names.to_vec()).await?;
        }
        Ok(authority)
    }
}
