//! The exact counter of one tenant: a Durable Object, of which there is one in the world.
//!
//! What it grants is written before the answer leaves (the runtime holds an answer back until the writes before it are durable), so an
//! object that is moved, evicted or killed forgets nothing that it has granted. Requests under a lease never come here; what that costs
//! in precision, `keystead_edge::authority` says.

use std::cell::RefCell;

use keystead_edge::authority::{Ask, Authority, Kept};
use worker::{
    Env, Result, State, Storage, js_sys,
    wasm_bindgen::{JsValue, prelude::wasm_bindgen},
    web_sys::{Request, Response},
    worker_sys::DurableObjectState,
};

use crate::host;

/// One tenant's counters. (Not by the macro of `worker`: it parses each URL, which costs 100 KiB of tables of international names.)
#[wasm_bindgen]
pub struct TenantLimiter {
    storage: Storage,
    authority: RefCell<Option<Authority>>,
}

#[wasm_bindgen]
impl TenantLimiter {
    /// The object, when the runtime makes it.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, _env: Env) -> Self {
        Self { storage: State::from(state).storage(), authority: RefCell::default() }
    }

    /// Answers an [`Ask`].
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        Ok(self.answer(request).await?)
    }
}

impl TenantLimiter {
    async fn answer(&self, request: Request) -> Result<Response> {
        let question = host::whole(request.as_ref(), 4_096).await?.unwrap_or_default();
        let Ok(ask) = serde_json::from_slice::<Ask>(&question) else {
            return Ok(host::answered(400, &[], "not a question"));
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
        self.storage.put_multiple_raw(written).await?;
        Ok(host::answered(200, &[], &serde_json::to_string(&granted)?))
    }

    async fn restored(&self) -> Result<Authority> {
        let (mut authority, mut idle) = (Authority::default(), Vec::new());
        let kept = self.storage.list().await?;
        for name in kept.keys().into_iter().flatten() {
            let counter = kept.get(&name).as_string().and_then(|text| serde_json::from_str::<Kept>(&text).ok());
            if !counter.is_some_and(|counter| authority.restore(counter, host::now())) {
                idle.extend(JsValue::as_string(&name));
            }
        }
        // The runtime deletes at most 128 at once.
        for names in idle.chunks(128) {
            self.storage.delete_multiple(names.to_vec()).await?;
        }
        Ok(authority)
    }
}
