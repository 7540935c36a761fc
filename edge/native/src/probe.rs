//! Health and figures, on an address of their own.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::host::Host;

/// Serves probes until `stopping`.
pub(crate) async fn serve(listener: TcpListener, host: Arc<Host>, stopping: CancellationToken) {
    loop {
        let stream = tokio::select! {
            () = stopping.cancelled() => return,
            taken = listener.accept() => match taken {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        let host = Arc::clone(&host);
        let service = service_fn(move |request| {
            let answer = answer(&host, &request);
            async move { Ok::<_, Infallible>(answer) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn answer(host: &Host, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, text) = match request.uri().path() {
        "/health/live" => (StatusCode::OK, "live".to_owned()),
        // Without a directory nobody can be routed.
        "/health/ready" if host.edge.directory().is_some() => (StatusCode::OK, "ready".to_owned()),
        "/health/ready" => (StatusCode::SERVICE_UNAVAILABLE, "no directory".to_owned()),
        "/metrics" => (StatusCode::OK, host.figures.render()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}
