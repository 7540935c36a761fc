//! The connection to the server, watched: a server that owes an answer and stays silent is given up.
//!
//! A stopped server, a machine that vanished or a path that swallows packets closes nothing, so a query would wait for as
//! long as that lasts, and its connection would go back to the pool as good as ever. Here the connection breaks instead: all
//! who wait on it learn that the outcome is unknown, and the pool opens another.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use deadpool_postgres::Connect;
use futures::future::BoxFuture;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, Sleep, sleep},
};
use tokio_postgres::{Client, Config, Error, NoTls, config::Host};

/// An idle connection is probed after this time, so that whoever is between does not forget it.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Opens connections that break after `patience` of silence where an answer is owed.
pub(crate) struct Wire {
    pub(crate) patience: Duration,
}

impl Connect for Wire {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        Box::pin(async move {
            let stream = Watched::new(open(&config).await, self.patience);
            let (client, connection) = config.connect_raw(stream, NoTls).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    // The driver's messages are fixed; causes, which may quote the server, are not in them.
                    tracing::warn!(%error, "a database connection broke");
                }
            });
            Ok((client, task))
        })
    }
}

/// The first of the configured servers that takes a connection.
async fn open(config: &Config) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::InvalidInput, "the database's address names no host");
    for (index, host) in config.get_hosts().iter().enumerate() {
        let Host::Tcp(name) = host else { continue };
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match TcpStream::connect((name.as_str(), port)).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A stream to the server that knows whether the server's turn to speak has come.
struct Watched<S> {
    /// The driver alone makes its errors: a connection that failed is a stream that fails at its first use.
    stream: Result<S, io::ErrorKind>,
    sent: Frames,
    received: Frames,
    /// Answers that are due: one for each message that asks for one, less those that ended.
    owed: usize,
    /// The server does not take what we send.
    stalled: bool,
    moved: Instant,
    patience: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    fn new(stream: io::Result<S>, patience: Duration) -> Self {
        Self {
            stream: stream.map_err(|error| error.kind()),
            sent: Frames::after_untyped(),
            received: Frames::default(),
            // The startup message asks for the first.
            owed: 1,
            stalled: false,
            moved: Instant::now(),
            patience,
            alarm: Box::pin(sleep(patience)),
        }
    }

    /// Ready once the server was silent for too long while it was its turn. The alarm is set anew when it rings, not with
    /// every message.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let until = self.moved + self.patience;
            let waiting = self.owed > 0 || self.stalled;
            if waiting && Instant::now() >= until {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the database owes an answer"));
            }
            self.alarm.as_mut().reset(if waiting { until } else { Instant::now() + self.patience });
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let stream = this.stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
        if let Poll::Ready(read) = Pin::new(stream).poll_read(cx, buf) {
            this.moved = Instant::now();
            let owed = &mut this.owed;
            let arrived = buf.filled().get(before..).unwrap_or_default();
            this.received.feed(arrived, |kind| *owed = owed.saturating_sub(usize::from(kind == READY)));
            return Poll::Ready(read);
        }
        this.poll_silence(cx).map(Err)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let stream = this.stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
        let written = Pin::new(stream).poll_write(cx, bytes);
        // Nothing was waited for until now, or we have just begun to.
        if this.owed == 0 && !(this.stalled && written.is_pending()) {
            this.moved = Instant::now();
        }
        this.stalled = written.is_pending();
        if let Poll::Ready(Ok(count)) = &written {
            let owed = &mut this.owed;
            let gone = bytes.get(..*count).unwrap_or_default();
            this.sent.feed(gone, |kind| *owed += usize::from(kind == QUERY || kind == SYNC));
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut().stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
        Pin::new(stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut().stream.as_mut().map_err(|kind| io::Error::from(*kind))?;
        Pin::new(stream).poll_shutdown(cx)
    }
}

/// `ReadyForQuery`: an answer has ended.
const READY: u8 = b'Z';
/// `Query`: asks for an answer.
const QUERY: u8 = b'Q';
/// `Sync`: asks for the end of an answer.
const SYNC: u8 = b'S';

/// Finds the beginnings of messages in a stream: one byte of type, four of length, the rest.
#[derive(Debug, Default)]
struct Frames {
    header: [u8; 5],
    filled: usize,
    body: usize,
}

impl Frames {
    /// A stream whose first message has no type: the client's startup message.
    fn after_untyped() -> Self {
        Self { filled: 1, ..Self::default() }
    }

    fn feed(&mut self, mut bytes: &[u8], mut begins: impl FnMut(u8)) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.body > 0 {
                let skipped = self.body.min(bytes.len());
                self.body -= skipped;
                bytes = bytes.get(skipped..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            self.header[self.filled] = *first;
            self.filled += 1;
            if self.filled == self.header.len() {
                self.filled = 0;
                let [kind, length @ ..] = self.header;
                // The length counts itself.
                self.body = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX).saturating_sub(4);
                begins(kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(400);
    const BRIEFLY: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_millis(1_200);
    const STARTUP: [u8; 8] = [0, 0, 0, 8, 0, 3, 0, 0];
    const QUERY_MESSAGE: [u8; 5] = [QUERY, 0, 0, 0, 4];
    const READY_MESSAGE: [u8; 6] = [READY, 0, 0, 0, 5, b'I'];

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
        far.write_all(&READY_MESSAGE).await.expect("ready");
        assert!(!gives_up(&mut stream, LONG).await, "nothing is owed to an idle connection");

        // Two questions in one write; the first answer arrives in pieces.
        stream.write_all(&[QUERY_MESSAGE, QUERY_MESSAGE].concat()).await.expect("two questions");
        let (first, second) = READY_MESSAGE.split_at(3);
        far.write_all(first).await.expect("a piece");
        assert!(!gives_up(&mut stream, BRIEFLY).await, "the first answer is under way");
        far.write_all(second).await.expect("the rest");
        assert!(!gives_up(&mut stream, BRIEFLY).await, "patience begins with the last byte");
        assert!(gives_up(&mut stream, LONG).await, "the second answer is owed");
    }

    #[tokio::test]
    async fn a_server_that_takes_nothing_is_given_up() {
        let (near, _far) = duplex(4);
        let mut stream = Watched::new(Ok(near), PATIENCE);
        stream.owed = 0;
        let (mut reading, mut writing) = tokio::io::split(stream);
        let writes = tokio::spawn(async move { writing.write_all(&[0; 64]).await });
        assert!(gives_up(&mut reading, LONG).await, "the write stands still");
        writes.abort();
    }
}
