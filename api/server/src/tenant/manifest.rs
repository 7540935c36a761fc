//! What an export consists of, and the seal that nobody makes without the tenant's key in KMS.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use aws_lc_rs::digest::{Context as Digest, SHA256};
use chrono::{DateTime, Utc};
use keystead_ids::TenantId;
use keystead_keys::MacKey;
use keystead_tenants::platform::{Tenant, TenantState, Terms};
use serde::{Deserialize, Serialize};

/// The manifest's file name.
pub const MANIFEST: &str = "manifest.json";

const FORMAT: &str = "keystead-tenant-v1";

/// A manifest with its seal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What is there.
    pub manifest: Manifest,
    /// HMAC-SHA-256 over the manifest as compact JSON, under the tenant's `export` key.
    pub mac: String,
}

/// What an export consists of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Whose it is, as the directory of tenants has it.
    pub tenant: Directory,
    /// When the snapshot was taken.
    pub taken_at: DateTime<Utc>,
    /// Every table, with `<name>.ndjson` beside this file.
    pub tables: Vec<TableEntry>,
    /// Every file that is ready, with `files/<id>` beside this file where it is kept.
    pub files: Vec<FileEntry>,
    /// Where the audit chain stood: `n:hash`.
    pub audit_head: String,
}

/// The tenant's line in the directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    name: String,
    state: String,
    kms_key: Option<String>,
    key_epoch: u64,
    /// Where its files are in the bucket.
    pub storage_prefix: Option<String>,
    created_at: DateTime<Utc>,
    activated_at: Option<DateTime<Utc>>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// With its schema.
    pub name: String,
    /// Its columns with their types, in order.
    pub columns: Vec<(String, String)>,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of its lines, each with its end.
    pub sha256: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The file's id.
    pub id: String,
    /// Where it is in the bucket.
    pub storage_key: String,
    /// Its type.
    pub content_type: String,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of its content, as its row has it.
    pub sha256: String,
    /// False where the storage had it no more, or had something else in its place.
    pub kept: bool,
}

impl Manifest {
    pub(super) fn new(tenant: &Tenant, taken_at: DateTime<Utc>) -> Self {
        let Tenant { id, slug, name, state, kms_key, key_epoch, storage_prefix, created_at, activated_at, .. } =
            tenant.clone();
        let directory = Directory {
            id,
            slug,
            name,
            state: state.name().to_owned(),
            kms_key,
            key_epoch,
            storage_prefix,
            created_at,
            activated_at,
        };
        Self {
            format: FORMAT.to_owned(),
            tenant: directory,
            taken_at,
            tables: Vec::new(),
            files: Vec::new(),
            audit_head: String::new(),
        }
    }

    /// The tenant as the directory had it.
    pub(super) fn tenant(&self) -> anyhow::Result<Tenant> {
        let Directory { id, slug, name, state, kms_key, key_epoch, storage_prefix, created_at, activated_at } =
            self.tenant.clone();
        let state = TenantState::named(&state).with_context(|| format!("{MANIFEST}: a tenant cannot be {state}"))?;
        // Of a tenant that is gone there is no export: its keys are.
        let offboarded_at = None;
        Ok(Tenant {
            id,
            slug,
            name,
            state,
            kms_key,
            key_epoch,
            storage_prefix,
            created_at,
            activated_at,
            offboarded_at,
            // Where it lands, operators decide anew.
            terms: Terms::default(),
            suspended: None,
        })
    }

    pub(super) fn table(&self, name: &str) -> anyhow::Result<&TableEntry> {
        self.tables.iter().find(|table| table.name == name).with_context(|| format!("{MANIFEST} lists no table {name}"))
    }

    fn text(&self) -> anyhow::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    pub(super) fn sign(self, key: &MacKey) -> anyhow::Result<Signed> {
        let mac = hex::encode(key.sign(&[&self.text()?]));
        Ok(Signed { manifest: self, mac })
    }
}

impl Signed {
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(MANIFEST);
        Self::of_text(&fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?)
    }

    /// Reads the text of [`MANIFEST`]. Whether the seal holds is not known then.
    ///
    /// # Errors
    /// When it is no manifest, or one of another format.
    pub fn of_text(text: &[u8]) -> anyhow::Result<Self> {
        let signed: Self = serde_json::from_slice(text).with_context(|| format!("{MANIFEST} is damaged"))?;
        let format = &signed.manifest.format;
        ensure!(format == FORMAT, "{MANIFEST} is of the format {format}; this program reads {FORMAT}");
        Ok(signed)
    }

    /// Did an export of this tenant make it, and is it as it was made?
    pub(super) fn verify(&self, key: &MacKey) -> anyhow::Result<()> {
        let mac = hex::decode(&self.mac).unwrap_or_default();
        ensure!(
            key.verify(&[&self.manifest.text()?], &mac),
            "{MANIFEST} was changed, or no export of this tenant made it: its seal does not hold"
        );
        Ok(())
    }
}

/// Counts and digests the lines of a table.
pub(super) struct Tally {
    digest: Digest,
    rows: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { digest: Digest::new(&SHA256), rows: 0 }
    }

    /// A line without its end.
    pub(super) fn line(&mut self, line: &str) {
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        self.rows += 1;
    }

    /// How many lines, and the digest of all.
    pub(super) fn done(self) -> (u64, String) {
        (self.rows, hex::encode(self.digest.finish()))
    }
}
