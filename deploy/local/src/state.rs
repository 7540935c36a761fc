//! The state folder: data of every service, generated secrets, logs, and the lock that makes one run exclusive.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::postgres;

/// Log files beyond this size are moved aside at the next start.
const LOG_MAX: u64 = 16 << 20;

/// A folder that holds everything one local platform has.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
}

/// Held while a platform runs on a state folder; released when dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl StateDir {
    /// Opens the folder, creating it when missing.
    ///
    /// # Errors
    /// When the folder cannot be created or its permissions not be set.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot create the state folder {}", path.display()))?;
        let root = path.canonicalize()?;
        // Traversable, not readable: PostgreSQL may have to run as another user. Every secret is 0600 of its own.
        fs::set_permissions(&root, fs::Permissions::from_mode(0o711))
            .with_context(|| format!("the state folder {} belongs to somebody else", root.display()))?;
        Ok(Self { root })
    }

    /// The folder of one service, created when missing.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.root.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }

    /// A file directly in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A secret of `bytes` random bytes in lower-case hex, generated at the first call and kept in a 0600 file.
    ///
    /// # Errors
    /// When the file cannot be read or written, or the system has no randomness.
    pub fn secret(&self, name: &str, bytes: usize) -> Result<String> {
        secret_file(&self.folder("secrets")?.join(name), bytes)
    }

    /// Opens a log for appending; one that has grown large is moved aside first.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn log(&self, name: &str) -> Result<(PathBuf, File)> {
        let path = self.file(name);
        let file = open_log(&path)?;
        Ok((path, file))
    }

    /// Claims the folder for this process, or returns the id of the process that has it.
    ///
    /// # Errors
    /// When the lock file cannot be opened.
    pub fn lock(&self) -> Result<Result<Lock, u32>> {
        let mut file = private_file(&self.file("up.pid"))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                Ok(Ok(Lock { file }))
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                Ok(Err(holder.trim().parse().unwrap_or(0)))
            }
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the state folder"),
        }
    }

    /// Removes the folder and a database that had to be placed outside of it.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn remove(self) -> Result<()> {
        postgres::remove_relocated(&self.root.join("postgres"))?;
        fs::remove_dir_all(&self.root).with_context(|| format!("cannot remove {}", self.root.display()))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file releases the lock anyway; an empty file says so to a reader.
        let _ = self.file.set_len(0);
    }
}

/// Reads a secret, or generates it. Written under another name first: a half-written secret would lock data away.
pub(crate) fn secret_file(path: &Path, bytes: usize) -> Result<String> {
    if let Ok(known) = fs::read_to_string(path) {
        return Ok(known.trim().to_owned());
    }
    let secret = random_hex(bytes)?;
    let fresh = path.with_extension("new");
    write_private(&fresh, &secret)?;
    fs::rename(&fresh, path)?;
    Ok(secret)
}

/// Writes a line to a file that only its owner can read.
pub(crate) fn write_private(path: &Path, line: &str) -> Result<()> {
    let mut file = private_file(path)?;
    file.set_len(0)?;
    writeln!(file, "{line}")?;
    Ok(file.sync_all()?)
}

/// Opens a log for appending, after moving a large one to `….1`.
pub(crate) fn open_log(path: &Path) -> Result<File> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_MAX) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn private_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).write(true).truncate(false).mode(0o600);
    options.open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut random).ok().context("the system has no randomness")?;
    Ok(hex::encode(random))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::StateDir;

    #[test]
    fn secrets_are_kept_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateDir::open(folder.path()).expect("a state folder");
        let secret = state.secret("server", 32).expect("a secret");
        assert_eq!(secret.len(), 64);
        assert_eq!(state.secret("server", 32).expect("the same"), secret);
        assert_ne!(state.secret("other", 32).expect("another"), secret);
        let mode = fs::metadata(state.path().join("secrets/server")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateDir::open(folder.path()).expect("a state folder");
        let lock = state.lock().expect("a lock file").expect("free");
        assert_eq!(state.lock().expect("a lock file").expect_err("taken"), std::process::id());
        drop(lock);
        assert!(state.lock().expect("a lock file").is_ok());
    }
}
