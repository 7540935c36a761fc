//! What is fuzzed: every reader of ours of bytes that somebody else wrote, at the edge, in a cell and in a file that was carried
//! elsewhere; and the edge's rate limiter, whose numbers are others'. A target must not panic, and says what must hold besides.
//!
//! Some readers are not here. HTTP itself, TLS, PostgreSQL's protocol and what KMS, S3 and SMTP answer are read by libraries;
//! the signed context, and the rows of a tenant's export behind their seal, are PostgreSQL's to read; the cell's own rate
//! limiter is a library; settings are their operator's own.

mod edge;
mod files;
mod keys;
pub mod requests;

use std::str::FromStr;

use chrono::{DateTime, Utc};

/// A reader that is fuzzed, under the name of its seeds' folder.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("access_token", requests::access_token),
    ("api_key", edge::api_key),
    ("audit_export", files::audit_export),
    ("audit_proof", files::audit_proof),
    ("body", requests::body),
    ("csv", files::csv),
    ("cursor", requests::cursor),
    ("edge_directory", edge::edge_directory),
    ("edge_head", edge::edge_head),
    ("edge_keys", edge::edge_keys),
    ("edge_revocations", edge::edge_revocations),
    ("edge_signature", edge::edge_signature),
    ("edge_token", edge::edge_token),
    ("export_manifest", files::export_manifest),
    ("file", files::file),
    ("gcra", edge::gcra),
    ("host", requests::host),
    ("id", requests::id),
    ("if_match", requests::if_match),
    ("mapping", files::mapping),
    ("opaque_token", requests::opaque_token),
    ("personal_data", keys::personal_data),
    ("query", requests::query),
    ("sealed", keys::sealed),
    ("share_tree", keys::share_tree),
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
