//! An S3 server on files.
//!
//! S3 promises that a conditional write is one step, and that a read gives the entity tag of what it gives. The server of s3s-fs
//! looks first and writes later, so requests to one object take turns here: writes alone, reads together.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::http::{Method, Request, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, HttpResponse};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;
use tower::{Layer as _, service_fn};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// The only key the server knows.
#[derive(Clone)]
pub struct AccessKey {
    /// Access key id.
    pub id: String,
    /// Secret access key.
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A running S3 server; stops when dropped.
#[derive(Debug)]
pub struct S3 {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl S3 {
    /// Serves the folder `root`, one sub-folder per bucket.
    ///
    /// # Errors
    /// When the folder or the address cannot be used.
    pub async fn start(root: &Path, addr: SocketAddr, key: &AccessKey) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot create {}", root.display()))?;
        // The error of the store is not Sync, so only its text can be kept.
        let files =
            FileSystem::new(root).map_err(|error| anyhow::anyhow!("cannot open {}: {error:?}", root.display()))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(key.id.as_str(), key.secret.as_str()));
        let listener = TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr} for S3"))?;
        let addr = listener.local_addr()?;
        Ok(Self { addr, task: tokio::spawn(accept(listener, service.build())) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The endpoint as clients take it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Pages of the workspace upload and download with presigned URLs, so their origins may ask: those on this machine, whatever
/// their port. What they may do is in the signature.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _| is_local(origin.as_bytes())))
        .allow_methods([Method::GET, Method::HEAD, Method::PUT])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::ETAG, header::CONTENT_LENGTH, header::CONTENT_DISPOSITION])
        .max_age(std::time::Duration::from_secs(600))
}

/// `http://localhost`, `http://<anything>.localhost` or `http://127.0.0.1`, with or without a port.
fn is_local(origin: &[u8]) -> bool {
    let Some(authority) = std::str::from_utf8(origin).ok().and_then(|origin| origin.strip_prefix("http://")) else {
        return false;
    };
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_host = host == "localhost" || host == "127.0.0.1" || host.strip_suffix(".localhost").is_some_and(is_name);
    is_host && port.parse::<u16>().is_ok()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// A lock for every object that is being asked for.
type Turns = Arc<Mutex<HashMap<String, Arc<RwLock<()>>>>>;

async fn in_turn(service: S3Service, turns: Turns, request: Request<Incoming>) -> Result<HttpResponse, HttpError> {
    let request = request.map(Body::from);
    let object = request.uri().path().to_owned();
    let turn = {
        let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(object).or_default())
    };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let _reading = turn.read().await;
        service.call(request).await
    } else {
        let _writing = turn.write().await;
        service.call(request).await
    }
}

async fn accept(listener: TcpListener, service: S3Service) {
    let turns = Turns::default();
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let (service, turns) = (service.clone(), turns.clone());
                tokio::spawn(async move {
                    // A client that hangs up is its own business.
                    let served = service_fn(move |request| in_turn(service.clone(), turns.clone(), request));
                    let served = TowerToHyperService::new(cors().layer(served));
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), served).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "S3 cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_may_ask() {
        for good in
            ["http://localhost:8080", "http://acme.localhost:24080", "http://127.0.0.1:5173", "http://localhost"]
        {
            assert!(is_local(good.as_bytes()), "{good}");
        }
        for bad in [
            "https://evil.test",
            "http://localhost.evil.test",
            "http://evil.test:80",
            "http://.localhost",
            "http://a@b.localhost",
            "null",
            "http://localhost:x",
        ] {
            assert!(!is_local(bad.as_bytes()), "{bad}");
        }
    }
}
