//! Files on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use keystead_blobs::Presigned;
use keystead_entities::file;
use keystead_ids::{FileId, PlanId, ProjectId};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use crate::http::Text;

/// The longest file, in bytes.
pub(super) const MAX_BYTES: u64 = 50 * 1024 * 1024;

/// A file to upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileIn {
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The plan that it shows; a plan of the same project.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// What it is for.
    pub kind: FileKind,
    /// The name that it is saved under when it is downloaded.
    pub name: Text<1, 200>,
    /// Its format.
    pub content_type: ContentType,
    /// Its length in bytes, at most 50 MiB.
    #[serde(deserialize_with = "length")]
    #[schema(minimum = 1, maximum = 52_428_800)]
    pub length: u64,
    /// SHA-256 of its content, in hexadecimal.
    #[serde(deserialize_with = "sha256")]
    #[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
    pub sha256: [u8; 32],
}

/// What a file is for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// The drawing of a plan.
    Floorplan,
}

impl FileKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Floorplan => "floorplan",
        }
    }
}

/// The formats that are accepted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub enum ContentType {
    /// PDF (ISO 32000).
    #[serde(rename = "application/pdf")]
    Pdf,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl ContentType {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Where a file is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Declared; nobody can read it before it is confirmed.
    Quarantined,
    /// Confirmed; can be downloaded.
    Ready,
    /// Was not what was declared, and is gone.
    Rejected,
    /// Removed, and gone.
    Removed,
}

impl FileState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Ready => "ready",
            Self::Rejected => "rejected",
            Self::Removed => "removed",
        }
    }

    /// Is `row` in this state?
    pub(super) fn holds(self, row: &file::Model) -> bool {
        row.state == self.name()
    }
}

/// Which files to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileFilters {
    /// Of this project only.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// Of this plan only.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
}

/// A file.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FileOut {
    /// Its id.
    pub id: FileId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The plan that it shows.
    #[schema(required)]
    pub plan_id: Option<PlanId>,
    /// `floorplan`.
    pub kind: String,
    /// The name that it is saved under when it is downloaded.
    pub name: String,
    /// Its format.
    pub content_type: String,
    /// Its length in bytes.
    pub length: i64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// `quarantined`, `ready`, `rejected` or `removed`.
    pub state: String,
    /// Why it was rejected.
    #[schema(required)]
    pub rejected_because: Option<String>,
    /// When it was declared.
    pub created_at: DateTime<Utc>,
}

impl From<file::Model> for FileOut {
    fn from(row: file::Model) -> Self {
        let file::Model { id, project_id, plan_id, kind, name, content_type, length, sha256, .. } = row;
        let file::Model { state, rejected_because, created_at, .. } = row;
        let sha256 = hex::encode(sha256);
        Self { id, project_id, plan_id, kind, name, content_type, length, sha256, state, rejected_because, created_at }
    }
}

/// A file in quarantine, and how to upload it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileCreated {
    /// The file.
    #[serde(flatten)]
    pub file: FileOut,
    /// The request that uploads it.
    pub upload: Upload,
}

/// A request to send, exactly so, with the file as its body. Whoever holds the URL may send it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    /// HTTP method.
    pub method: String,
    /// Where to.
    pub url: String,
    /// The headers to send; they are part of the signature.
    pub headers: BTreeMap<String, String>,
    /// For how long the URL is good, in seconds.
    pub expires_in_seconds: u64,
}

impl From<Presigned> for Upload {
    fn from(signed: Presigned) -> Self {
        let Presigned { method, url, headers, expires_in_seconds } = signed;
        Self { method, url, headers: headers.into_iter().collect(), expires_in_seconds }
    }
}

/// Where to download a file. Whoever holds the URL may.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// Where from, with GET.
    pub url: String,
    /// For how long the URL is good, in seconds; at most 60.
    #[schema(maximum = 60)]
    pub expires_in_seconds: u64,
}

impl From<Presigned> for Link {
    fn from(signed: Presigned) -> Self {
        Self { url: signed.url, expires_in_seconds: signed.expires_in_seconds }
    }
}

fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let length = i64::deserialize(deserializer)?;
    match u64::try_from(length) {
        Ok(length) if (1..=MAX_BYTES).contains(&length) => Ok(length),
        _ => Err(D::Error::custom(format!("must be 1 to {MAX_BYTES} bytes"))),
    }
}

fn sha256<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut digest = [0; 32];
    hex::decode_to_slice(&text, &mut digest).map_err(|_| D::Error::custom("must be 64 hexadecimal digits"))?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(length: i64, sha256: &str) -> Result<FileIn, serde_json::Error> {
        serde_json::from_value(json!({
            "project_id": "prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6", "kind": "floorplan", "name": "Plan 1.pdf",
            "content_type": "application/pdf", "length": length, "sha256": sha256,
        }))
    }

    #[test]
    fn length_and_digest_are_bounded() {
        let digest = "0f".repeat(32);
        assert_eq!(input(1, &digest).expect("good").sha256, [15; 32]);
        assert!(input(52_428_800, &digest).is_ok());
        for length in [0, -1, 52_428_801, i64::MAX] {
            assert!(input(length, &digest).is_err(), "{length}");
        }
        for bad in ["", "0f", &"0g".repeat(32), &"0f".repeat(33)] {
            assert!(input(1, bad).is_err(), "{bad}");
        }
    }
}
