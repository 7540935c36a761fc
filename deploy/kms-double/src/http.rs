//! The wire: HTTP/1.1 on loopback.

use std::{sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    error::Refusal,
    faults::{Desk, FaultMode, Faults},
    ops::{self, Operation},
    vault::Vault,
};

/// Bytes of the largest request; the largest legal one (a context of 8 KiB and 6 KiB of ciphertext) is far smaller.
const BODY_LIMIT: usize = 256 * 1024;

/// Accepts connections until it is aborted, which aborts them too.
pub(crate) async fn serve(listener: TcpListener, vault: Arc<Vault>, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&vault), Arc::clone(&desk)));
                }
                Err(cause) => {
                    // Out of file descriptors, mostly: wait for some to close rather than spin.
                    tracing::warn!(%cause, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_finished) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, vault: Arc<Vault>, desk: Arc<Desk>) {
    // Answers are one small segment; waiting to coalesce them would only add latency.
    let _best_effort = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, Arc::clone(&vault), Arc::clone(&desk)));
    if let Err(cause) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%cause, "connection ended");
    }
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped on request")
    }
}

impl std::error::Error for Dropped {}

async fn answer(
    request: Request<Incoming>,
    vault: Arc<Vault>,
    desk: Arc<Desk>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(reply(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "__type": "RequestEntityTooLargeException" })));
    };
    let body = body.to_bytes();
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/") => call(&parts, body, vault, &desk).await,
        (method, path) => Ok(administer(method, path, &body, &desk)),
    }
}

fn administer(method: &Method, path: &str, body: &[u8], desk: &Desk) -> Response<Full<Bytes>> {
    match (method, path) {
        (&Method::POST, "/__faults") => match serde_json::from_slice::<Faults>(body) {
            Ok(faults) => {
                desk.set_faults(faults);
                reply(StatusCode::OK, &json!(faults))
            }
            Err(cause) => reply(StatusCode::BAD_REQUEST, &json!({ "error": cause.to_string() })),
        },
        (&Method::GET, "/__faults") => reply(StatusCode::OK, &json!(desk.faults())),
        (&Method::GET, "/__ledger") => reply(StatusCode::OK, &json!(desk.ledger())),
        (&Method::DELETE, "/__ledger") => {
            desk.reset_ledger();
            reply(StatusCode::OK, &json!({}))
        }
        _ => reply(StatusCode::NOT_FOUND, &json!({ "__type": "UnknownOperationException" })),
    }
}

async fn call(
    parts: &hyper::http::request::Parts,
    body: Bytes,
    vault: Arc<Vault>,
    desk: &Desk,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let Some(operation) = target.strip_prefix("TrentService.").and_then(Operation::parse) else {
        return Ok(refuse(&Refusal::new("UnknownOperationException", "")));
    };
    let count = desk.count(operation);
    let faults = desk.faults();
    let mode = faults.of(operation);
    tokio::time::sleep(Duration::from_millis(faults.latency_ms)).await;
    if mode == FaultMode::Drop {
        return Err(Dropped);
    }
    if let Some(refusal) = mode.refusal() {
        return Ok(refuse(&refusal));
    }
    if !parts.headers.contains_key(AUTHORIZATION) {
        return Ok(refuse(&Refusal::new(
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        )));
    }
    // Changes wait for the disk, which must not hold up a thread that serves connections.
    let done = tokio::task::spawn_blocking(move || ops::perform(&vault, operation, &body)).await;
    if mode == FaultMode::Mute && count % 2 == 1 {
        return Err(Dropped);
    }
    Ok(match done.unwrap_or_else(|panic| Err(Refusal::internal(&panic))) {
        Ok(document) => reply(StatusCode::OK, &document),
        Err(refusal) => refuse(&refusal),
    })
}

fn refuse(refusal: &Refusal) -> Response<Full<Bytes>> {
    reply(refusal.status, &refusal.body())
}

fn reply(status: StatusCode, document: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(document.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}
