//! A key management service for one machine: the AWS KMS protocol, real key states, keys that survive `kill -9`.
//!
//! It serves the local environment and the tests. It speaks AWS JSON 1.1 (`X-Amz-Target: TrentService.<operation>`) for the
//! operations that Keystead calls, and answers what AWS answers when a key is disabled, pending deletion, unknown, or when
//! the encryption context does not match.
//!
//! What it is not: request signatures are **not verified** (an `Authorization` header must merely be present), there are no
//! key policies or grants, and the key material lies unencrypted in the state folder (mode 0600). So it binds loopback
//! addresses only and refuses any other.
//!
//! Tests steer it over the same port: `POST /__faults` takes a [`Faults`] document, `GET /__ledger` returns the calls per
//! operation and `DELETE /__ledger` starts the count again.

mod error;
mod faults;
mod http;
mod ops;
mod record;
mod store;
mod vault;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
pub use faults::{FaultMode, Faults};
pub use ops::Operation;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{faults::Desk, store::Store, vault::Vault};

/// The service; see the crate's documentation.
#[derive(Debug, Clone, Copy)]
pub struct KmsDouble;

impl KmsDouble {
    /// Serves `addr` (port 0 picks a free port) with the keys of `state_dir`, which is created when missing.
    ///
    /// # Errors
    /// When `addr` is not a loopback address or is taken, when another process serves the same folder, or when the folder
    /// cannot be read.
    pub async fn start(state_dir: PathBuf, addr: SocketAddr) -> anyhow::Result<Running> {
        ensure!(addr.ip().is_loopback(), "the KMS double listens on loopback only, not on {addr}");
        let store = tokio::task::spawn_blocking(move || Store::open(&state_dir)).await??;
        let desk = Arc::new(Desk::default());
        let vault = Arc::new(Vault::new(store, Arc::clone(&desk)));
        let listener = TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr}"))?;
        let addr = listener.local_addr()?;
        let server = tokio::spawn(http::serve(listener, vault, Arc::clone(&desk)));
        Ok(Running { addr, desk, server })
    }
}

/// A serving double; dropping it stops the service as abruptly as a crash would.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The endpoint URL for an SDK.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Sets the faults of all calls from now on, as `POST /__faults` does.
    pub fn set_faults(&self, faults: Faults) {
        self.desk.set_faults(faults);
    }

    /// Calls per operation since the start or the last reset, failed ones included.
    #[must_use]
    pub fn ledger(&self) -> BTreeMap<&'static str, u64> {
        self.desk.ledger()
    }

    /// Stops, and returns once the state folder is free for another instance.
    pub async fn stop(mut self) {
        self.server.abort();
        // The error is the cancellation that was just asked for.
        let _cancelled = (&mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}
