//! The scratch copy of the checkout that mutants live in, with a target folder of its own.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::list::Mutant;

/// The copy.
pub struct Copy {
    /// Its top.
    pub top: PathBuf,
    /// Where it is built.
    pub target: PathBuf,
    /// Every file with a hash of its content.
    files: BTreeMap<String, u64>,
    /// What a package of that name is built from.
    folders: HashMap<String, Reach>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    path: Option<PathBuf>,
}

impl Copy {
    /// Brings the copy of the checkout at `from` up to date in `to`; files that did not change are not touched, so that builds
    /// stay incremental.
    pub fn bring(from: &Path, to: &Path) -> Result<Self> {
        let top = to.join("copy");
        let listed = output(Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(from))?;
        let mut files = BTreeMap::new();
        for path in listed.lines().filter(|path| from.join(path).is_file()) {
            let content = fs::read(from.join(path))?;
            write_if_other(&top.join(path), &content)?;
            files.insert(path.to_owned(), hash(&content));
        }
        // The copy is a repository of its own, so that what asks git for files gets these.
        if !top.join(".git").exists() {
            output(Command::new("git").args(["init", "-q"]).current_dir(&top))?;
        }
        remove_others(&top, &top, &files)?;
        let target = to.join("target");
        seed(&target)?;
        let folders = folders(&top)?;
        Ok(Self { top, target, files, folders })
    }

    /// Applies a mutant; every file is as it was when the guard goes.
    pub fn mutated(&self, mutant: &Mutant) -> Result<Mutated> {
        let mut guard = Mutated { originals: Vec::new() };
        for edit in mutant.edits() {
            let path = self.top.join(&edit.file);
            let text = fs::read_to_string(&path).with_context(|| format!("{}: {}", mutant.id, edit.file))?;
            let bent = edit.applied_to(&text).with_context(|| format!("{} does not apply any more", mutant.id))?;
            guard.originals.push((path.clone(), text));
            fs::write(path, bent)?;
        }
        Ok(guard)
    }

    /// A number that changes whenever anything does that the verdict over a mutant depends on.
    pub fn state(&self, package: &str, mutant: &impl serde::Serialize) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(mutant)?.hash(&mut hasher);
        let reach = self.folders.get(package).with_context(|| format!("there is no package {package}"))?;
        for (path, content) in &self.files {
            // The static rules read everything.
            let matters = package == "keystead-proofs"
                || EVERYBODYS.iter().any(|shared| path.starts_with(shared))
                || reach.contains(path, &self.home_of(path));
            if matters && !path.starts_with("tests/proofs/mutants/") {
                (path, content).hash(&mut hasher);
            }
        }
        Ok(hasher.finish())
    }

    /// The folder of the package that a file belongs to.
    fn home_of(&self, path: &str) -> String {
        let folders = self.folders.values().flat_map(|reach| &reach.folders);
        let homes = folders.filter(|folder| path.starts_with(&format!("{folder}/")));
        homes.max_by_key(|folder| folder.len()).cloned().unwrap_or_default()
    }
}

/// What tests of any package may read that lies in no package, or in another.
const EVERYBODYS: [&str; 6] =
    ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml", "admin-ui/csp.txt", "deploy/demo/", "tests/world/edge/"];

/// What a package is built from.
struct Reach {
    own: String,
    /// Its own folder and those of our packages behind it.
    folders: BTreeSet<String>,
}

impl Reach {
    /// Is this file, which lies in the package at `home`, built into the package's tests? Those of other packages are not.
    fn contains(&self, path: &str, home: &str) -> bool {
        self.folders.contains(home) && (home == self.own || !path.starts_with(&format!("{home}/tests/")))
    }
}

/// Files that hold a defect.
pub struct Mutated {
    originals: Vec<(PathBuf, String)>,
}

impl Drop for Mutated {
    fn drop(&mut self) {
        // The first text of a file that was edited twice is the original.
        for (path, text) in self.originals.iter().rev() {
            fs::write(path, text).unwrap_or_else(|error| panic!("{} stays broken: {error}", path.display()));
        }
    }
}

/// What others made was built already beside this program; only our own packages have another path here.
fn seed(target: &Path) -> Result<()> {
    let built = env::current_exe()?;
    let built = built.parent().context("a program lies in a folder")?;
    let debug = target.join("debug");
    if debug.exists() {
        return Ok(());
    }
    fs::create_dir_all(&debug)?;
    for part in ["deps", "build", ".fingerprint"] {
        let theirs = fs::read_dir(built.join(part))?
            .map(|entry| Ok(entry?.path()))
            .filter(|path: &Result<PathBuf>| path.as_ref().is_ok_and(|path| !is_ours(path)))
            .collect::<Result<Vec<_>>>()?;
        fs::create_dir_all(debug.join(part))?;
        output(Command::new("cp").args(["-a", "--reflink=auto", "-t"]).arg(debug.join(part)).args(theirs))?;
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("keystead"))
}

fn folders(top: &Path) -> Result<HashMap<String, Reach>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let listed = output(
        Command::new(cargo)
            .args(["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"])
            .current_dir(top),
    )?;
    let metadata: Metadata = serde_json::from_str(&listed)?;
    let name = |path: &Path| path.strip_prefix(top).unwrap_or(path).display().to_string();
    let own = |package: &Package| name(package.manifest_path.parent().unwrap_or(top));
    let direct: HashMap<String, Vec<String>> = metadata
        .packages
        .iter()
        .map(|package| {
            let paths = package.dependencies.iter().filter_map(|dependency| dependency.path.as_deref());
            (own(package), paths.map(name).collect())
        })
        .collect();
    let reached = |package: &Package| {
        let mut reached = BTreeSet::new();
        let mut open = vec![own(package)];
        while let Some(folder) = open.pop() {
            if reached.insert(folder.clone()) {
                open.extend(direct.get(&folder).into_iter().flatten().cloned());
            }
        }
        Reach { own: own(package), folders: reached }
    };
    Ok(metadata.packages.iter().map(|package| (package.name.clone(), reached(package))).collect())
}

fn write_if_other(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn remove_others(top: &Path, folder: &Path, files: &BTreeMap<String, u64>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(top)?.display().to_string();
        if name == ".git" {
            continue;
        }
        if path.is_dir() {
            remove_others(top, &path, files)?;
        } else if !files.contains_key(&name) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
