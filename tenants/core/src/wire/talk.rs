//! What the driver says to the server and hears from it, statements of one transaction under one Sync.
//!
//! The driver ends each statement with a Sync of its own, and the server answers each Sync with a wake-up, a write and some
//! bookkeeping. Of the statements that leave together within a transaction only the last keeps its Sync here; for the others the
//! driver hears `ReadyForQuery` from us, once their answer has ended. Outside of a transaction nothing is left out: there a Sync
//! commits.
//!
//! After an error the server skips what comes before the next Sync. The driver hears of those statements what the server would
//! have said had each had its own: that the transaction is aborted.
//!
//! Who miscounts answers gives one tenant what another asked for. So whatever does not follow the protocol breaks the connection:
//! an unknown message, an answer more or less, and a transaction that is open where it has ended or the other way round.
//!
//! Source: <https://www.postgresql.org/docs/current/protocol-flow.html>, "Extended Query" and "Pipelining".

// The bench takes this file in by its path.
#[cfg(test)]
#[path = "talk/tests.rs"]
pub(super) mod tests;

use std::{collections::VecDeque, io, mem};

use bytes::{Buf as _, Bytes, BytesMut};
use postgres_protocol::message::backend::{self, Header};

/// Frontend's messages, by their first byte.
const BIND: u8 = b'B';
const CLOSE: u8 = b'C';
const DESCRIBE: u8 = b'D';
const EXECUTE: u8 = b'E';
const PARSE: u8 = b'P';
const QUERY: u8 = b'Q';
const SYNC: u8 = b'S';

/// What a server says after login, and which of it without being asked. Not that it wants to be sent a copy: it passes over
/// Syncs then.
const KNOWN: &[u8] = b"123ACDEHINSTZcdnst";
const UNASKED: &[u8] = b"AENS";

/// How a server is ready.
const IDLE: u8 = b'I';
const IN_TRANSACTION: u8 = b'T';
const IN_FAILED_TRANSACTION: u8 = b'E';

const SYNC_MESSAGE: [u8; 5] = *b"S\0\0\0\x04";
const READY_IN_TRANSACTION: [u8; 6] = *b"Z\0\0\0\x05T";
const READY_IN_FAILED_TRANSACTION: [u8; 6] = *b"Z\0\0\0\x05E";

/// `in_failed_sql_transaction`, as the server words it.
const ABORTED: &[u8] = b"SERROR\0VERROR\0C25P02\0\
    Mcurrent transaction is aborted, commands ignored until end of transaction block\0\0";

/// An answer that the driver waits for; a `ReadyForQuery` ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The server ends it, and is then ready in none of these ways.
    Theirs { never: &'static [u8] },
    /// We end it: its Sync was left out.
    Ours,
}

/// How much of a request the driver has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Bind,
    /// All of a prepared statement but its Sync.
    BindAndExecute,
    SomethingElse,
}

/// Both directions of one connection. Nothing is sent here: [`Talk::outgoing`] is to be written, [`Talk::incoming`] to be read.
#[derive(Debug)]
pub(crate) struct Talk {
    /// For the server.
    pub(crate) outgoing: BytesMut,
    /// For the driver.
    pub(crate) incoming: BytesMut,
    /// What the server said; [`Talk::hear`] takes from it what has arrived to its end.
    pub(crate) arriving: BytesMut,
    /// Of a message that the driver has not said to its end.
    unsaid: BytesMut,
    started: bool,
    said: Said,
    /// A Sync that is sent unless another statement follows it.
    held: bool,
    answers: VecDeque<Answer>,
    /// The server skips what it is sent until a Sync.
    skipping: bool,
    /// The server was ready once.
    logged_in: bool,
    /// The name of the statement that begins a transaction.
    begin: Option<Bytes>,
    in_transaction: bool,
}

impl Talk {
    /// A connection before its first message.
    pub(crate) fn new() -> Self {
        Self {
            outgoing: BytesMut::new(),
            incoming: BytesMut::new(),
            arriving: BytesMut::new(),
            unsaid: BytesMut::new(),
            started: false,
            said: Said::Nothing,
            held: false,
            answers: VecDeque::new(),
            skipping: false,
            logged_in: false,
            begin: None,
            in_transaction: false,
        }
    }

    /// How many statements the server answers before it says anything, at most; none if it owes no answer. It keeps what it has
    /// to say until it comes to a Sync.
    pub(crate) fn owed(&self) -> u32 {
        let until_sync = self.answers.iter().take_while(|one| **one == Answer::Ours).count() + 1;
        if self.answers.is_empty() { 0 } else { u32::try_from(until_sync).unwrap_or(u32::MAX) }
    }

