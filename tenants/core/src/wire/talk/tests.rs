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

    talk.say(&[statement("s1"), query("SAVEPOINT s0"), statement("s1"), statement("s2")].concat()).expect("messages");
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

/// Parse and Sync.
fn prepared(name: &str, text: &str) -> Vec<u8> {
    let mut said = BytesMut::new();
    frontend::parse(name, text, [], &mut said).expect("a statement");
    frontend::sync(&mut said);
    said.to_vec()
}

#[test]
fn a_transaction_begins_with_what_was_prepared_to_begin_one() {
    // Without a name, what is prepared next takes its place.
    for (name, text) in [("s1", "SELECT"), ("", "SELECT"), ("", "BEGIN"), ("s1", "BEGINS")] {
        let mut talk = talk();
        talk.say(&[prepared(name, text), statement(name), statement("s2")].concat()).expect("messages");
        talk.pause();
        assert_eq!(sent(&mut talk), "PSBESBES", "{name}: {text}");
    }
    let mut talk = talk();
    talk.say(&[prepared("s1", "BEGIN"), statement("s1"), statement("s2")].concat()).expect("messages");
    talk.pause();
    assert_eq!(sent(&mut talk), "PSBEBES");
}

#[test]
fn what_is_not_a_statement_keeps_its_sync() {
    let mut talk = talk();
    let mut closed = BytesMut::new();
    frontend::close(b'S', "s2", &mut closed).expect("a statement");
    frontend::sync(&mut closed);
    let other = [prepared("s3", "SELECT"), closed.to_vec()].concat();
    talk.say(&[statement("s0"), other, statement("s1")].concat()).expect("messages");
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
