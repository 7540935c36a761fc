//! The state folder: one small file per key, and an append-only log of aliases.
//!
//! A key's file is replaced by write, fsync and rename; a line of the alias log counts once its newline is on disk. So a
//! crash at any point leaves the state before or after a call, never between.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::KeyRecord;

/// Lines of the alias log beyond which opening rewrites it, when most of them are superseded.
const COMPACT_BEYOND: usize = 1_000;

/// A line of the alias log; no key means that the alias is gone.
#[derive(Serialize, Deserialize)]
struct AliasLine<'a> {
    alias: std::borrow::Cow<'a, str>,
    key: Option<Uuid>,
}

/// What the folder held when it was opened.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) keys: HashMap<Uuid, KeyRecord>,
    pub(crate) aliases: BTreeMap<String, Uuid>,
}

/// The folder, held by this process alone.
pub(crate) struct Disk {
    keys: PathBuf,
    aliases: File,
    /// Held for its lock.
    _lock: File,
}

/// A freshly opened folder.
pub(crate) struct Store {
    pub(crate) disk: Disk,
    pub(crate) contents: Contents,
}

impl Store {
    /// Opens or creates the folder.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let keys = folder.join("keys");
        fs::create_dir_all(&keys).with_context(|| format!("cannot create {}", keys.display()))?;
        let lock = private().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        acquire(&lock).with_context(|| format!("{} is in use", folder.display()))?;
        let (log, aliases) = open_aliases(&folder.join("aliases.log"))?;
        let contents = Contents { keys: load_keys(&keys)?, aliases };
        Ok(Self { disk: Disk { keys, aliases: log, _lock: lock }, contents })
    }
}

impl Disk {
    /// Makes the key's record durable.
    pub(crate) fn save_key(&mut self, record: &KeyRecord) -> io::Result<()> {
        let path = self.key_path(record.id);
        let scratch = path.with_extension("tmp");
        let mut file = private().create(true).truncate(true).write(true).open(&scratch)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        file.sync_all()?;
        fs::rename(&scratch, &path)?;
        File::open(&self.keys)?.sync_all()
    }

    /// Destroys the key's material.
    pub(crate) fn remove_key(&mut self, id: Uuid) -> io::Result<()> {
        fs::remove_file(self.key_path(id))?;
        File::open(&self.keys)?.sync_all()
    }

    /// Makes durable that the alias names `key`, or nothing.
    pub(crate) fn save_alias(&mut self, alias: &str, key: Option<Uuid>) -> io::Result<()> {
        self.aliases.write_all(&alias_line(alias, key)?)?;
        self.aliases.sync_data()
    }

    fn key_path(&self, id: Uuid) -> PathBuf {
        self.keys.join(format!("{id}.json"))
    }
}

/// Takes the folder's lock, patient for an instance of this process whose last calls are just ending.
fn acquire(lock: &File) -> Result<(), fs::TryLockError> {
    for _ in 0..40 {
        if lock.try_lock().is_ok() {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    lock.try_lock()
}

/// Files that only this user reads: they hold key material.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn load_keys(folder: &Path) -> anyhow::Result<HashMap<Uuid, KeyRecord>> {
    let mut keys = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tmp") {
            // A crash came between write and rename: that call was never acknowledged.
            fs::remove_file(&path)?;
            continue;
        }
        let record: KeyRecord =
            serde_json::from_slice(&fs::read(&path)?).with_context(|| format!("{} is damaged", path.display()))?;
        keys.insert(record.id, record);
    }
    Ok(keys)
}

fn open_aliases(path: &Path) -> anyhow::Result<(File, BTreeMap<String, Uuid>)> {
    let bytes = match fs::read(path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    // What follows the last newline is a torn write of a call that was never acknowledged.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let mut aliases = BTreeMap::new();
    let mut lines = 0;
    for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: AliasLine<'_> = serde_json::from_slice(line).context("the alias log is damaged")?;
        match line.key {
            Some(key) => aliases.insert(line.alias.into_owned(), key),
            None => aliases.remove(&*line.alias),
        };
        lines += 1;
    }
    if lines > COMPACT_BEYOND && lines > 2 * aliases.len() {
        rewrite_aliases(path, &aliases)?;
    } else if whole < bytes.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok((private().create(true).append(true).open(path)?, aliases))
}

fn rewrite_aliases(path: &Path, aliases: &BTreeMap<String, Uuid>) -> anyhow::Result<()> {
    let scratch = path.with_extension("tmp");
    let mut file = private().create(true).truncate(true).write(true).open(&scratch)?;
    for (alias, key) in aliases {
        file.write_all(&alias_line(alias, Some(*key))?)?;
    }
    file.sync_all()?;
    fs::rename(&scratch, path)?;
    Ok(())
}

fn alias_line(alias: &str, key: Option<Uuid>) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&AliasLine { alias: alias.into(), key })?;
    line.push(b'\n');
    Ok(line)
}
