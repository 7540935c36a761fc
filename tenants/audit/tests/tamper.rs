//! Everything that can be done to an export has to be noticed.

use std::io::{BufReader, ErrorKind, Read};

use keystead_audit::{
    ChainHash, Checkpoint, EventLine, Expect, FORMAT, Fault, Head, MAX_LINE_BYTES, Manifest, Report, Violation,
    chain_step, genesis, verify,
};
use keystead_ids::TenantId;
use proptest::prelude::*;
use uuid::Uuid;

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6))
}

fn stranger() -> TenantId {
    TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f7))
}

fn leaf(tenant: TenantId, n: u64) -> String {
    let minute = n % 60;
    format!(
        r#"{{"action":"contract.sign","actor":"mem_{n:032x}","at":"2026-05-01T10:{minute:02}:00Z","tenant":"{tenant}"}}"#
    )
}

/// An honest export, in pieces that tests may bend.
struct Trail {
    manifest: Manifest,
    leaves: Vec<String>,
    hashes: Vec<ChainHash>,
}

impl Trail {
    fn new(from: u64, count: u64) -> Self {
        Self::of(tenant(), from, (from..from + count).map(|n| leaf(tenant(), n)).collect())
    }

    fn of(owner: TenantId, from: u64, leaves: Vec<String>) -> Self {
        let before = (1..from).fold(genesis(owner), |hash, n| chain_step(owner, n, &hash, leaf(owner, n).as_bytes()));
        let mut hashes = Vec::new();
        for (leaf, n) in leaves.iter().zip(from..) {
            let previous = hashes.last().unwrap_or(&before);
            hashes.push(chain_step(owner, n, previous, leaf.as_bytes()));
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            tenant: owner,
            from,
            count: leaves.len() as u64,
            prev: before,
            head: *hashes.last().unwrap_or(&before),
            checkpoints: Vec::new(),
        };
        Self { manifest, leaves, hashes }
    }

    fn lines(&self) -> Vec<String> {
        let events = self.leaves.iter().zip(&self.hashes).zip(self.manifest.from..);
        let events = events.map(|((leaf, hash), n)| json(&EventLine { n, leaf: leaf.into(), hash: *hash }));
        std::iter::once(json(&self.manifest)).chain(events).collect()
    }

