//! A stream to the server that breaks when the server owes an answer and stays silent.
//!
//! A stopped server, a machine that vanished or a path that swallows packets closes nothing, so a query would wait for as
//! long as that lasts, and its connection would go back to the pool as good as ever. Here the connection breaks instead: all
//! who wait on it learn that the outcome is unknown, and the pool opens another.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf as _;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};
use tokio_util::io::{poll_read_buf, poll_write_buf};

use super::{Patience, talk::Talk};

/// The driver says no more before so much has left.
const OUTGOING_MAX: usize = 64 * 1024;

/// Room for what one read brings.
const READ_AT_ONCE: usize = 16 * 1024;

/// A stream to the server, between it and the driver.
pub(crate) struct Watched<S> {
    /// The driver alone makes its errors: a connection that failed is a stream that fails at its first use.
    stream: Result<S, io::ErrorKind>,
    talk: Talk,
    /// The server does not take what we send.
    stalled: bool,
    moved: Instant,
    patience: Patience,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: io::Result<S>, patience: Patience) -> Self {
        Self {
            stream: stream.map_err(|error| error.kind()),
            talk: Talk::new(),
            stalled: false,
            moved: Instant::now(),
            patience,
            alarm: Box::pin(sleep(patience.each)),
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut S>>
    where
        S: Unpin,
    {
        self.stream.as_mut().map(Pin::new).map_err(|kind| io::Error::from(*kind))
    }

    /// Ready once the server was silent for too long while it was its turn. The alarm is set anew when it rings, not with
    /// every message.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            // Each of them may take its time, and what it answers is not sent before the last has been answered.
            let statements = self.talk.owed();
            let until = self.moved + self.patience.each.saturating_mul(statements.max(1)).min(self.patience.all);
            let waiting = statements > 0 || self.stalled;
            if waiting && Instant::now() >= until {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the database owes an answer"));
            }
            self.alarm.as_mut().reset(if waiting { until } else { Instant::now() + self.patience.each });
        }
    }
}

impl<S: AsyncWrite + Unpin> Watched<S> {
    /// Ready once all that was said has left.
    fn poll_leave(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.talk.pause();
        while self.talk.outgoing.has_remaining() {
            let stream = self.stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
            let written = poll_write_buf(Pin::new(stream), cx, &mut self.talk.outgoing);
            self.stalled = written.is_pending();
            if ready!(written)? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.talk.incoming.is_empty() {
            let stream = this.stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
            this.talk.arriving.reserve(READ_AT_ONCE);
            let Poll::Ready(read) = poll_read_buf(Pin::new(stream), cx, &mut this.talk.arriving) else {
                return this.poll_silence(cx).map(Err);
            };
            this.moved = Instant::now();
            if read? == 0 {
                return Poll::Ready(Ok(()));
            }
            this.talk.hear()?;
        }
        let incoming = &mut this.talk.incoming;
        let fits = incoming.len().min(buf.remaining());
        buf.put_slice(incoming.get(..fits).unwrap_or_default());
        incoming.advance(fits);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.talk.outgoing.len() > OUTGOING_MAX {
            ready!(this.poll_leave(cx))?;
        }
        // Nothing was waited for until now.
        if this.talk.owed() == 0 {
            this.moved = Instant::now();
        }
        this.talk.say(bytes)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_leave(cx))?;
        this.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_leave(cx))?;
        this.stream()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::talk::tests::{statement, talk};
    use super::*;

    const PATIENCE: Patience = Patience { each: Duration::from_millis(400), all: Duration::from_millis(1_000) };
    const BRIEFLY: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_millis(1_200);
    const STARTUP: [u8; 8] = [0, 0, 0, 8, 0, 3, 0, 0];
    const QUERY_MESSAGE: [u8; 6] = *b"Q\0\0\0\x05\0";
    const READY_MESSAGE: [u8; 6] = *b"Z\0\0\0\x05I";

    /// Reads until the stream fails or `span` has passed; tells whether it was given up.
    async fn gives_up(stream: &mut (impl AsyncRead + Unpin), span: Duration) -> bool {
        let mut buffer = [0; 64];
        let reading = async {
            loop {
                match stream.read(&mut buffer).await {
                    Err(error) => return error.kind() == io::ErrorKind::TimedOut,
                    Ok(0) => return false,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(span, reading).await.unwrap_or(false)
    }

    #[tokio::test]
    async fn silence_breaks_the_connection_only_while_an_answer_is_owed() {
        let (near, mut far) = duplex(1024);
        let mut stream = Watched::new(Ok(near), PATIENCE);
        stream.write_all(&STARTUP).await.expect("startup");
        stream.flush().await.expect("startup");
        far.write_all(&READY_MESSAGE).await.expect("ready");
        assert!(!gives_up(&mut stream, LONG).await, "nothing is owed to an idle connection");

        // Two questions in one write; the first answer arrives in pieces.
        stream.write_all(&[QUERY_MESSAGE, QUERY_MESSAGE].concat()).await.expect("two questions");
        stream.flush().await.expect("two questions");
        let (first, second) = READY_MESSAGE.split_at(3);
        far.write_all(first).await.expect("a piece");
        assert!(!gives_up(&mut stream, BRIEFLY).await, "the first answer is under way");
        far.write_all(second).await.expect("the rest");
        assert!(!gives_up(&mut stream, BRIEFLY).await, "patience begins with the last byte");
        assert!(gives_up(&mut stream, LONG).await, "the second answer is owed");
    }

    #[tokio::test]
    async fn statements_that_share_a_sync_may_take_the_time_of_all_of_them() {
        let (near, _far) = duplex(1024);
        let mut stream = Watched::new(Ok(near), PATIENCE);
        stream.talk = talk();
        let said = [statement("s0"), statement("s1"), statement("s2")].concat();
        stream.write_all(&said).await.expect("three statements");
        stream.flush().await.expect("three statements");
        assert!(!gives_up(&mut stream, PATIENCE.each * 2).await, "the server may be at the third");
        assert!(gives_up(&mut stream, LONG).await, "no answer to any of them");
    }

    #[tokio::test]
    async fn however_many_statements_share_a_sync_patience_ends() {
        let (near, _far) = duplex(4096);
        let mut stream = Watched::new(Ok(near), PATIENCE);
        stream.talk = talk();
        stream.write_all(&["s0"; 20].map(statement).concat()).await.expect("twenty statements");
        stream.flush().await.expect("twenty statements");
        assert!(gives_up(&mut stream, LONG).await, "not twenty times what one may take");
    }

    #[tokio::test]
    async fn a_server_that_takes_nothing_is_given_up() {
        let (near, _far) = duplex(4);
        let mut stream = Watched::new(Ok(near), PATIENCE);
        stream.talk.outgoing.extend_from_slice(&[0; 64]);
        let (mut reading, mut writing) = tokio::io::split(stream);
        let writes = tokio::spawn(async move { writing.flush().await });
        assert!(gives_up(&mut reading, LONG).await, "the write stands still");
        writes.abort();
    }
}
