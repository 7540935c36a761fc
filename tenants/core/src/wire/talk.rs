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

#[cfg(test)]
pub(super) mod tests {
    use std::iter;

    use postgres_protocol::{IsNull, message::frontend};

    use super::*;

    const COMPLETE: &[u8] = b"2\0\0\0\x04C\0\0\0\x0dSELECT 1\0";
    const ERROR: &[u8] = b"E\0\0\0\x0cC22012\0\0";
    const READY: &[u8] = b"Z\0\0\0\x05T";

    /// After login, with `BEGIN` prepared as `s0`.
    pub(in super::super) fn talk() -> Talk {
        let mut talk = Talk::new();
        let mut login = BytesMut::new();
        frontend::startup_message([("user", "ada")], &mut login).expect("a startup message");
        frontend::password_message(b"secret", &mut login).expect("a password");
        frontend::parse("s0", "BEGIN", [], &mut login).expect("a statement");
        frontend::describe(b'S', "s0", &mut login).expect("a statement");
        frontend::sync(&mut login);
        talk.say(&login).expect("messages");
        talk.pause();
        assert_eq!(talk.outgoing, login, "nothing of it is left out");
        let prepared = b"1\0\0\0\x04t\0\0\0\x06\0\0n\0\0\0\x04";
        hear(&mut talk, &[b"R\0\0\0\x08\0\0\0\0".as_slice(), READY, prepared, READY].concat());
        assert_eq!(talk.owed(), 0);
        talk.outgoing.clear();
        talk.incoming.clear();
        talk
    }

    /// Bind, Execute and Sync.
    pub(in super::super) fn statement(name: &str) -> Vec<u8> {
        let mut said = BytesMut::new();
        let bound = frontend::bind("", name, [], iter::empty::<()>(), |(), _| Ok(IsNull::Yes), [1], &mut said);
        assert!(bound.is_ok(), "a short message");
        frontend::execute("", 0, &mut said).expect("a short message");
        frontend::sync(&mut said);
        said.to_vec()
    }

    fn query(text: &str) -> Vec<u8> {
        let mut said = BytesMut::new();
        frontend::query(text, &mut said).expect("a short message");
        said.to_vec()
    }

    fn hear(talk: &mut Talk, bytes: &[u8]) {
        talk.arriving.extend_from_slice(bytes);
        talk.hear().expect("answers");
    }

    /// What is sent, by the first bytes of its messages.
    fn sent(talk: &mut Talk) -> String {
        kinds(&mut talk.outgoing)
    }

    /// What the driver hears.
    fn heard(talk: &mut Talk) -> String {
        kinds(&mut talk.incoming)
    }

    fn kinds(bytes: &mut BytesMut) -> String {
        let mut message = || Some(bytes.split_to(length(bytes).expect("messages")?));
        iter::from_fn(|| message().map(|message| char::from(message[0]))).collect()
    }

    #[test]
    fn statements_of_a_transaction_share_a_sync() {
        let mut talk = talk();
        talk.say(&[statement("s0"), statement("s1"), statement("s2")].concat()).expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "BEBEBES");
        assert_eq!(talk.owed(), 3, "all three are answered before the server says anything");
        hear(&mut talk, &[COMPLETE, COMPLETE].concat());
        assert_eq!(heard(&mut talk), "2CZ2CZ");
        assert_eq!(talk.owed(), 1, "the third");
        hear(&mut talk, &[COMPLETE, READY].concat());
        assert_eq!(heard(&mut talk), "2CZ");
        assert_eq!(talk.owed(), 0);

