//! What is fuzzed: every reader of ours of bytes that somebody else wrote, at the edge, in a cell and in a file that was carried
//! elsewhere; and the edge's rate limiter, whose numbers are others'. A target must not panic, and says what must hold besides.
//!
//! Some readers are not here. HTTP itself, TLS, PostgreSQL's protocol and what KMS, S3 and SMTP answer are read by libraries;
//! the signed context, and the rows of a tenant's export behind their seal, are PostgreSQL's to read; the cell's own rate
//! limiter is a library; settings are their operator's own.

use std::{net::IpAddr, str::FromStr, sync::LazyLock};

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use keystead_api::http::{CursorKey, IfMatch, Problem, read_json, read_query};
use keystead_audit::{Attestation, Expect, LogKey, Proof};
use keystead_blobs::sniff::{Kind, sniff};
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
use keystead_identity::{Audience, KeyRing, Opaque, SigningKey};
use keystead_ids::{ContractId, HostRule, Slug, TenantHost, TenantId};
use keystead_keys::{
    Address, DateOfBirth, Email, Name, OVERHEAD, Phone, PiiField, Place, Sealed, open_with, share_tree_again,
    unpadded_length,
};
use keystead_server::tenant::Signed;
use keystead_sheets::{Event, Limits, Mapping, Sheet};
use serde_json::Value;
use uuid::Uuid;

/// A reader that is fuzzed, under the name of its seeds' folder.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("access_token", access_token),
    ("api_key", api_key),
    ("audit_export", audit_export),
    ("audit_proof", audit_proof),
    ("body", body),
    ("csv", csv),
    ("cursor", cursor),
    ("edge_directory", edge_directory),
    ("edge_head", edge_head),
    ("edge_keys", edge_keys),
    ("edge_revocations", edge_revocations),
    ("edge_signature", edge_signature),
    ("edge_token", edge_token),
    ("export_manifest", export_manifest),
    ("file", file),
    ("gcra", gcra),
    ("host", host),
    ("id", id),
    ("if_match", if_match),
    ("mapping", mapping),
    ("opaque_token", opaque_token),
    ("personal_data", personal_data),
    ("query", query),
    ("sealed", sealed),
    ("share_tree", share_tree),
];

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// In seconds since 1970.
const NOON: i64 = 1_780_000_000;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(NOON, 0).unwrap_or_default()
}

/// What has one spelling is written as it was read.
fn has_one_spelling<T: FromStr + ToString>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}

/// Nobody has the key, so no token is good, for nobody.
fn access_token(bytes: &[u8]) {
    static RING: LazyLock<KeyRing> = LazyLock::new(|| {
        let key = SigningKey::generate().expect("a key");
        KeyRing::new("https://keystead.example", key, Vec::new()).expect("a ring")
    });
    for audience in [Audience::Api, Audience::Operator] {
        assert!(RING.verify(text(bytes), audience, noon()).is_err(), "a forged token is good");
    }
}

/// An API key is one spelling of its parts, and its checksum is of all of them.
fn api_key(bytes: &[u8]) {
    let Some(key) = apikey::read(text(bytes)) else { return };
    let (body, sum) = text(bytes).rsplit_once('_').expect("a key has a checksum");
    assert!(body.starts_with(&format!("{}{}_{}_", apikey::PREFIX, key.mode, key.id)), "{key:?}");
    assert_eq!(apikey::checksum(body), sum);
}

/// The key of the log in `tenants/audit/vectors`, which nobody can sign with any more.
static LOG: LazyLock<LogKey> =
    LazyLock::new(|| include_str!("../../../../tenants/audit/vectors/signed.key").parse().expect("a key"));

/// Whose trail the log's key has signed.
const SIGNED: &str = "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";

/// An export that verifies is of one tenant, and says how many events it has; one that is signed is of whom it was signed for.
fn audit_export(bytes: &[u8]) {
    if let Ok(report) = keystead_audit::verify(bytes, Expect::default()) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(report.events + 1, lines as u64, "an export verifies with another number of events");
    }
    let keys = std::slice::from_ref(&*LOG);
    if let Ok(report) = keystead_audit::verify(bytes, Expect { keys, ..Expect::default() }) {
        assert_eq!(report.tenant.to_string(), SIGNED, "a forged export is signed");
    }
}

