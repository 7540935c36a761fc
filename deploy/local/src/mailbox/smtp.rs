//! The receiving side of SMTP (RFC 5321), without TLS and without relaying.

use std::io;
use std::net::IpAddr;

use mailin::response::{NO_MAILBOX, NO_SERVICE, OK};
use mailin::{Action, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::store::Store;

/// Longest line taken, in bytes; RFC 5321, 4.5.3.1.6 asks for 1,000.
const LINE_MAX: u64 = 64 << 10;

/// Longest mail taken, in bytes.
const MAIL_MAX: usize = 10 << 20;

pub(super) async fn serve(listener: TcpListener, store: Store) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                let receiver = Receiver { store: store.clone(), recipients: Vec::new(), mail: Vec::new() };
                tokio::spawn(async move {
                    // A client that hangs up is its own business.
                    let _ = converse(socket, peer.ip(), receiver).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the mailbox cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(socket: TcpStream, peer: IpAddr, receiver: Receiver) -> io::Result<()> {
    let mut stream = BufReader::new(socket);
    let mut session: Session<Receiver> = SessionBuilder::new("localhost").build(peer, receiver);
    stream.write_all(&session.greeting().buffer()?).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        (&mut stream).take(LINE_MAX).read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let response = session.process(&line);
        stream.write_all(&response.buffer()?).await?;
        if response.action == Action::Close {
            return Ok(());
        }
    }
}

/// Collects one mail at a time.
struct Receiver {
    store: Store,
    recipients: Vec<String>,
    mail: Vec<u8>,
}

impl Handler for Receiver {
    fn rcpt(&mut self, to: &str) -> Response {
        if self.store.refuses(to.trim_matches(['<', '>'])) { NO_MAILBOX } else { OK }
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.recipients = to.iter().map(|one| one.trim_matches(['<', '>']).to_owned()).collect();
        self.mail.clear();
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        // One byte past the limit is enough to know; the rest of the mail is read and dropped.
        if self.mail.len() <= MAIL_MAX {
            self.mail.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mail = std::mem::take(&mut self.mail);
        // Refusing means closing: after another error the session would go on taking commands for mail.
        if mail.len() > MAIL_MAX || self.store.keep(&self.recipients, &mail).is_err() { NO_SERVICE } else { OK }
    }
}
