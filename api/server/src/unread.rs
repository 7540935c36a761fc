//! What nobody read of a request's body.
//!
//! Who is refused by the head alone is answered before the body was read. HTTP/1.1 then has to close the connection, and a proxy
//! that just sent its next request on it gets no answer. Reading the little that is left keeps the connection.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::timeout;

/// More is not worth reading: what is that long is sent rarely, and may be long on its way.
const MOST: u64 = 1024 * 1024;
/// Nor is waiting longer for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body that two hold: who handles the request, and who reads what that leaves.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Body>>);

impl Shared {
    pub(crate) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads what is left, if that is little.
    pub(crate) async fn finish(mut self) {
        let mut most = MOST;
        let rest = async {
            while !self.is_end_stream() && self.size_hint().lower() <= most {
                let frame = std::future::poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await;
                let Some(Ok(frame)) = frame else { return };
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(left) = most.checked_sub(bytes as u64) else { return };
                most = left;
            }
        };
        // In time or not: the answer goes out.
        let _ = timeout(PATIENCE, rest).await;
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Body) -> T) -> T {
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.with(|body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
