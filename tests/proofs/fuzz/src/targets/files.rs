//! Files that were carried from elsewhere: lists that are imported, uploads, exports of a tenant and of its audit trail.

use std::sync::LazyLock;

use keystead_audit::{Attestation, Expect, LogKey, Proof};
use keystead_blobs::sniff::{Kind, sniff};
use keystead_server::tenant::Signed;
use keystead_sheets::{Event, Limits, Mapping, Sheet};

use super::{has_one_spelling, text};

/// The key of the log in `tenants/audit/vectors`, which nobody can sign with any more.
static LOG: LazyLock<LogKey> =
    LazyLock::new(|| include_str!("../../../../../tenants/audit/vectors/signed.key").parse().expect("a key"));

/// Whose trail the log's key has signed.
const SIGNED: &str = "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";

/// An export that verifies is of one tenant, and says how many events it has; one that is signed is of whom it was signed for.
pub(super) fn audit_export(bytes: &[u8]) {
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
pub(super) fn audit_proof(bytes: &[u8]) {
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

/// However a file is cut into chunks, it reads the same, in bounded memory.
pub(super) fn csv(bytes: &[u8]) {
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

/// The manifest of a tenant's export, which is read before its seal can be checked: what reads is of the one format.
pub(super) fn export_manifest(bytes: &[u8]) {
    if let Ok(signed) = Signed::of_text(bytes) {
        let again = serde_json::to_vec(&signed).expect("it was read");
        assert!(Signed::of_text(&again).is_ok(), "a manifest does not read again");
    }
}

/// What a file is shows in its head; what is HTML is never taken for what is shown to people.
pub(super) fn file(bytes: &[u8]) {
    let kind = sniff(bytes);
    assert_eq!(kind, sniff(bytes));
    if bytes.trim_ascii_start().to_ascii_lowercase().starts_with(b"<!doctype html") {
        assert!(!matches!(kind, Kind::Pdf | Kind::Png | Kind::Jpeg), "HTML is taken for {kind:?}");
    }
}

/// A saved mapping: one that is accepted binds, or says why not, to any header.
pub(super) fn mapping(bytes: &[u8]) {
    let Ok(mapping) = serde_json::from_slice::<Mapping>(bytes) else { return };
    if mapping.check().is_ok() {
        let header: Vec<String> = ["Lot", "Price", "Phase"].map(str::to_owned).into();
        drop(mapping.bind(&header));
    }
}
