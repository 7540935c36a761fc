//! Into a database of its own.

use std::{
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use keystead_audit::{ChainHash, chain_step, genesis};
use keystead_keys::{KeyError, TenantKeys, WrappedKey};
use keystead_tenants::transfer::{Landing, TransferTable};
use serde::Deserialize;

use super::{
    Cloud, files, keys,
    manifest::{Manifest, Signed, TableEntry, Tally},
};
use crate::{config::Shared, database::prepare};

/// The longest line that is read, in bytes: bounds memory against a hostile file.
const LONGEST_LINE: u64 = 64 << 20;

/// How many contacts are opened, at most, to see whether the keys fit.
pub const SAMPLE: u32 = 200;

/// What a restore came to.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What was restored.
    pub manifest: Manifest,
    /// Events whose chain was verified.
    pub events: u64,
    /// Contacts whose name was opened.
    pub opened: usize,
    /// Contacts who were erased after the export: they do not open, and nothing will make them.
    pub erased: usize,
    /// Files that were put back into the bucket.
    pub files: usize,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { manifest: Manifest { tenant, tables, audit_head, .. }, events, opened, erased, files } = self;
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        write!(
            f,
            "restored {} ({}): {rows} rows of {} tables, as exported; {files} files put back\n\
            {events} audit events verified, head {audit_head}; {opened} contacts open",
            tenant.slug,
            tenant.id,
            tables.len()
        )?;
        if *erased > 0 {
            write!(f, ", {erased} were erased since and do not")?;
        }
        Ok(())
    }
}

/// Restores the export in `folder` into the database `into`, which is made and migrated if it is not there.
///
/// The export is verified before anything is written. All rows come in one transaction, which is committed after they were
/// read back and compared, every reference was checked, the audit chain verified and contacts opened: whatever stops it
/// leaves a database without tenants, and it can be run again.
///
/// # Errors
/// Names the first thing that is wrong with the export, or what failed.
pub async fn restore(
    shared: &Shared,
    cloud: &Cloud,
    admin_url: &str,
    folder: &Path,
    into: &str,
    tenant: Option<&str>,
) -> anyhow::Result<Restored> {
    let signed = Signed::read(folder)?;
    let manifest = &signed.manifest;
    if let Some(wanted) = tenant {
        let whose = &manifest.tenant;
        let is_meant = whose.slug == wanted || whose.id.to_string() == wanted;
        ensure!(is_meant, "this is an export of {} ({}), not of {wanted}", whose.slug, whose.id);
    }
    let opened_keys = verify(&signed, folder, cloud).await?;
    let root = shared.root()?;
    prepare(admin_url, into, &root).await?;
    let mut config: tokio_postgres::Config = shared.database_url.parse().context("DATABASE_URL does not parse")?;
    config.dbname(into);
    let landing = Landing::begin(&config, &root, &manifest.tenant()?)
        .await
        .with_context(|| format!("{into} cannot take a tenant in"))?;
    let tables = matching(&landing.tables().await?, &manifest.tables)?;
    for (table, entry) in &tables {
        load(&landing, table, entry, folder).await.with_context(|| format!("{} does not load", entry.name))?;
    }
    landing.check_references().await.context("a reference leads nowhere")?;
    for (table, entry) in &tables {
        compare(&landing, table, entry).await?;
    }
    let events = verify_chain(&landing, manifest).await?;
    let (opened, erased) = open_sample(&landing, &opened_keys).await?;
    let put_back = put_files_back(cloud, folder, manifest).await?;
    landing.commit().await?;
    Ok(Restored { manifest: signed.manifest, events, opened, erased, files: put_back })
}

/// The export is whole and unchanged, and of one tenant. The seal is checked first: from then on the manifest is believed.
async fn verify(signed: &Signed, folder: &Path, cloud: &Cloud) -> anyhow::Result<TenantKeys> {
    let manifest = &signed.manifest;
    let (mut wrapped, mut shares): (Vec<WrappedKey>, _) = (Vec::new(), None);
    verify_table(manifest, manifest.table(keys::TABLE)?, folder, |line| {
        wrapped.push(keys::wrapped(manifest.tenant.id, line)?);
        shares = shares.take().or(keys::shares(line));
        Ok(())
    })?;
    let opened = keys::open(&cloud.keys().await?, &wrapped, shares.as_deref(), manifest.tenant()?.key_epoch).await?;
    signed.verify(&keys::seal(&opened)?)?;
    for table in &manifest.tables {
        verify_table(manifest, table, folder, |_| Ok(()))?;
    }
    for file in manifest.files.iter().filter(|file| file.kept) {
        files::verify(folder, file)?;
    }
    Ok(opened)
}

#[derive(Deserialize)]
struct Owner {
    tenant_id: uuid::Uuid,
}

fn verify_table(
    manifest: &Manifest,
    entry: &TableEntry,
    folder: &Path,
    mut take: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let TableEntry { name, rows, sha256, .. } = entry;
    let mut tally = Tally::new();
    let mut number = 0_u64;
    each_line(folder, name, |line| {
        number += 1;
        let owner: Owner =
            serde_json::from_str(line).with_context(|| format!("{name}: line {number} is damaged or cut"))?;
        let whose = manifest.tenant.id.uuid();
        ensure!(owner.tenant_id == whose, "{name}: line {number} belongs to another tenant");
        tally.line(line);
        take(line)
    })?;
    let (found, digest) = tally.done();
    ensure!(found >= *rows, "{name}: {found} of {rows} rows: the rest is missing");
    ensure!(found == *rows, "{name}: {found} rows where there were {rows}: some were added");
    ensure!(digest == *sha256, "{name} was changed: it does not match its SHA-256");
    Ok(())
}