    fn head(&self, n: u64) -> Head {
        let place = usize::try_from(n - self.manifest.from).expect("small");
        Head { n, hash: self.hashes[place] }
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn judge(lines: &[String]) -> Result<Report, Violation> {
    judge_with(lines, Expect::default())
}

fn judge_with(lines: &[String], expect: Expect) -> Result<Report, Violation> {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    verify(text.as_bytes(), expect)
}

fn kind(lines: &[String]) -> Fault {
    judge(lines).expect_err("a tampered export").kind
}

#[test]
fn an_honest_export_is_reported() {
    let trail = Trail::new(1, 5);
    let report = judge(&trail.lines()).expect("honest");
    assert_eq!((report.events, report.first, report.last), (5, Some(1), Some(5)));
    assert_eq!(report.head, trail.head(5));
    let (first, last) = report.times.expect("times");
    assert_eq!(
        (first.to_rfc3339(), last.to_rfc3339()),
        ("2026-05-01T10:01:00+00:00".into(), "2026-05-01T10:05:00+00:00".into())
    );
}

#[test]
fn parts_and_empty_exports_verify() {
    assert_eq!(judge(&Trail::new(4, 3).lines()).map(|report| (report.first, report.last)), Ok((Some(4), Some(6))));
    let empty = judge(&Trail::new(1, 0).lines()).expect("empty");
    assert_eq!((empty.events, empty.first, empty.head.n), (0, None, 0));
}

#[test]
fn each_deletion_is_noticed() {
    let lines = Trail::new(1, 12).lines();
    for gone in 1..lines.len() {
        let mut cut = lines.clone();
        cut.remove(gone);
        let expected = if gone == 12 {
            Fault::Truncated { declared: 12, found: 11 }
        } else {
            Fault::Gap { expected: gone as u64, found: gone as u64 + 1 }
        };
        assert_eq!(kind(&cut), expected, "event {gone}");
    }
}

#[test]
fn each_truncation_is_noticed() {
    let lines = Trail::new(1, 8).lines();
    for kept in 1..lines.len() {
        assert_eq!(kind(&lines[..kept]), Fault::Truncated { declared: 8, found: kept as u64 - 1 });
    }
    assert!(matches!(kind(&[]), Fault::Malformed(_)));
    let whole: String = lines.join("\n") + "\n";
    for end in 0..whole.len() {
        assert!(verify(&whole.as_bytes()[..end], Expect::default()).is_err(), "cut at byte {end}");
    }
}

#[test]
fn each_repetition_and_each_swap_is_noticed() {
    let lines = Trail::new(1, 8).lines();
    for a in 1..lines.len() {
        for b in 1..=lines.len() {
            let mut doubled = lines.clone();
            doubled.insert(b, lines[a].clone());
            assert!(judge(&doubled).is_err(), "event {a} again at {b}");
        }
        for b in 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(a, b);
            assert_eq!(judge(&swapped).is_ok(), a == b, "{a} and {b}");
        }
    }
}

#[test]
fn each_changed_byte_is_noticed() {
    let whole: String = Trail::new(1, 4).lines().join("\n") + "\n";
    for place in 0..whole.len() {
        for change in [1, 2, 4, 16, 32, 128] {
            let mut bytes = whole.clone().into_bytes();
            bytes[place] ^= change;
            assert!(verify(bytes.as_slice(), Expect::default()).is_err(), "byte {place} ^ {change}");
        }
        for inserted in [b' ', b'0', b'\n', b'\r', 0] {
            let mut bytes = whole.clone().into_bytes();
            bytes.insert(place, inserted);
            let verdict = verify(bytes.as_slice(), Expect::default());
            // Space between JSON tokens changes no value; anything else has to be noticed.
            let harmless = matches!(inserted, b' ' | b'\r') && verdict == verify(whole.as_bytes(), Expect::default());
            assert!(verdict.is_err() || harmless, "{inserted} before byte {place}");
        }
        let mut bytes = whole.clone().into_bytes();
        bytes.remove(place);
        assert!(verify(bytes.as_slice(), Expect::default()).is_err(), "byte {place} removed");
    }
}

#[test]
fn an_edit_with_a_new_hash_breaks_the_next_link() {
    let trail = Trail::new(1, 6);
    for n in 1..=6_u64 {
        let mut lines = trail.lines();
        let place = usize::try_from(n).expect("small");
        let forged = trail.leaves[place - 1].replace("sign", "void");
        let previous = if n == 1 { trail.manifest.prev } else { trail.hashes[place - 2] };
        let hash = chain_step(tenant(), n, &previous, forged.as_bytes());
        lines[place] = json(&EventLine { n, leaf: forged.into(), hash });
        let violation = judge(&lines).expect_err("forged");
        let expected = if n == 6 { Fault::HeadMismatch } else { Fault::Edited };
        assert_eq!(violation.kind, expected, "event {n}");
    }
}

#[test]
fn an_inserted_event_is_noticed() {
    let trail = Trail::new(1, 4);
    let mut lines = trail.lines();
    lines.push(json(&EventLine { n: 5, leaf: leaf(tenant(), 5).into(), hash: trail.hashes[3] }));
    assert_eq!(kind(&lines), Fault::Surplus);
}

#[test]
fn a_rewritten_history_contradicts_the_known_head() {
    let honest = Trail::new(1, 6);
    let mut leaves = honest.leaves.clone();
    leaves[2] = leaves[2].replace("sign", "void");
    let forged = Trail::of(tenant(), 1, leaves).lines();
    assert!(judge(&forged).is_ok(), "consistent with itself");
    let knows = |n| Expect { tenant: Some(tenant()), head: Some(honest.head(n)), ..Expect::default() };
    assert!(judge_with(&forged, knows(2)).is_ok(), "before the fork");
    for n in 3..=6 {
        assert_eq!(judge_with(&forged, knows(n)).map_err(|v| v.kind), Err(Fault::Forked { n }));
        assert!(judge_with(&honest.lines(), knows(n)).is_ok());
    }
    let shortened = Trail::new(1, 4).lines();
    assert_eq!(judge_with(&shortened, knows(6)).map_err(|v| v.kind), Err(Fault::NotCovered { n: 6 }));
    let later = Trail::new(4, 3).lines();
    assert_eq!(judge_with(&later, knows(2)).map_err(|v| v.kind), Err(Fault::NotCovered { n: 2 }));
}

#[test]
fn a_part_continues_the_chain_that_the_reader_knows() {
    let whole = Trail::new(1, 6);
    let part = Trail::new(4, 3);
    let knows = Expect { head: Some(whole.head(3)), ..Expect::default() };
    assert!(judge_with(&part.lines(), knows).is_ok());
    let mut other = whole.head(3);
    other.hash.0[0] ^= 1;
    let knows = Expect { head: Some(other), ..Expect::default() };
    assert_eq!(judge_with(&part.lines(), knows).map_err(|v| v.kind), Err(Fault::Forked { n: 3 }));
}

#[test]
fn checkpoints_pin_the_chain() {
    let mut trail = Trail::new(1, 6);
    let point = |head: Head| Checkpoint { n: head.n, hash: head.hash, proof: String::new() };
    trail.manifest.checkpoints = vec![point(trail.head(2)), point(trail.head(6))];
    assert!(judge(&trail.lines()).is_ok());
    trail.manifest.checkpoints.reverse();
    assert!(matches!(kind(&trail.lines()), Fault::Malformed(_)));
    trail.manifest.checkpoints = vec![point(trail.head(2)), point(trail.head(2))];
    assert!(matches!(kind(&trail.lines()), Fault::Malformed(_)), "one place has one checkpoint");
    trail.manifest.checkpoints = vec![point(Head { n: 2, hash: trail.hashes[3] })];
    assert_eq!(kind(&trail.lines()), Fault::Forked { n: 2 });
    trail.manifest.checkpoints = vec![point(Head { n: 7, hash: trail.hashes[3] })];
    assert_eq!(kind(&trail.lines()), Fault::NotCovered { n: 7 });
}

#[test]
fn another_tenants_trail_does_not_pass() {
    let theirs = Trail::of(stranger(), 1, (1..4).map(|n| leaf(stranger(), n)).collect());
    let expect = Expect { tenant: Some(tenant()), ..Expect::default() };
    assert_eq!(judge_with(&theirs.lines(), expect).map_err(|v| v.kind), Err(Fault::WrongTenant(stranger())));
    let mut relabelled = theirs.lines();
    relabelled[0] = relabelled[0].replace(&stranger().to_string(), &tenant().to_string());
    assert_eq!(kind(&relabelled), Fault::WrongStart);
    let mixed = Trail::of(tenant(), 1, vec![leaf(tenant(), 1), leaf(stranger(), 2)]);
    assert_eq!(kind(&mixed.lines()), Fault::WrongTenant(stranger()));
}

#[test]
fn nonsense_is_named() {
    let trail = Trail::new(1, 2);
    let with_manifest = |edit: &dyn Fn(&mut Manifest)| {
        let mut bent = Trail::new(1, 2);
        edit(&mut bent.manifest);
        kind(&bent.lines())
    };
    assert_eq!(with_manifest(&|m| m.format = "keystead-audit-v2".to_owned()), Fault::UnknownFormat);
    assert!(matches!(with_manifest(&|m| m.from = 0), Fault::Malformed(_)));
    assert!(matches!(with_manifest(&|m| m.count = u64::MAX), Fault::Malformed(_)));
    let mut blank = trail.lines();
    blank.insert(2, String::new());
    assert!(matches!(kind(&blank), Fault::Malformed(_)));
    let mut twice = trail.lines();
    twice[1] = twice[1].replacen("{\"n\":1,", "{\"n\":1,\"n\":1,", 1);
    assert!(matches!(kind(&twice), Fault::Malformed(_)));
    let mut long = trail.lines();
    long[1] = "x".repeat(MAX_LINE_BYTES + 1);
    assert_eq!(kind(&long), Fault::LineTooLong);
    let no_tenant = Trail::of(tenant(), 1, vec!["{}".to_owned()]);
    assert!(matches!(kind(&no_tenant.lines()), Fault::Malformed(_)));
}

#[test]
fn a_violation_names_its_place() {
    let mut lines = Trail::new(1, 3).lines();
    lines[2] = lines[2].replace("contract.sign", "contract.void");
    let violation = judge(&lines).expect_err("a tampered export");
    assert_eq!((violation.line, violation.n), (3, Some(2)));
    let told = violation.to_string();
    assert!(told.starts_with("line 3, event 2: ") && told.len() > "line 3, event 2: ".len(), "{told}");
    lines[1] = "{}".to_owned();
    let told = judge(&lines).expect_err("no event").to_string();
    assert!(told.starts_with("line 2: ") && told.contains("missing, unknown, doubled or of the wrong kind"), "{told}");
    lines[1] = "{".to_owned();
    let told = judge(&lines).expect_err("no JSON").to_string();
    assert!(told.contains("not JSON, at column 1"), "{told}");
}

#[test]
fn an_export_that_breaks_off_within_its_last_line_is_noticed() {
    let whole = Trail::new(1, 2).lines().join("\n");
    let violation = verify(whole.as_bytes(), Expect::default()).expect_err("no line feed at the end");
    assert!(matches!(violation.kind, Fault::Malformed(_)), "{violation}");
}

/// Fails once, then reads on as if nothing had been.
struct Faltering<'t> {
    error: Option<ErrorKind>,
    rest: &'t [u8],
}

