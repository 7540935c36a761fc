//! PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use anyhow::{Context as _, Result};
use tokio::process::Command;

/// The unprivileged account that the server runs as when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` when we are not root: the server then runs as ourselves.
    pub(super) fn needed() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd")
            .context("PostgreSQL must not run as root, and no other account is known")?;
        let nobody = accounts.lines().find_map(Self::nobody);
        nobody.map(Some).context("PostgreSQL must not run as root, and there is no account \"nobody\"")
    }

    fn nobody(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        if fields.next() != Some("nobody") {
            return None;
        }
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Self { uid, gid })
    }

    /// Lets a command run as the account. The standard library drops the supplementary groups of root as well.
    pub(super) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives a file or folder to the account.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid)).with_context(|| format!("cannot hand {} to nobody", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn nobody_is_found_by_name() {
        let line = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
        assert_eq!(Account::nobody(line), Some(Account { uid: 65534, gid: 65533 }));
        assert_eq!(Account::nobody("root:x:0:0:root:/root:/bin/bash"), None);
    }
}
