//! Out of the database.

use std::{
    fmt, fs,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use keystead_audit::genesis;
use keystead_ids::RequestId;
use keystead_keys::WrappedKey;
use keystead_tenants::{
    Clock, DatabaseUrls, Databases,
    transfer::{TenantSnapshot, TransferTable},
};
use serde::Deserialize;

use super::{
    Cloud, files, find, keys,
    manifest::{FileEntry, MANIFEST, Manifest, TableEntry, Tally},
};
use crate::config::Shared;

/// What an export came to.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Where it is.
    pub folder: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { tenant, tables, files, audit_head, .. } = &self.manifest;
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        let lost: Vec<&FileEntry> = files.iter().filter(|file| !file.kept).collect();
        let kept = files.len() - lost.len();
        write!(f, "exported {} ({}): {rows} rows of {} tables, {kept} files", tenant.slug, tenant.id, tables.len())?;
        write!(f, "\naudit head {audit_head}")?;
        for file in lost {
            write!(f, "\nMISSING in the storage, or altered there: file {} ({})", file.id, file.storage_key)?;
        }
        Ok(())
    }
}

/// Exports a tenant, given by slug or id, into `out`. A folder beside it is filled and renamed at the end: what carries the
/// name is whole, and what a crash left is thrown away by the next run.
///
/// # Errors
/// When `out` exists, there is no such tenant, or database, KMS or storage fail.
pub async fn export(shared: &Shared, cloud: &Cloud, tenant: &str, out: &Path) -> anyhow::Result<Exported> {
    ensure!(!out.exists(), "{} is there already", out.display());
    let (root, clock) = (shared.root()?, Clock::system());
    let urls = DatabaseUrls { server: shared.database_url.clone(), connections: 1, platform_connections: 1 };
    let db = Databases::open(&urls, &root)?;
    let tenant = find(&db, tenant).await?;
    let partial = beside(out)?;
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(partial.join("files")).with_context(|| format!("cannot make {}", partial.display()))?;

    let mut manifest = Manifest::new(&tenant, clock.now());
    let snapshot = db.snapshot(tenant.id, clock.id::<RequestId>()).await?;
    let mut found = Found { wrapped: Vec::new(), files: Vec::new(), head: None };
    for table in snapshot.tables().await? {
        manifest.tables.push(write_table(&snapshot, &table, &partial, &tenant, &mut found).await?);
    }
    drop(snapshot);
    let blobs = cloud.blobs().await;
    for file in &mut found.files {
        files::keep(&blobs, &partial, file).await?;
    }
    manifest.files = found.files;
    manifest.audit_head = found.head.unwrap_or_else(|| format!("0:{}", genesis(tenant.id)));
    let opened = keys::open(&cloud.keys().await?, &found.wrapped, None, tenant.key_epoch).await?;
    let signed = manifest.sign(&keys::seal(&opened)?)?;
    write_whole(&partial.join(MANIFEST), &serde_json::to_vec_pretty(&signed)?)?;
    File::open(&partial)?.sync_all()?;
    // On record before anybody has it.
    db.platform().exported(tenant.id, &signed.manifest.audit_head, clock.now()).await?;
    fs::rename(&partial, out)?;
    Ok(Exported { folder: out.to_owned(), manifest: signed.manifest })
}

fn beside(out: &Path) -> anyhow::Result<PathBuf> {
    let name = out.file_name().context("--out names no folder")?;
    let mut partial = name.to_owned();
    partial.push(".partial");
    Ok(out.with_file_name(partial))
}

/// What an export needs to know of the rows that pass.
struct Found {
    wrapped: Vec<WrappedKey>,
    files: Vec<FileEntry>,
    head: Option<String>,
}

#[derive(Deserialize)]
struct HeadLine {
    n: String,
    hash: String,
}

impl Found {
    fn look_at(&mut self, table: &str, tenant: &keystead_tenants::platform::Tenant, line: &str) -> anyhow::Result<()> {
        match table {
            keys::TABLE => self.wrapped.push(keys::wrapped(tenant.id, line)?),
            files::TABLE => self.files.extend(files::named(line)?),
            "audit.heads" => {
                let HeadLine { n, hash } = serde_json::from_str(line).context("the audit head does not read")?;
                self.head = Some(format!("{n}:{}", hash.trim_start_matches("\\x")));
            }
            _ => {}
        }
        Ok(())
    }
}

async fn write_table(
    snapshot: &TenantSnapshot,
    table: &TransferTable,
    folder: &Path,
    tenant: &keystead_tenants::platform::Tenant,
    found: &mut Found,
) -> anyhow::Result<TableEntry> {
    let path = folder.join(format!("{}.ndjson", table.name));
    let mut out = BufWriter::new(File::create(&path)?);
    let mut tally = Tally::new();
    let mut rows = snapshot.rows(table).await?;
    loop {
        let lines = rows.next().await.with_context(|| format!("{} does not read", table.name))?;
        if lines.is_empty() {
            break;
        }
        for line in &lines {
            tally.line(line);
            writeln!(out, "{line}")?;
            found.look_at(&table.name, tenant, line)?;
        }
    }
    out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    let (rows, sha256) = tally.done();
    let columns = table.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect();
    Ok(TableEntry { name: table.name.clone(), columns, rows, sha256 })
}

fn write_whole(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut out = File::create(path)?;
    out.write_all(content)?;
    Ok(out.sync_all()?)
}
