//! The edge as a server of its own: for one machine, and for those who host Keystead without Cloudflare.
//!
//! All decisions are `keystead-edge`'s, as in the worker. This brings sockets, time, randomness and files.

mod files;
mod host;
mod probe;
mod refresh;
mod settings;
mod tunnel;
mod upstream;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use host::Host;
pub use settings::Settings;

/// Without a file descriptor for another connection, wait for some to close.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, then lets open requests finish within the configured time.
///
/// # Errors
/// When the configuration does not read.
pub async fn serve(
    settings: &Settings,
    listener: TcpListener,
    probes: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let host = Arc::new(Host::new(settings)?);
    let stopping = CancellationToken::new();
    let refreshing = tokio::spawn(refresh::run(Arc::clone(&host), stopping.clone()));
    let probing = tokio::spawn(probe::serve(probes, Arc::clone(&host), stopping.clone()));
    tokio::spawn({
        let stopping = stopping.clone();
        async move {
            stop.await;
            stopping.cancel();
        }
    });
    let mut open = accept(&listener, &host, &stopping, settings).await;
    drop(listener);
    let drained =
        timeout(Duration::from_secs(settings.drain_seconds), async { while open.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!(open = open.len(), "requests were still open when time was up");
        open.shutdown().await;
    }
    refreshing.await.context("the refreshing task")?;
    probing.await.context("the probe's task")
}

/// Takes connections until `stopping`; those that are open then.
async fn accept(
    listener: &TcpListener,
    host: &Arc<Host>,
    stopping: &CancellationToken,
    settings: &Settings,
) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    let patience = Duration::from_secs(settings.client_seconds);
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            // Whoever is done is forgotten.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            taken = listener.accept() => match taken {
                Ok((stream, address)) => {
                    connections.spawn(connection(stream, address.ip(), Arc::clone(host), patience, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(EXHAUSTED).await;
                }
            },
        }
    }
    connections
}

async fn connection(
    stream: TcpStream,
    address: std::net::IpAddr,
    host: Arc<Host>,
    patience: Duration,
    stopping: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let host = Arc::clone(&host);
        async move { Ok::<_, std::convert::Infallible>(host.answer(request, address).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience).max_headers(128);
    let mut served = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