        talk.say(&[statement("s1"), query("SAVEPOINT s0"), statement("s1"), statement("s2")].concat())
            .expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "BESQBEBES", "the transaction goes on");
        hear(&mut talk, &[COMPLETE, READY, COMPLETE, READY, COMPLETE, COMPLETE, READY].concat());
        assert_eq!(heard(&mut talk), "2CZ2CZ2CZ2CZ");
    }

    #[test]
    fn outside_of_a_transaction_every_sync_is_sent() {
        let mut talk = talk();
        talk.say(&[statement("s1"), statement("s2")].concat()).expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "BESBES");
        for end in ["COMMIT", "ROLLBACK", "SELECT; COMMIT"] {
            talk.say(&[statement("s0"), query(end), statement("s1"), statement("s2")].concat()).expect("messages");
            talk.pause();
            assert_eq!(sent(&mut talk), "BESQBESBES", "{end}");
        }
    }

    #[test]
    fn what_is_not_a_statement_keeps_its_sync() {
        let mut talk = talk();
        let mut other = BytesMut::new();
        frontend::parse("s3", "SELECT", [], &mut other).expect("a statement");
        frontend::sync(&mut other);
        frontend::close(b'S', "s2", &mut other).expect("a statement");
        frontend::sync(&mut other);
        talk.say(&[statement("s0"), other.to_vec(), statement("s1")].concat()).expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "BESPSCSBES");
    }

    #[test]
    fn after_an_error_the_driver_hears_of_each_statement_that_the_server_skips() {
        for failing in 0..4 {
            let mut talk = talk();
            let all: Vec<u8> = ["s0", "s1", "s2", "s3"].into_iter().flat_map(statement).collect();
            talk.say(&all).expect("messages");
            talk.pause();
            hear(&mut talk, &[COMPLETE.repeat(failing), ERROR.to_vec(), b"Z\0\0\0\x05E".to_vec()].concat());
            assert_eq!(heard(&mut talk), "2CZ".repeat(failing) + &"EZ".repeat(4 - failing));
            assert_eq!(talk.owed(), 0);
            talk.say(&[statement("s1"), statement("s2")].concat()).expect("messages");
            talk.pause();
            assert!(sent(&mut talk).ends_with("BEBES"), "the transaction is open still, if failed");
        }
    }

    #[test]
    fn a_statement_that_is_said_after_an_error_keeps_its_sync() {
        let mut talk = talk();
        let [begin, failing, last] = ["s0", "s1", "s2"].map(statement);
        // More than fits has left ahead of the last statement's end.
        let (first, second) = last.split_at(last.len() - 5);
        talk.say(&[&begin, &failing, first].concat()).expect("messages");
        assert_eq!(sent(&mut talk), "BEBEBE");
        hear(&mut talk, &[COMPLETE, ERROR].concat());
        assert_eq!(heard(&mut talk), "2CZEZE");
        talk.say(&[second, &statement("s3")].concat()).expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "SBES");
    }

    #[test]
    fn messages_may_come_in_pieces() {
        let mut talk = talk();
        for byte in [statement("s0"), statement("s1")].concat() {
            talk.say(&[byte]).expect("a byte");
        }
        talk.pause();
        assert_eq!(sent(&mut talk), "BEBES");
        for byte in [COMPLETE, COMPLETE, READY].concat() {
            hear(&mut talk, &[byte]);
        }
        assert_eq!(heard(&mut talk), "2CZ2CZ");
    }

    /// Whether the connection breaks over what the server says after `said`.
    fn breaks(said: &[Vec<u8>], answer: &[u8]) -> bool {
        let mut talk = talk();
        for one in said {
            talk.say(one).expect("messages");
        }
        talk.pause();
        talk.arriving.extend_from_slice(answer);
        talk.hear().is_err()
    }

    #[test]
    fn what_does_not_follow_the_protocol_breaks_the_connection() {
        let pair = [statement("s0"), statement("s1")];
        let of_pair = |one: &[u8], other: &[u8], ready: &[u8]| breaks(&pair, &[one, other, ready].concat());
        assert!(!of_pair(COMPLETE, COMPLETE, READY));
        assert!(of_pair(b"", b"", READY), "no answer to the one whose Sync was left out");
        assert!(of_pair(COMPLETE, COMPLETE, b"Z\0\0\0\x05I"), "the transaction has ended");
        assert!(of_pair(COMPLETE, b"U\0\0\0\x04", READY), "an unknown message");
        assert!(of_pair(COMPLETE, b"R\0\0\0\x08\0\0\0\0", READY), "a login after the login");
        assert!(!of_pair(ERROR, b"", b"Z\0\0\0\x05E"));
        assert!(of_pair(ERROR, b"", READY), "nothing has failed");
        assert!(breaks(&[], READY), "nobody asked");
        assert!(breaks(&[], COMPLETE), "nobody asked");
        assert!(!breaks(&[], ERROR), "the server may say why it goes");
        for end in ["COMMIT", "SELECT; COMMIT", "ROLLBACK"] {
            assert!(breaks(&[query(end)], READY), "the transaction is still open after {end}");
            assert!(!breaks(&[query(end)], b"Z\0\0\0\x05I"), "{end}");
            let refused = breaks(&[query(end)], &[ERROR, b"Z\0\0\0\x05E"].concat());
            assert_eq!(refused, end != "SELECT; COMMIT", "{end} is refused");
        }
        assert!(!breaks(&[query("BEGIN")], READY));
    }

    /// A row of one text, and what ends its statement.
    fn row(text: &[u8]) -> Vec<u8> {
        let column = u32::try_from(text.len()).expect("a short text");
        let mut said = b"2\0\0\0\x04D".to_vec();
        said.extend_from_slice(&(column + 10).to_be_bytes());
        said.extend_from_slice(&1_u16.to_be_bytes());
        said.extend_from_slice(&column.to_be_bytes());
        said.extend_from_slice(text);
        said.extend_from_slice(b"C\0\0\0\x0dSELECT 1\0");
        said
    }

    const ENDED: &[u8] = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";

    /// What the driver hears, by answer; the last may not have ended.
    fn answers(heard: &[u8]) -> Vec<Vec<u8>> {
        let (mut rest, mut answers) = (heard, vec![Vec::new()]);
        while let Ok(Some(length)) = length(rest) {
            let (message, behind) = rest.split_at(length);
            answers.last_mut().expect("one").extend_from_slice(message);
            if message[0] == b'Z' {
                answers.push(Vec::new());
            }
            rest = behind;
        }
        answers
    }

    /// One tenant's transaction and another's on the same connection, with a bit turned in what the server says: of `two`
    /// groups of statements, and an end that the first waits for or, gone already, does not.
    fn two_tenants(place: usize, bit: u8, first_waits: bool) -> io::Result<Vec<Vec<u8>>> {
        let (first, second) =
            ([row(b"aaaaaaaa"), row(b"aaaaaaaa")].concat(), [row(b"ZZZZZZZZ"), row(b"ZZZZZZZZ")].concat());
        let mut turned = [&row(b"aaaaaaaa"), first.as_slice(), READY, ENDED].concat();
        let ends = (row(b"aaaaaaaa").len() + first.len() + READY.len(), turned.len());
        *turned.get_mut(place).expect("a place") ^= 1 << bit;
        let mut talk = talk();
        let group = [statement("s0"), statement("s1"), statement("s2")].concat();
        talk.say(&group)?;
        talk.pause();
        talk.arriving.extend_from_slice(&turned[..ends.0]);
        talk.hear()?;
        talk.say(&query(if first_waits { "SELECT; COMMIT" } else { "ROLLBACK" }))?;
        if !first_waits {
            talk.say(&group)?;
            talk.pause();
        }
        talk.arriving.extend_from_slice(&turned[ends.0..]);
        talk.hear()?;
        if first_waits && answers(&talk.incoming).len() < 5 {
            // The connection is not given on, and is given up for its silence.
            return Err(io::ErrorKind::TimedOut.into());
        }
        if first_waits {
            talk.say(&group)?;
            talk.pause();
        }
        talk.arriving.extend_from_slice(&[&row(b"ZZZZZZZZ"), second.as_slice(), READY].concat());
        talk.hear()?;
        Ok(answers(&talk.incoming))
    }

    #[test]
    fn no_turned_bit_gives_a_tenant_the_answers_of_another() {
        let has = |answer: &[u8], text: &[u8]| answer.windows(text.len()).any(|some| some == text);
        let length = 3 * row(b"aaaaaaaa").len() + READY.len() + ENDED.len();
        let (mut broken, mut unharmed) = (0, 0);
        for (place, bit) in (0..length).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
            for first_waits in [true, false] {
                let Ok(answers) = two_tenants(place, bit, first_waits) else {
                    broken += 1;
                    continue;
                };
                let (first, second) = answers.split_at(4.min(answers.len()));
                let what = || format!("bit {bit} of byte {place}, {first_waits}: {answers:?}");
                assert!(!second.iter().any(|answer| has(answer, b"aaaa")), "{}", what());
                // Who has gone hears nothing.
                assert!(!first_waits || !first.iter().any(|answer| has(answer, b"ZZZZ")), "{}", what());
                unharmed += 1;
            }
        }
        // What it takes for texts is not the wire's to check; all else is noticed, nearly.
        assert!(broken > 500 && unharmed > 500, "{broken} {unharmed}");
    }
}
