//! What reaches the edge: heads, tokens, keys, signed documents, and the numbers of its rate limiter.

use std::{net::IpAddr, sync::LazyLock};

use keystead_edge::{
    Config, Decision, Edge, Fetched, Head, Moment, Refresh, apikey,
    config::Shield,
    directory::{Cell, Directory, Snapshot, host_name},
    headers::drops,
    jwks::KeySet,
    limits::{Gcra, Quota, Verdict},
    revocation::{Feed, Revocations},
    sign::{self, EdgeKey},
    signed::TrustedKey,
    token::{self, Expected, Unverified},
};

use super::{NOON, text};

/// An API key is one spelling of its parts, and its checksum is of all of them.
pub(super) fn api_key(bytes: &[u8]) {
    let Some(key) = apikey::read(text(bytes)) else { return };
    let (body, sum) = text(bytes).rsplit_once('_').expect("a key has a checksum");
    assert!(body.starts_with(&format!("{}{}_{}_", apikey::PREFIX, key.mode, key.id)), "{key:?}");
    assert_eq!(apikey::checksum(body), sum);
}

/// The cell of the edge that is fuzzed.
fn main_cell() -> Cell {
    Cell::from("main")
}

/// The key of RFC 8037, appendix A: whoever makes seeds can sign with it.
fn trusted() -> Vec<TrustedKey> {
    vec![TrustedKey { kid: "rfc8037".to_owned(), x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned() }]
}

/// The same as a cell publishes it for its tokens.
const JWKS: &[u8] = br#"{"keys":[{"kid":"rfc8037","kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// The key of `edge/vectors/signatures.json`.
fn edge_key() -> EdgeKey {
    EdgeKey { kid: "1".to_owned(), secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned() }
}

/// The directory of `edge/vectors/hosts.json`, signed with the key of RFC 8037.
const DIRECTORY: &[u8] = include_bytes!("../../seeds/edge_directory/signed");

/// A directory, signed or what is inside of one. A document of one kind is none of another.
pub(super) fn edge_directory(bytes: &[u8]) {
    if Directory::open(bytes, &trusted()).is_ok() {
        assert!(Revocations::open(bytes, &main_cell(), &trusted()).is_err(), "a directory passes for a feed");
    }
    let Ok(snapshot) = serde_json::from_slice::<Snapshot>(bytes) else { return };
    let hosts: Vec<String> =
        snapshot.tenants.iter().map(|tenant| format!("{}.{}", tenant.slug, snapshot.base_domain)).collect();
    let Ok(directory) = Directory::new(snapshot) else { return };
    for host in hosts.iter().filter_map(|host| host_name(host)) {
        let Some(route) = directory.route(&host) else { continue };
        assert!(directory.cell(&route.cell).is_some(), "{host} leads to a cell that there is not");
    }
}

/// A head as lines: method and target, then the fields.
pub(super) fn edge_head(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let (method, target) = text(lines.next().unwrap_or_default()).split_once(' ').unwrap_or_default();
    let fields: Vec<(&str, &[u8])> = lines.filter_map(field).collect();
    // Each from an address of its own: one that asked too often would be told nothing else.
    let [a, b, c, d, ..] = sign::digest(bytes);
    let head = Head { method, target, fields: &fields, address: IpAddr::from([a, b, c, d]) };
    goes_on_as_it_was_read(&head);
    is_decided(&head);
}

fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let value = &line[at + 1..];
    Some((text(&line[..at]), value.strip_prefix(b" ").unwrap_or(value)))
}

/// What goes on has nothing that is ours to say or between neighbours, and is read again as the same request.
fn goes_on_as_it_was_read(head: &Head<'_>) {
    let Ok(checked) = head.check() else { return };
    if let Some(name) = host_name(checked.host) {
        assert_eq!(host_name(&name), Some(name.clone()), "a host has two names");
    }
    let stripped = head.stripped();
    assert!(!stripped.iter().any(|(name, _)| drops(name)), "{stripped:?}");
    let host = [("host", checked.host.as_bytes())];
    let kept = stripped.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let fields: Vec<(&str, &[u8])> = host.into_iter().chain(kept).collect();
    let again = Head { method: head.method, target: head.target, fields: &fields, address: head.address };
    let again = again.check().expect("what goes on is a head");
    assert_eq!((again.host, again.path, again.query), (checked.host, checked.path, checked.query));
    assert_eq!(again.authorization, checked.authorization);
}

/// The edge decides about whatever comes: tokens, keys, origins and trace contexts are read on the way.
fn is_decided(head: &Head<'_>) {
    static EDGE: LazyLock<Edge> = LazyLock::new(edge);
    let moment = Moment { now: NOON * 1_000, began: NOON * 1_000, entropy: [7; 32] };
    match EDGE.decide(head, &moment) {
        Decision::Answer(answer) => assert!((200..600).contains(&answer.status), "{}", answer.status),
        Decision::Forward(forward) => assert!(forward.target().starts_with('/'), "{}", forward.target()),
        Decision::Asset(_) | Decision::Refresh(_) => {}
    }
}

/// An edge that knows a directory, and the keys of its home.
fn edge() -> Edge {
    let edge = Edge::new(Config {
        home: main_cell(),
        trusted: trusted(),
        keys: vec![edge_key()],
        cors_origins: vec!["https://app.example".to_owned()],
        file_origins: Vec::new(),
        shield: Shield::default(),
        insecure: false,
    });
    let directory = Refresh::Directory { cell: main_cell(), epoch: None, as_of: None };
    for (refresh, document) in [(directory, DIRECTORY), (Refresh::Keys(main_cell()), JWKS)] {
        let fetched = Fetched { document, as_of: Some(NOON * 1_000) };
        edge.learn(&refresh, Some(fetched), NOON * 1_000).expect("it is sound");
    }
    edge
}