/// Statements, proofs, notes and keys of a log: each has one spelling, and nobody has the key to make another.
fn audit_proof(bytes: &[u8]) {
    let text = text(bytes);
    has_one_spelling::<Attestation>(text);
    has_one_spelling::<Proof>(text);
    has_one_spelling::<LogKey>(text.trim());
    if let Some((size, _)) = LOG.opened(text) {
        assert!(size > 0, "the log signed a root of nothing");
    }
    if let Ok(proof) = text.parse::<Proof>()
        && proof.is_signed_by(&LOG)
    {
        assert_eq!(proof.statement.tenant.to_string(), SIGNED, "a forged statement is signed");
    }
}

/// Reads a body as one kind; the status that it would be answered with.
type Reader = fn(&[u8]) -> u16;

macro_rules! bodies {
    ($($module:ident :: $kind:ident),* $(,)?) => {
        &[$((stringify!($kind), |bytes: &[u8]| {
            read_json::<keystead_api::$module::$kind>(bytes).map_or_else(|problem| problem.status().as_u16(), |_| 200)
        })),*]
    };
}

/// Every kind of JSON body that the API takes, by its name in the OpenAPI document; a test compares the two.
pub const BODIES: &[(&str, Reader)] = bodies!(
    auth::LoginIn,
    auth::MePatch,
    auth::PasswordIn,
    auth::RefreshIn,
    buildings::BuildingIn,
    buildings::BuildingPatch,
    contacts::ContactIn,
    contacts::ContactPatch,
    contacts::EraseIn,
    contacts::RevealIn,
    contracts::CancelIn,
    contracts::ContractIn,
    elevations::ElevationIn,
    elevations::ElevationPatch,
    files::FileIn,
    import_mappings::MappingIn,
    invitations::AcceptIn,
    invitations::BulkIn,
    invitations::InvitationIn,
    members::MemberPatch,
    operator_invitations::AcceptOperatorIn,
    phases::PhaseIn,
    phases::PhasePatch,
    plans::PlanIn,
    plans::PlanPatch,
    platform::OffboardIn,
    platform::OperatorIn,
    platform::ReasonIn,
    platform::RejectIn,
    platform::TenantPatch,
    projects::ProjectIn,
    projects::ProjectPatch,
    roles::RolePatch,
    settings::SettingsPatch,
    signups::SignupIn,
    signups::VerifyIn,
    units::UnitIn,
    units::UnitPatch,
);

/// Bodies of requests: each is taken, or refused as what it is.
fn body(bytes: &[u8]) {
    for (kind, read) in BODIES {
        let status = read(bytes);
        assert!(matches!(status, 200 | 400 | 422), "{status} from a {kind}");
    }
}

/// However a file is cut into chunks, it reads the same, in bounded memory.
fn csv(bytes: &[u8]) {
    let read = |chunk: usize| {
        let limits = Limits::default();
        let mut sheet = Sheet::new(limits);
        let mut events: Vec<Event> = bytes.chunks(chunk.max(1)).flat_map(|part| sheet.feed(part)).collect();
        assert!(sheet.held_bytes() < 4 << 20, "{} bytes are held", sheet.held_bytes());
        events.extend(sheet.finish());
        events
    };
    let whole = read(bytes.len());
    assert_eq!(whole, read(7), "a file reads differently in chunks of 7 bytes");
    let Some(Event::Header(header)) = whole.first() else { return };
    let Ok(bound) = Mapping::by_field_names(header).bind(header) else { return };
    for event in &whole {
        if let Event::Row(row) = event
            && let Ok(unit) = bound.unit(row)
        {
            assert!(unit.price_minor >= 0, "a price below zero");
        }
    }
}

