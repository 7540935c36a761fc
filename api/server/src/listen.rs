//! Connections of clients: taken, served within time, and let go when the server stops.
//!
//! A client may be slow, silent or gone without a word. None of them costs more than a socket, and that for a bounded time.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use hyper::{
    Request,
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

use crate::unread::Shared;

/// Without a file descriptor for another connection, wait for some to close.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// How long clients and stopping may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request, and for a pause within its body or within taking the answer.
    pub(crate) client: Duration,
    /// For what is open when the server stops.
    pub(crate) drain: Duration,
}

/// Serves until `stopping` is cancelled. Then no connection is taken any more, idle ones are closed, and those with a request
/// under way are closed after its answer; what is still open when time is up breaks off.
pub(crate) async fn serve(listener: TcpListener, router: Router, patience: Patience, stopping: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            // Whoever is done is forgotten.
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            taken = listener.accept() => match taken {
                Ok((stream, address)) => {
                    connections.spawn(connection(stream, address, router.clone(), patience, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(EXHAUSTED).await;
                }
            },
        }
    }
    drop(listener);
    if timeout(patience.drain, async { while connections.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(open = connections.len(), "requests were still open when time was up");
        connections.shutdown().await;
    }
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    patience: Patience,
    stopping: CancellationToken,
) {
    // Answers are small: send them at once.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(router.clone(), address, patience, request));
    let io = TokioIo::new(Taken::new(stream, patience.client));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.client);
    let mut served = std::pin::pin!(http.serve_connection(io, service));
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

async fn answer(
    router: Router,
    address: SocketAddr,
    patience: Patience,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(|body| Body::new(TimeoutBody::new(patience.client, body)));
    request.extensions_mut().insert(ConnectInfo(address));
    if request.body().is_end_stream() {
        return router.oneshot(request).await;
    }
    let (head, body) = request.into_parts();
    let body = Shared::new(body);
    let answer = router.oneshot(Request::from_parts(head, Body::new(body.clone()))).await;
    body.finish().await;
    answer
}

/// A stream whose client has to take what we write: one that stands still for too long breaks.
struct Taken<S> {
    stream: S,
    patience: Duration,
    /// Set while a write stands still.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<S> Taken<S> {
    const fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, alarm: None }
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.alarm = None;
            return wrote;
        }
        let until = Instant::now() + self.patience;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        alarm.as_mut().poll(cx).map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taken<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taken<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(cx, wrote)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.watch(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