impl Read for Faltering<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.error.take().map_or_else(|| self.rest.read(out), |kind| Err(kind.into()))
    }
}

#[test]
fn a_disk_that_fails_is_told_and_a_signal_is_none() {
    let text = Trail::new(1, 2).lines().join("\n") + "\n";
    let read =
        |error| verify(BufReader::new(Faltering { error: Some(error), rest: text.as_bytes() }), Expect::default());
    assert_eq!(read(ErrorKind::Interrupted).map(|report| report.events), Ok(2));
    let told = read(ErrorKind::TimedOut).map_err(|violation| (violation.line, violation.kind));
    assert_eq!(told.map(|report| report.events), Err((1, Fault::Unreadable(ErrorKind::TimedOut))));
}

proptest! {
    #[test]
    fn leaves_of_any_text_survive_the_export(notes in prop::collection::vec(any::<String>(), 0..6)) {
        let leaves = notes.iter().map(|note| serde_json::json!({"tenant": tenant(), "note": note}).to_string()).collect();
        prop_assert!(judge(&Trail::of(tenant(), 1, leaves).lines()).is_ok());
    }

    #[test]
    fn garbage_never_passes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(bytes.as_slice(), Expect::default()).is_err());
    }
}

/// Writes an export of any length while it is read, so that the test needs no memory either.
struct Endless {
    manifest: Manifest,
    next: u64,
    hash: ChainHash,
    pending: Vec<u8>,
}