/// Nobody has the key, so no cursor opens; what was sealed opens where it belongs and nowhere else.
fn cursor(bytes: &[u8]) {
    let key = CursorKey { key: [7; 32], scope: bytes.to_vec() };
    assert_eq!(key.open(text(bytes), noon()), None, "a forged cursor opens");
    let id = Uuid::from_u128(bytes.len() as u128);
    let cursor = key.seal(id, noon());
    assert_eq!(key.open(&cursor, noon()), Some(id));
    let mut elsewhere = key;
    elsewhere.scope.push(0);
    assert_eq!(elsewhere.open(&cursor, noon()), None, "a cursor opens elsewhere");
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
const DIRECTORY: &[u8] = include_bytes!("../seeds/edge_directory/signed");

/// A directory, signed or what is inside of one. A document of one kind is none of another.
fn edge_directory(bytes: &[u8]) {
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
fn edge_head(bytes: &[u8]) {
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
fn edge_keys(bytes: &[u8]) {
    let Ok(keys) = KeySet::read(bytes) else { return };
    assert!(keys.len() <= 16, "{} keys", keys.len());
}

/// A feed of revocations, signed or what is inside of one. After it, an older one is refused.
fn edge_revocations(bytes: &[u8]) {
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
fn edge_signature(bytes: &[u8]) {
    let (request, value) = text(bytes).split_once('\n').unwrap_or_default();
    let (method, target) = request.split_once(' ').unwrap_or_default();
    let (key, value) = (edge_key(), value.trim_end_matches('\n'));
    if let Ok(said) = sign::verify(std::slice::from_ref(&key), method, target, value, 1_795_269_600) {
        assert_eq!(sign::sign(&key, method, target, &said).as_deref(), Ok(value));
    }
}

/// A token as the edge reads it: header, signature and claims. One that is good has not ended, and lives no longer than any may.
fn edge_token(bytes: &[u8]) {
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

/// The manifest of a tenant's export, which is read before its seal can be checked: what reads is of the one format.
fn export_manifest(bytes: &[u8]) {
    if let Ok(signed) = Signed::of_text(bytes) {
        let again = serde_json::to_vec(&signed).expect("it was read");
        assert!(Signed::of_text(&again).is_ok(), "a manifest does not read again");
    }
}

/// What a file is shows in its head; what is HTML is never taken for what is shown to people.
fn file(bytes: &[u8]) {
    let kind = sniff(bytes);
    assert_eq!(kind, sniff(bytes));
    if bytes.trim_ascii_start().to_ascii_lowercase().starts_with(b"<!doctype html") {
        assert!(!matches!(kind, Kind::Pdf | Kind::Png | Kind::Jpeg), "HTML is taken for {kind:?}");
    }
}

/// The edge's rate limiter: a quota, then calls, each with how much later it comes and what it costs. However far a clock jumps,
/// nothing overflows; and while it runs on, no more is admitted than the quota and what came back meanwhile.
fn gcra(bytes: &[u8]) {
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

/// A host names a tenant by its slug only.
fn host(bytes: &[u8]) {
    if let TenantHost::Tenant(slug) = HostRule::new("keystead.example").read(text(bytes)) {
        let again = HostRule::new("keystead.example").read(&format!("{}.keystead.example", slug.as_str()));
        assert_eq!(again, TenantHost::Tenant(slug));
    }
    if let Some(name) = host_name(text(bytes)) {
        assert_eq!(host_name(&name), Some(name.clone()), "a host has two names");
    }
}

/// An id has one spelling.
fn id(bytes: &[u8]) {
    if let Ok(id) = text(bytes).parse::<ContractId>() {
        assert_eq!(id.to_string(), text(bytes));
    }
    if let Ok(slug) = text(bytes).parse::<Slug>() {
        assert!(slug.as_str().len() <= 40 && slug.as_str().is_ascii(), "{}", slug.as_str());
    }
}

/// The headers of a write.
fn if_match(bytes: &[u8]) {
    let Ok(value) = axum::http::HeaderValue::from_bytes(bytes) else { return };
    let request = axum::http::Request::builder().header("if-match", value).body(()).expect("a request");
    let (mut parts, ()) = request.into_parts();
    let read = IfMatch::from_request_parts(&mut parts, &()).now_or_never().expect("it does not wait");
    if let Ok(version) = read {
        let known = text(bytes).trim().trim_matches('"').parse().unwrap_or(0);
        assert!(version.check(known).is_ok(), "a version reads as another");
    }
}

/// A saved mapping: one that is accepted binds, or says why not, to any header.
fn mapping(bytes: &[u8]) {
    let Ok(mapping) = serde_json::from_slice::<Mapping>(bytes) else { return };
    if mapping.check().is_ok() {
        let header: Vec<String> = ["Lot", "Price", "Phase"].map(str::to_owned).into();
        drop(mapping.bind(&header));
    }
}

/// Tokens of links and refreshes.
fn opaque_token(bytes: &[u8]) {
    if let Some(hash) = Opaque::hash(text(bytes)) {
        assert_ne!(hash, [0; 32]);
        assert_eq!(Opaque::hash(text(bytes)), Some(hash));
    }
}

/// What was decrypted: it decodes or is corrupt; a mask shows nothing in full.
fn personal_data(bytes: &[u8]) {
    macro_rules! each {
        ($($kind:ty),*) => {$(
            if let Ok(value) = <$kind>::decode(bytes) {
                let again = <$kind>::decode(&value.encode()).expect("what was encoded decodes");
                assert!(again == value, "{} changes", <$kind>::KIND);
                drop((value.mask(), value.normalised()));
            }
        )*};
    }
    each!(Address, DateOfBirth, Email, Name, Phone);
}

/// Reads a query string as the parameters of one operation.
type QueryReader = fn(&[u8]) -> Result<(), Problem>;

macro_rules! queries {
    ($($operation:ident: $module:ident :: $kind:ident),* $(,)?) => {
        &[$((stringify!($operation), |bytes: &[u8]| {
            read_query::<keystead_api::$module::$kind>(text(bytes)).map(drop)
        })),*]
    };
}

/// Every operation with query parameters of its own, by its name in the OpenAPI document; a test compares the two.
pub const QUERIES: &[(&str, QueryReader)] = queries!(
    import_units: imports::ImportParams,
    list_audit_events: audit::EventFilters,
    list_buildings: buildings::BuildingFilters,
    list_contacts: contacts::ContactFilters,
    list_contracts: contracts::ContractFilters,
    list_elevations: elevations::ElevationFilters,
    list_files: files::FileFilters,
    list_imports: imports::ImportFilters,
    list_phases: phases::PhaseFilters,
    list_plans: plans::PlanFilters,
    list_platform_log: platform::LogFilters,
    list_units: units::UnitFilters,
    read_dashboard: dashboard::DashboardParams,
    read_unit_board: units::BoardParams,
    search: search::SearchParams,
);

/// What every list takes besides, and what is left for one that takes nothing else.
pub const LISTS: &[(&str, QueryReader)] = queries!(paging: http::PageParams, nothing_else: http::NoFilters);

/// Query strings: each is taken, or refused as what cannot be accepted.
fn query(bytes: &[u8]) {
    for (operation, read) in QUERIES.iter().chain(LISTS) {
        let status = read(bytes).map_or_else(|problem| problem.status().as_u16(), |()| 200);
        assert!(matches!(status, 200 | 422), "{status} from a query of {operation}");
    }
}

/// A value that was sealed with a key that is nobody's: a frozen vector of `tenants/keys`.
const SEALED: &[u8] = include_bytes!("../seeds/sealed/v1");

/// Its key.
const KEY: [u8; 32] = [
    0x43, 0x9c, 0x50, 0xd3, 0xad, 0x7f, 0x86, 0xf0, 0x88, 0xd9, 0x8f, 0x5f, 0x98, 0xde, 0x49, 0x1b, 0xde, 0x35, 0xff,
    0x21, 0x6f, 0x04, 0x3e, 0xbe, 0x70, 0x7e, 0x2c, 0x6e, 0xc4, 0x3c, 0xe6, 0x85,
];

/// Where it opens.
fn place() -> Place {
    Place {
        tenant: TenantId(Uuid::from_u128(0x801c_edaf_d1af_d380_85e8_38cc_0f49_1491)),
        table: 3,
        column: 1,
        row: Uuid::from_u128(0xd340_c5ef_d91f_4ff7_2253_ed12_c7fe_bc8d),
        subject: Uuid::from_u128(0xe78b_0f2e_e18d_3668_263c_a4c7_e476_47a8),
        schema_rev: 1,
        kind: 1,
    }
}

/// A ciphertext: its head, which is read before any key is; with a key, which opens the one value that was sealed with it; and
/// as what it is inside, which has one padding.
fn sealed(bytes: &[u8]) {
    if let Ok(version) = Sealed::<Name>::from_bytes(bytes.to_vec()).key_version() {
        assert!(bytes.len() > OVERHEAD, "a version of {version} in {} bytes", bytes.len());
    }
    if let Ok(plain) = open_with(KEY, 1, &place(), bytes) {
        assert!(bytes == SEALED && *plain == *b"Jane Doe", "a forged value opens");
    }
    if let Ok(length) = unpadded_length(bytes) {
        assert_eq!(bytes.len(), (length + 1).next_power_of_two().max(16), "another length");
        assert!(bytes[length] == 0x80 && bytes[length + 1..].iter().all(|byte| *byte == 0), "another padding");
    }
    drop(serde_json::from_slice::<Value>(bytes));
}

/// A tree of shares, as it is inside of its seal: each has one encoding.
fn share_tree(bytes: &[u8]) {
    if let Ok(again) = share_tree_again(bytes) {
        assert!(*again == bytes, "a tree has two encodings");
    }
}
