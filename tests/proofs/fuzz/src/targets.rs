//! What is fuzzed: every reader of bytes that somebody else wrote. A target must not panic, and says what must hold besides.

use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use keystead_api::http::{CursorKey, IfMatch, read_json, read_query};
use keystead_blobs::sniff::{Kind, sniff};
use keystead_identity::{Audience, KeyRing, Opaque, SigningKey};
use keystead_ids::{ContractId, HostRule, Slug, TenantHost};
use keystead_keys::{Address, DateOfBirth, Email, Name, Phone, PiiField, Sealed};
use keystead_sheets::{Event, Limits, Mapping, Sheet};
use serde_json::Value;

/// A reader that is fuzzed, under the name of its seeds' folder.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("access_token", access_token),
    ("audit_export", audit_export),
    ("body", body),
    ("csv", csv),
    ("cursor", cursor),
    ("file", file),
    ("host", host),
    ("id", id),
    ("if_match", if_match),
    ("mapping", mapping),
    ("opaque_token", opaque_token),
    ("personal_data", personal_data),
    ("query", query),
    ("sealed", sealed),
];

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default()
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

/// An export that verifies is of one tenant, and says how many events it has.
fn audit_export(bytes: &[u8]) {
    if let Ok(report) = keystead_audit::verify(bytes, keystead_audit::Expect::default()) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(report.events + 1, lines as u64, "an export verifies with another number of events");
    }
}

/// Bodies of requests: what is taken holds no NUL, and what is refused is not quoted.
fn body(bytes: &[u8]) {
    macro_rules! each {
        ($($kind:ty),* $(,)?) => {$({
            let read = read_json::<$kind>(bytes);
            let status = read.as_ref().err().map_or(200, |problem| problem.status().as_u16());
            assert!(matches!(status, 200 | 400 | 422), "{status} from a body");
        })*};
    }
    each!(
        keystead_api::contacts::ContactIn,
        keystead_api::contacts::ContactPatch,
        keystead_api::contacts::RevealIn,
        keystead_api::contracts::CancelIn,
        keystead_api::contracts::ContractIn,
        keystead_api::signups::SignupIn,
        keystead_api::units::UnitIn,
        keystead_api::units::UnitPatch,
    );
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
    let id = uuid::Uuid::from_u128(bytes.len() as u128);
    let cursor = key.seal(id, noon());
    assert_eq!(key.open(&cursor, noon()), Some(id));
    let mut elsewhere = key;
    elsewhere.scope.push(0);
    assert_eq!(elsewhere.open(&cursor, noon()), None, "a cursor opens elsewhere");
}

/// What a file is shows in its head; what is HTML is never taken for what is shown to people.
fn file(bytes: &[u8]) {
    let kind = sniff(bytes);
    assert_eq!(kind, sniff(bytes));
    if bytes.trim_ascii_start().to_ascii_lowercase().starts_with(b"<!doctype html") {
        assert!(!matches!(kind, Kind::Pdf | Kind::Png | Kind::Jpeg), "HTML is taken for {kind:?}");
    }
}

/// A host names a tenant by its slug only.
fn host(bytes: &[u8]) {
    if let TenantHost::Tenant(slug) = HostRule::new("keystead.example").read(text(bytes)) {
        let again = HostRule::new("keystead.example").read(&format!("{}.keystead.example", slug.as_str()));
        assert_eq!(again, TenantHost::Tenant(slug));
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

/// Query strings.
fn query(bytes: &[u8]) {
    drop(read_query::<keystead_api::units::UnitFilters>(text(bytes)));
    drop(read_query::<keystead_api::contacts::ContactFilters>(text(bytes)));
    drop(read_query::<keystead_api::http::PageParams>(text(bytes)));
}

/// The head of a ciphertext, which is read before any key is.
fn sealed(bytes: &[u8]) {
    let sealed = Sealed::<Name>::from_bytes(bytes.to_vec());
    if let Ok(version) = sealed.key_version() {
        assert!(bytes.len() >= 8, "a version of {version} in {} bytes", bytes.len());
    }
    drop(serde_json::from_slice::<Value>(bytes));
}
