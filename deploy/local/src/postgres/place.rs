//! Where the data lies.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Home of clusters whose state folder the server's account cannot reach, such as one under `/root`.
const RELOCATED: &str = "/var/lib/keystead-local";

/// Remembers, in the state folder, where a relocated cluster lies.
const POINTER: &str = "relocated-to";

/// The folder for the data: `folder` itself, or one that others can reach when they must and cannot reach that.
pub(super) fn choose(folder: &Path, for_others: bool) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    if !for_others {
        return Ok(folder);
    }
    let passable = || fs::Permissions::from_mode(0o711);
    fs::set_permissions(&folder, passable())?;
    if reachable_by_others(&folder) {
        return Ok(folder);
    }
    let elsewhere = relocated(&folder);
    if !folder.join(POINTER).exists() {
        fs::create_dir_all(&elsewhere).with_context(|| format!("cannot create {}", elsewhere.display()))?;
        fs::write(folder.join(POINTER), elsewhere.as_os_str().as_encoded_bytes())?;
        tracing::info!(
            "PostgreSQL must not run as root and others cannot reach {}: its data is in {}",
            folder.display(),
            elsewhere.display()
        );
    }
    fs::create_dir_all(&elsewhere)?;
    fs::set_permissions(&elsewhere, passable())?;
    Ok(elsewhere)
}

/// Removes a cluster that had to be placed outside of the state folder.
pub(crate) fn remove_relocated(folder: &Path) -> Result<()> {
    if !folder.join(POINTER).exists() {
        return Ok(());
    }
    // Computed, not read: a pointer somebody edited must not make us remove another folder.
    let elsewhere = relocated(&folder.canonicalize()?);
    if elsewhere.exists() {
        fs::remove_dir_all(&elsewhere).with_context(|| format!("cannot remove {}", elsewhere.display()))?;
    }
    Ok(())
}

fn relocated(folder: &Path) -> PathBuf {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, folder.as_os_str().as_encoded_bytes());
    Path::new(RELOCATED).join(hex::encode(&digest.as_ref()[..8]))
}

/// Whether every folder on the way lets others pass.
fn reachable_by_others(folder: &Path) -> bool {
    folder
        .ancestors()
        .all(|on_the_way| fs::metadata(on_the_way).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::{RELOCATED, choose, relocated};

    #[test]
    fn only_an_unreachable_folder_moves() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("postgres");
        fs::set_permissions(home.path(), Permissions::from_mode(0o755)).expect("permissions");
        assert!(choose(&folder, true).expect("a place").ends_with("postgres"));
        fs::set_permissions(home.path(), Permissions::from_mode(0o700)).expect("permissions");
        assert!(choose(&folder, false).expect("a place").ends_with("postgres"));
        assert!(!super::reachable_by_others(&folder));
        assert!(relocated(&folder).starts_with(RELOCATED));
        assert_ne!(relocated(&folder), relocated(home.path()));
    }
}
