//! The tenant's wrapped keys, taken from the lines of their table, and what they are needed for.

use anyhow::{Context, anyhow, bail};
use keystead_api::CONTACTS;
use keystead_ids::TenantId;
use keystead_keys::{
    KeyError, Keys, MacKey, Name, Pii, Place, Purpose, Sealed, TenantKeys, TreeAt, WrappedKey, WrappedSubject, Wrapping,
};
use keystead_tenants::transfer::SealedName;
use serde::Deserialize;

/// The table whose lines hold the keys.
pub(super) const TABLE: &str = "app.tenant_keys";

#[derive(Deserialize)]
struct Line {
    purpose: String,
    version: String,
    kms_key: String,
    wrapped: String,
    shares: Option<String>,
}

/// Where the tenant's shares are, if the line says so.
pub(super) fn shares(line: &str) -> Option<String> {
    serde_json::from_str::<Line>(line).ok()?.shares
}

/// A wrapped key from its line.
pub(super) fn wrapped(tenant: TenantId, line: &str) -> anyhow::Result<WrappedKey> {
    let unreadable = || anyhow!("a line of {TABLE} is no key");
    let Line { purpose, version, kms_key, wrapped, .. } = serde_json::from_str(line).map_err(|_| unreadable())?;
    Ok(WrappedKey {
        tenant,
        purpose: purpose.parse().map_err(|_| unreadable())?,
        version: version.parse().map_err(|_| unreadable())?,
        kms_key,
        wrapped: wrapped.strip_prefix("\\x").and_then(|hex| hex::decode(hex).ok()).ok_or_else(unreadable)?,
    })
}

/// Has KMS unwrap the keys that an export needs: the one that seals its manifest and those of personal data, with the shares of
/// the tree of that name for who opens persons.
pub(super) async fn open(
    keys: &Keys,
    wrapped: &[WrappedKey],
    shares: Option<&str>,
    epoch: u64,
) -> anyhow::Result<TenantKeys> {
    let tree = shares.map(|name| TreeAt { name, made: true });
    let needed = |key: &&WrappedKey| matches!(key.purpose, Purpose::Export | Purpose::Pii);
    let needed: Vec<WrappedKey> = wrapped.iter().filter(needed).cloned().collect();
    match keys.tenant(&needed, tree, epoch).await {
        Ok(keys) => Ok(keys),
        Err(KeyError::Missing(_)) => bail!("{TABLE} holds no keys: whatever was sealed for this tenant is lost"),
        Err(error) => Err(error).context("the tenant's keys do not open"),
    }
}

/// The key of manifests' seals.
pub(super) fn seal(keys: &TenantKeys) -> anyhow::Result<MacKey> {
    Ok(keys.mac_key(Purpose::Export, "tenant-export")?)
}

/// Opens a contact's name, as the API would; the name itself goes nowhere.
pub(super) fn opens(keys: &TenantKeys, row: &SealedName) -> Result<(), KeyError> {
    let key_version = row.key_version.try_into().map_err(|_| KeyError::Corrupt)?;
    let wrapping = u8::try_from(row.wrapping).ok().and_then(Wrapping::of_code).ok_or(KeyError::Corrupt)?;
    let wrapped = WrappedSubject { wrapping, key_version, wrapped: row.wrapped.clone() };
    let subject = keys.open_subject(row.contact, &wrapped)?;
    let place = Place::of::<Name>(keys.tenant(), CONTACTS, row.contact, row.contact);
    Pii::<Name>::open(&subject, &place, &Sealed::from_bytes(row.name.clone())).map(drop)
}