fn each_line(folder: &Path, table: &str, mut take: impl FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut input = open_table(folder, table)?;
    let mut line = String::new();
    while next_line(&mut input, table, &mut line)? {
        take(&line)?;
    }
    Ok(())
}

fn open_table(folder: &Path, table: &str) -> anyhow::Result<BufReader<File>> {
    // The name comes from a file that anybody may have written: it must not lead out of the folder.
    ensure!(table.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte)), "{table} names no table");
    let path = folder.join(format!("{table}.ndjson"));
    Ok(BufReader::new(File::open(&path).with_context(|| format!("{table}.ndjson is missing"))?))
}

/// Reads a line without its end into `line`; false at the end of the file.
fn next_line(input: &mut BufReader<File>, table: &str, line: &mut String) -> anyhow::Result<bool> {
    line.clear();
    let read = input.take(LONGEST_LINE).read_line(line).with_context(|| format!("{table}.ndjson does not read"))?;
    if read == 0 {
        return Ok(false);
    }
    ensure!(line.pop() == Some('\n'), "{table}.ndjson was cut: its last line has no end");
    Ok(true)
}

/// Pairs what was exported with the tables of this database, which have to be the same.
fn matching<'a>(
    here: &[TransferTable],
    exported: &'a [TableEntry],
) -> anyhow::Result<Vec<(TransferTable, &'a TableEntry)>> {
    const HINT: &str = "restore with the version that made the export, then migrate";
    if let Some(unknown) = here.iter().find(|table| !exported.iter().any(|entry| entry.name == table.name)) {
        bail!("the export has no {}: {HINT}", unknown.name);
    }
    let pair = |entry: &'a TableEntry| {
        let table = here.iter().find(|table| table.name == entry.name);
        let table = table.with_context(|| format!("this database has no {}: {HINT}", entry.name))?;
        let same = table.columns.iter().map(|c| (&c.name, &c.kind)).eq(entry.columns.iter().map(|(n, k)| (n, k)));
        ensure!(same, "{} has other columns in this database: {HINT}", entry.name);
        Ok((table.clone(), entry))
    };
    exported.iter().map(pair).collect()
}

async fn load(landing: &Landing, table: &TransferTable, entry: &TableEntry, folder: &Path) -> anyhow::Result<()> {
    let mut input = open_table(folder, &entry.name)?;
    let mut lines = Vec::with_capacity(Landing::BATCH);
    let mut line = String::new();
    loop {
        let more = next_line(&mut input, &entry.name, &mut line)?;
        if more {
            lines.push(std::mem::take(&mut line));
        }
        if lines.len() == Landing::BATCH || !more && !lines.is_empty() {
            landing.add(table, &lines).await?;
            lines.clear();
        }
        if !more {
            return Ok(());
        }
    }
}

/// The rows that are there now are the rows that were exported.
async fn compare(landing: &Landing, table: &TransferTable, entry: &TableEntry) -> anyhow::Result<()> {
    let mut tally = Tally::new();
    let mut rows = landing.rows(table).await?;
    loop {
        let lines = rows.next().await?;
        if lines.is_empty() {
            break;
        }
        lines.iter().for_each(|line| tally.line(line));
    }
    let same = tally.done() == (entry.rows, entry.sha256.clone());
    ensure!(same, "{} did not come back as it was exported", entry.name);
    Ok(())
}

/// Recomputes the chain from the rows and compares its end with the head that the manifest vouches for.
async fn verify_chain(landing: &Landing, manifest: &Manifest) -> anyhow::Result<u64> {
    let tenant = manifest.tenant.id;
    let (mut n, mut hash, mut broken) = (0_u64, genesis(tenant), None);
    landing
        .chain(|number, stored, leaf| {
            n += 1;
            hash = chain_step(tenant, n, &hash, leaf.as_bytes());
            if number.unsigned_abs() != n || ChainHash(stored.try_into().unwrap_or([0; 32])) != hash {
                broken.get_or_insert(n);
            }
        })
        .await?;
    if let Some(event) = broken {
        bail!("the audit chain is broken at event {event}");
    }
    ensure!(manifest.audit_head == format!("{n}:{hash}"), "the audit chain does not end at {}", manifest.audit_head);
    Ok(n)
}

/// How many of the newest contacts open, and how many were erased since.
async fn open_sample(landing: &Landing, keys: &TenantKeys) -> anyhow::Result<(usize, usize)> {
    let sample = landing.sealed_names(SAMPLE.into()).await?;
    let mut erased = 0;
    for row in &sample {
        match keys::opens(keys, row) {
            Ok(()) => {}
            Err(KeyError::Erased) => erased += 1,
            Err(error) => {
                return Err(error).with_context(|| format!("contact {} does not open", row.contact));
            }
        }
    }
    Ok((sample.len() - erased, erased))
}

async fn put_files_back(cloud: &Cloud, folder: &Path, manifest: &Manifest) -> anyhow::Result<usize> {
    let blobs = cloud.blobs().await;
    let mut put_back = 0;
    for (index, file) in manifest.files.iter().filter(|file| file.kept).enumerate() {
        if index == 0 {
            blobs.ensure_bucket().await?;
        }
        put_back += usize::from(files::put_back(&blobs, folder, file).await?);
    }
    Ok(put_back)
}
