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
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
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
    accept(&listener, &host, &stopping, settings).await;
    refreshing.await.context("the refreshing task")?;
    probing.await.context("the probe's task")
}

async fn accept(listener: &TcpListener, host: &Arc<Host>, stopping: &CancellationToken, settings: &Settings) {
    let graceful = GracefulShutdown::new();
    let patience = Duration::from_secs(settings.client_seconds);
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            taken = listener.accept() => match taken {
                Ok((stream, address)) => connection(stream, address.ip(), host, patience, &graceful),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(EXHAUSTED).await;
                }
            },
        }
    }
    if timeout(Duration::from_secs(settings.drain_seconds), graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still open when time was up");
    }
}

fn connection(
    stream: TcpStream,
    address: std::net::IpAddr,
    host: &Arc<Host>,
    patience: Duration,
    graceful: &GracefulShutdown,
) {
    let _ = stream.set_nodelay(true);
    let host = Arc::clone(host);
    let service = service_fn(move |request| {
        let host = Arc::clone(&host);
        async move { Ok::<_, std::convert::Infallible>(host.answer(request, address).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience).max_headers(100);
    let served = graceful.watch(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::debug!(%error, "a connection broke");
        }
    });
}