    /// Takes what the driver says.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut said = mem::take(&mut self.unsaid);
        said.extend_from_slice(bytes);
        while let Some(length) = if self.started { length(&said)? } else { length_of_startup(&said) } {
            let message = said.split_to(length);
            if self.started {
                self.pass(&message);
            } else {
                self.started = true;
                self.answers.push_back(Answer::Theirs { never: b"" });
                self.outgoing.extend_from_slice(&message);
            }
        }
        self.unsaid = said;
        Ok(())
    }

    /// Nothing more is said for now.
    pub(crate) fn pause(&mut self) {
        if mem::take(&mut self.held) {
            self.outgoing.extend_from_slice(&SYNC_MESSAGE);
        }
    }

    fn pass(&mut self, message: &[u8]) {
        let kind = message.first().copied().unwrap_or_default();
        if self.held && kind == BIND && !self.skipping {
            self.held = false;
            if let Some(last) = self.answers.back_mut() {
                *last = Answer::Ours;
            }
        }
        self.pause();
        if self.said == Said::Nothing && [PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, QUERY].contains(&kind) {
            self.answers.push_back(Answer::Theirs { never: b"" });
        }
        self.follow(kind, message);
        if !self.held {
            self.outgoing.extend_from_slice(message);
        }
    }

    /// Keeps up with the driver.
    fn follow(&mut self, kind: u8, message: &[u8]) {
        let mut texts = message.get(5..).unwrap_or_default().split(|byte| *byte == 0);
        let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        match (self.said, kind) {
            (_, QUERY) => self.in_transaction &= is_on_a_savepoint(first),
            (Said::BindAndExecute, SYNC) => self.held = self.in_transaction && !self.skipping,
            (_, PARSE) if second == b"BEGIN" && !first.is_empty() => self.begin = Some(Bytes::copy_from_slice(first)),
            (_, BIND) => self.in_transaction |= self.begin.as_deref() == Some(second),
            _ => {}
        }
        if [QUERY, SYNC].contains(&kind) {
            let never: &[u8] = match (kind, first) {
                _ if self.in_transaction => &[IDLE],
                (QUERY, b"COMMIT" | b"ROLLBACK") => &[IN_TRANSACTION, IN_FAILED_TRANSACTION],
                // It stops at what fails ahead of its end.
                (QUERY, b"SELECT; COMMIT") => &[IN_TRANSACTION],
                _ => &[],
            };
            if let Some(last) = self.answers.back_mut() {
                *last = Answer::Theirs { never };
            }
        }
        self.said = match (self.said, kind) {
            (_, QUERY | SYNC) => Said::Nothing,
            (Said::Nothing, BIND) => Said::Bind,
            (Said::Bind, EXECUTE) => Said::BindAndExecute,
            (Said::Nothing, PARSE | DESCRIBE | EXECUTE | CLOSE) => Said::SomethingElse,
            (Said::Nothing, _) => Said::Nothing,
            _ => Said::SomethingElse,
        };
    }

    /// Takes what has arrived.
    pub(crate) fn hear(&mut self) -> io::Result<()> {
        let mut arriving = mem::take(&mut self.arriving);
        // What goes to the driver as it is goes in one piece, as far as that is possible.
        let mut end = 0;
        while let Some(length) = length(arriving.get(end..).unwrap_or_default())? {
            let kind = arriving.get(end).copied().unwrap_or_default();
            end += length;
            self.check(kind)?;
            match (kind, self.answers.front()) {
                (backend::READY_FOR_QUERY_TAG, _) => self.end_theirs(arriving.get(end - 1).copied())?,
                (
                    backend::COMMAND_COMPLETE_TAG | backend::EMPTY_QUERY_RESPONSE_TAG | backend::PORTAL_SUSPENDED_TAG,
                    Some(Answer::Ours),
                ) => {
                    self.answers.pop_front();
                    self.incoming.extend_from_slice(&arriving.split_to(mem::take(&mut end)));
                    self.incoming.extend_from_slice(&READY_IN_TRANSACTION);
                }
                (backend::ERROR_RESPONSE_TAG, Some(Answer::Ours)) => {
                    self.incoming.extend_from_slice(&arriving.split_to(mem::take(&mut end)));
                    self.skip();
                }
                _ => {}
            }
        }
        self.incoming.extend_from_slice(arriving.get(..end).unwrap_or_default());
        arriving.advance(end);
        self.arriving = arriving;
        Ok(())
    }

    /// Refuses what no server says here.
    fn check(&self, kind: u8) -> io::Result<()> {
        let is_known = KNOWN.contains(&kind) || !self.logged_in;
        let is_asked = !self.answers.is_empty() || UNASKED.contains(&kind);
        if is_known && is_asked { Ok(()) } else { Err(misunderstood()) }
    }

    /// The server is ready, in this way.
    fn end_theirs(&mut self, how: Option<u8>) -> io::Result<()> {
        let Some(Answer::Theirs { never }) = self.answers.pop_front() else { return Err(misunderstood()) };
        let has_failed = how == Some(IN_FAILED_TRANSACTION);
        if how.is_none_or(|how| never.contains(&how)) || self.skipping && !has_failed {
            return Err(misunderstood());
        }
        self.skipping = false;
        self.logged_in = true;
        Ok(())
    }

    /// A statement has failed, and the server is silent about those behind it, up to the one that kept its Sync.
    fn skip(&mut self) {
        self.skipping = true;
        while self.answers.front() == Some(&Answer::Ours) {
            self.answers.pop_front();
            self.incoming.extend_from_slice(&READY_IN_FAILED_TRANSACTION);
            let length = u32::try_from(ABORTED.len() + 4).unwrap_or_default();
            self.incoming.extend_from_slice(&[backend::ERROR_RESPONSE_TAG]);
            self.incoming.extend_from_slice(&length.to_be_bytes());
            self.incoming.extend_from_slice(ABORTED);
        }
    }
}

/// The two ends do not speak of the same statements any more.
fn misunderstood() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the database answers what it was not asked")
}

/// How long the first message is, if it is there to its end: one byte of type, four of length, the rest.
fn length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(header) = Header::parse(bytes)? else { return Ok(None) };
    // The length counts itself, and not the type.
    let length = usize::try_from(header.len()).unwrap_or(usize::MAX).saturating_add(1);
    Ok((bytes.len() >= length).then_some(length))
}

/// The same for a connection's first message, which has no type.
fn length_of_startup(bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk::<4>()?)).unwrap_or(usize::MAX);
    (bytes.len() >= length).then_some(length)
}

/// Statements of ours on savepoints leave the transaction open.
fn is_on_a_savepoint(query: &[u8]) -> bool {
    [b"SAVEPOINT ".as_slice(), b"RELEASE SAVEPOINT ", b"ROLLBACK TO SAVEPOINT "]
        .iter()
        .any(|one| query.starts_with(one))
}
