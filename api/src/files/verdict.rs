//! Is an upload what was declared?

use keystead_blobs::{BlobError, Inspection, sniff::sniff};
use keystead_entities::file;

/// What reading an upload back showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is what was declared.
    Good,
    /// Nothing was uploaded yet.
    Missing,
    /// Something else was uploaded: the field that is wrong, and how.
    Wrong(String),
}

/// Separates the field from what is wrong with it, in the table.
const SEPARATOR: &str = ": ";

/// Judges an upload by what was read back.
///
/// # Errors
/// When the storage failed, so that nobody knows.
pub(super) fn judge(declared: &file::Model, found: Result<Inspection, BlobError>) -> Result<Verdict, BlobError> {
    let found = match found {
        Ok(found) => found,
        Err(BlobError::NotFound) => return Ok(Verdict::Missing),
        Err(BlobError::TooLong { .. }) => return Ok(wrong("length", "the file is longer than was declared")),
        Err(error) => return Err(error),
    };
    if i64::try_from(found.len) != Ok(declared.length) {
        return Ok(wrong("length", "the file has another length than was declared"));
    }
    if found.sha256.as_slice() != declared.sha256.as_slice() {
        return Ok(wrong("sha256", "the file has another content than was declared"));
    }
    if !sniff(&found.head).is(&declared.content_type) {
        return Ok(wrong("content_type", "the file is not of the declared type"));
    }
    Ok(Verdict::Good)
}

fn wrong(field: &str, reason: &str) -> Verdict {
    Verdict::Wrong([field, SEPARATOR, reason].concat())
}

/// The field that a kept reason names, and what is wrong with it.
pub(super) fn field_and_reason(kept: &str) -> (&str, &str) {
    kept.split_once(SEPARATOR).unwrap_or(("", kept))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use keystead_ids::{FileId, ProjectId, TenantId};
    use uuid::Uuid;

    use super::*;

    fn pdf(head: &[u8]) -> file::Model {
        file::Model {
            tenant_id: TenantId(Uuid::nil()),
            id: FileId(Uuid::nil()),
            project_id: ProjectId(Uuid::nil()),
            plan_id: None,
            kind: "floorplan".into(),
            name: "a.pdf".into(),
            content_type: "application/pdf".into(),
            length: i64::try_from(head.len()).expect("short"),
            sha256: vec![7; 32],
            storage_key: "t/a/b".into(),
            state: "quarantined".into(),
            rejected_because: None,
            row_version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn found(head: &[u8]) -> Inspection {
        Inspection { len: head.len() as u64, sha256: [7; 32], head: head.to_vec() }
    }

    fn field(declared: &file::Model, found: Result<Inspection, BlobError>) -> String {
        match judge(declared, found).expect("a verdict") {
            Verdict::Wrong(kept) => field_and_reason(&kept).0.to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn only_what_was_declared_is_good() {
        let good: &[u8] = b"%PDF-1.7\n";
        let page: &[u8] = b"<html></html>";
        assert_eq!(field(&pdf(good), Ok(found(good))), "Good");
        assert_eq!(field(&pdf(page), Ok(found(page))), "content_type");
        assert_eq!(field(&pdf(good), Ok(found(b"%PDF-1.7"))), "length");
        assert_eq!(field(&pdf(good), Err(BlobError::TooLong { max: 9 })), "length");
        assert_eq!(field(&pdf(good), Ok(Inspection { sha256: [8; 32], ..found(good) })), "sha256");
        assert_eq!(field(&pdf(good), Err(BlobError::NotFound)), "Missing");
        assert!(judge(&pdf(good), Err(BlobError::Unreachable { operation: "read" })).is_err());
    }
}
