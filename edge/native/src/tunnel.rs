//! WebSockets: once both sides agreed, bytes go through untouched.

use hyper::{Response, body::Incoming, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

/// Joins the caller's side with the cell's, in a task of its own, until either ends.
pub(crate) fn join(caller: OnUpgrade, cell: Response<Incoming>) {
    tokio::spawn(async move {
        let (Ok(caller), Ok(cell)) = tokio::join!(caller, hyper::upgrade::on(cell)) else { return };
        let (mut caller, mut cell) = (TokioIo::new(caller), TokioIo::new(cell));
        if let Err(error) = copy_bidirectional(&mut caller, &mut cell).await {
            tracing::debug!(%error, "a WebSocket broke");
        }
    });
}