/// The keys that a cell publishes.
pub(super) fn edge_keys(bytes: &[u8]) {
    let Ok(keys) = KeySet::read(bytes) else { return };
    assert!(keys.len() <= 16, "{} keys", keys.len());
}

/// A feed of revocations, signed or what is inside of one. After it, an older one is refused.
pub(super) fn edge_revocations(bytes: &[u8]) {
    if Revocations::open(bytes, &main_cell(), &trusted()).is_ok() {
        assert!(Directory::open(bytes, &trusted()).is_err(), "a feed passes for a directory");
    }
    let Ok(feed) = serde_json::from_slice::<Feed>(bytes) else { return };
    let (mut known, at) = (Revocations::default(), feed.at);
    if known.learned(feed.clone(), NOON * 1_000).is_ok() {
        assert_eq!(known.since(), Some(at));
        let older = Feed { at: at.saturating_sub(1), ..feed };
        assert!(known.learned(older, NOON * 1_000).is_err() || at == i64::MIN, "an older feed is learned");
    }
}

/// The edge's signature on a request: method and target on one line, the header on the next. What a cell believes has one
/// spelling.
pub(super) fn edge_signature(bytes: &[u8]) {
    let (request, value) = text(bytes).split_once('\n').unwrap_or_default();
    let (method, target) = request.split_once(' ').unwrap_or_default();
    let (key, value) = (edge_key(), value.trim_end_matches('\n'));
    if let Ok(said) = sign::verify(std::slice::from_ref(&key), method, target, value, 1_795_269_600) {
        assert_eq!(sign::sign(&key, method, target, &said).as_deref(), Ok(value));
    }
}

/// A token as the edge reads it: header, signature and claims. One that is good has not ended, and lives no longer than any may.
pub(super) fn edge_token(bytes: &[u8]) {
    static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::read(JWKS).expect("keys"));
    let Ok(read) = Unverified::read(text(bytes)) else { return };
    let Some(key) = KEYS.get(read.kid()) else { return };
    for audience in [token::Audience::Api, token::Audience::Operator] {
        let expected = Expected { issuer: "https://keystead.example", audience, now: NOON };
        let Ok(claims) = read.verify(key, &expected) else { continue };
        assert_eq!(claims.subject.tenant().is_some(), audience == token::Audience::Api);
        assert!(claims.expires_at > NOON - token::LEEWAY && claims.issued_at <= NOON + token::LEEWAY, "{claims:?}");
        assert!((1..=token::MAX_LIFETIME).contains(&(claims.expires_at - claims.issued_at)), "{claims:?}");
    }
}

/// The edge's rate limiter: a quota, then calls, each with how much later it comes and what it costs. However far a clock jumps,
/// nothing overflows; and while it runs on, no more is admitted than the quota and what came back meanwhile.
pub(super) fn gcra(bytes: &[u8]) {
    let Some((quota, calls)) = bytes.split_first_chunk::<8>() else { return };
    let number = |four: &[u8]| <[u8; 4]>::try_from(four).map_or(0, u32::from_be_bytes);
    let quota = Quota { limit: number(&quota[..4]), window: number(&quota[4..]) };
    let (limit, window) = (i128::from(quota.limit.max(1)), i128::from(quota.window.max(1)) * 1_000);
    let (mut state, mut now, mut began, mut admitted) = (Gcra::default(), 0_i64, 0_i64, 0_i128);
    for call in calls.as_chunks::<12>().0 {
        let later = <[u8; 8]>::try_from(&call[..8]).map_or(0, i64::from_be_bytes);
        let cost = number(&call[8..]);
        now = now.saturating_add(later);
        if later < 0 {
            // What was admitted before the clock was set back is another count.
            (began, admitted) = (now, 0);
        }
        let verdict = state.take(quota, cost, now);
        admitted += if verdict.allowed { i128::from(cost) } else { 0 };
        let elapsed = i128::from(now) - i128::from(began);
        assert!(admitted * window <= limit * (window + elapsed), "{admitted} of {quota:?} in {elapsed} ms");
        is_told_the_truth(state, quota, now, &verdict);
        if !verdict.allowed && cost <= quota.limit.max(1) {
            waits_as_told(state, quota, cost, now.checked_add(verdict.retry_after));
        }
    }
}

/// As much as is said to be left is admitted at once and not one more; after the reset, the whole quota is there.
fn is_told_the_truth(state: Gcra, quota: Quota, now: i64, verdict: &Verdict) {
    let admits = |cost: u32, at: i64| {
        let mut state = state;
        state.take(quota, cost, at).allowed
    };
    assert!(verdict.remaining <= quota.limit.max(1), "{verdict:?} of {quota:?}");
    assert!(admits(verdict.remaining, now), "{verdict:?} of {quota:?}, and less is left");
    assert!(
        verdict.remaining == u32::MAX || !admits(verdict.remaining + 1, now),
        "{verdict:?} of {quota:?}, and more is left"
    );
    if let Some(reset) = now.checked_add(verdict.reset) {
        assert!(state.is_idle(quota, reset), "{verdict:?} of {quota:?}, and it takes longer");
    }
}

/// Who was refused is admitted when they were told to come back, and not a millisecond before.
fn waits_as_told(state: Gcra, quota: Quota, cost: u32, back: Option<i64>) {
    let Some(back) = back else { return };
    let admits = |at: i64| {
        let mut state = state;
        state.take(quota, cost, at).allowed
    };
    assert!(admits(back), "{cost} of {quota:?} is refused later, too");
    assert!(!admits(back - 1), "{cost} of {quota:?} could have come earlier");
}