impl Endless {
    fn new(count: u64) -> Self {
        let start = genesis(tenant());
        let head = (1..=count).fold(start, |hash, n| chain_step(tenant(), n, &hash, leaf(tenant(), n).as_bytes()));
        let mut manifest = Trail::new(1, 0).manifest;
        (manifest.count, manifest.head) = (count, head);
        let pending = (json(&manifest) + "\n").into_bytes();
        Self { manifest, next: 1, hash: start, pending }
    }
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.pending.len() < out.len() && self.next <= self.manifest.count {
            let leaf = leaf(tenant(), self.next);
            self.hash = chain_step(tenant(), self.next, &self.hash, leaf.as_bytes());
            let line = EventLine { n: self.next, leaf: leaf.into(), hash: self.hash };
            self.pending.extend_from_slice((json(&line) + "\n").as_bytes());
            self.next += 1;
        }
        let given = out.len().min(self.pending.len());
        out[..given].copy_from_slice(&self.pending[..given]);
        self.pending.drain(..given);
        Ok(given)
    }
}

#[test]
fn long_exports_stream() {
    // Set to 1000000 for the figure in the documentation.
    let count = std::env::var("AUDIT_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let started = std::time::Instant::now();
    let report = verify(BufReader::with_capacity(1 << 16, Endless::new(count)), Expect::default());
    assert_eq!(report.map(|report| report.events), Ok(count));
    println!("{count} events written and verified in {:?}", started.elapsed());
}
