//! The bill of materials of each program as CycloneDX 1.6: every crate that it links or is built with, with version, licence,
//! the checksum that its `Cargo.lock` pins, and who needs whom; and that of the admin console, with npm's packages.
//!
//! Made from `cargo metadata` and lock files alone and without a date or random number: the same lock file gives the same
//! bytes.

mod console;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

pub use console::{CONSOLE, console};

/// A program that is handed out.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its package.
    pub package: &'static str,
    /// The folder of its workspace.
    workspace: &'static str,
    /// What it is built for, if not for the machine that builds it.
    platform: Option<&'static str>,
}

/// The server.
pub const SERVER: Program = Program { package: "keystead-server", workspace: ".", platform: None };

/// The edge on a machine of one's own.
pub const EDGE: Program = Program { package: "keystead-edge-native", ..SERVER };

/// The edge as a Cloudflare worker.
pub const WORKER: Program =
    Program { package: "keystead-edge-worker", workspace: "edge/worker", platform: Some("wasm32-unknown-unknown") };

/// Every program.
pub const PROGRAMS: [Program; 3] = [SERVER, EDGE, WORKER];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// How a package takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Its code is in the program.
    Linked,
    /// It runs while the program is built.
    Builds,
}

/// A program's bill, from the checkout at `top`.
///
/// # Errors
/// When `cargo metadata --locked` refuses: the lock file is out of date, or packages were never downloaded.
pub fn bill(top: &Path, program: &Program) -> Result<Value> {
    let metadata: Metadata = serde_json::from_slice(&program.metadata(top)?)?;
    let lock: Lock = toml::from_str(&fs::read_to_string(top.join(program.workspace).join("Cargo.lock"))?)?;
    let checksums: BTreeMap<(String, String), String> =
        lock.package.into_iter().filter_map(|one| Some(((one.name, one.version), one.checksum?))).collect();
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|one| (one.id.as_str(), one)).collect();
    let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|one| (one.id.as_str(), one)).collect();
    let product = program.found_in(&metadata)?;
    let parts = parts(&nodes, &packages, &product.id);
    let mut members: Vec<(&&Package, Part)> = parts.iter().map(|(id, part)| (&packages[id], *part)).collect();
    members.sort_by_key(|(package, _)| (&package.name, &package.version));
    let components: Vec<Value> = members
        .iter()
        .filter(|(package, _)| package.id != product.id)
        .map(|(package, part)| component(package, *part, &checksums))
        .collect();
    let edges: Vec<Value> = members.iter().map(|(package, _)| edges(package, &nodes, &packages, &parts)).collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": reference(product), "name": product.name,
            "version": product.version, "licenses": licences(product) } },
        "components": components,
        "dependencies": edges,
    }))
}

/// Other people's crates that a program links, each with the folder of its source.
///
/// # Errors
/// Those of [`bill`].
pub fn linked(top: &Path, program: &Program) -> Result<BTreeMap<String, PathBuf>> {
    let metadata: Metadata = serde_json::from_slice(&program.metadata(top)?)?;
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|one| (one.id.as_str(), one)).collect();
    let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|one| (one.id.as_str(), one)).collect();
    let product = program.found_in(&metadata)?;
    let parts = parts(&nodes, &packages, &product.id);
    let linked = parts.iter().filter(|(id, part)| **part == Part::Linked && packages[*id].source.is_some());
    linked
        .map(|(id, _)| {
            let package = packages[id];
            let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
            Ok((format!("{} {}", package.name, package.version), folder.join("src")))
        })
        .collect()
}

impl Program {
    fn metadata(&self, top: &Path) -> Result<Vec<u8>> {
        let platform = self.platform.map_or_else(host, |platform| Ok(platform.to_owned()))?;
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", &platform])
            .current_dir(top.join(self.workspace))
            .output()?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        Ok(output.stdout)
    }

    fn found_in<'m>(&self, metadata: &'m Metadata) -> Result<&'m Package> {
        let found = metadata.packages.iter().find(|one| one.name == self.package);
        found.with_context(|| format!("there is no package {}", self.package))
    }
}

fn host() -> Result<String> {
    let version = Command::new("rustc").arg("-vV").output().context("rustc does not start")?.stdout;
    let version = String::from_utf8(version)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}

/// Every package that the product links or is built with. What a procedural macro needs runs at build time, too.
fn parts<'m>(
    nodes: &BTreeMap<&'m str, &'m Node>,
    packages: &BTreeMap<&'m str, &'m Package>,
    product: &'m str,
) -> BTreeMap<&'m str, Part> {
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    let mut open = vec![(product, Part::Linked)];
    while let Some((id, part)) = open.pop() {
        let is_macro = packages[id].targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"));
        let part = if is_macro { Part::Builds } else { part };
        if parts.get(id).is_some_and(|known| *known <= part) {
            continue;
        }
        parts.insert(id, part);
        for dependency in &nodes[id].deps {
            let kinds: BTreeSet<Option<&str>> = dependency.dep_kinds.iter().map(|one| one.kind.as_deref()).collect();
            if kinds.contains(&None) {
                open.push((&dependency.pkg, part));
            }
            if kinds.contains(&Some("build")) {
                open.push((&dependency.pkg, Part::Builds));
            }
        }
    }
    parts
}

/// A package's URL (github.com/package-url), which also names it within the bill.
fn reference(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

fn licences(package: &Package) -> Value {
    match (&package.license, &package.license_file) {
        // Some crates still write the old `MIT/Apache-2.0`.
        (Some(expression), _) => json!([{ "expression": expression.replace('/', " OR ") }]),
        (None, Some(file)) => json!([{ "license": { "name": file } }]),
        (None, None) => json!([]),
    }
}

fn component(package: &Package, part: Part, checksums: &BTreeMap<(String, String), String>) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
        "purl": reference(package),
        // "excluded": used to build, not in the program.
        "scope": if part == Part::Linked { "required" } else { "excluded" },
        "licenses": licences(package),
    });
    if let Some(checksum) = checksums.get(&(package.name.clone(), package.version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(description) = &package.description {
        component["description"] = description.split_whitespace().collect::<Vec<_>>().join(" ").into();
    }
    if let Some(repository) = package.repository.as_ref().filter(|_| package.source.is_some()) {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

fn edges(
    package: &Package,
    nodes: &BTreeMap<&str, &Node>,
    packages: &BTreeMap<&str, &Package>,
    parts: &BTreeMap<&str, Part>,
) -> Value {
    let needed: BTreeSet<String> = nodes[package.id.as_str()]
        .deps
        .iter()
        .filter(|one| one.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")))
        .filter(|one| parts.contains_key(one.pkg.as_str()))
        .map(|one| reference(packages[one.pkg.as_str()]))
        .collect();
    json!({ "ref": reference(package), "dependsOn": needed })
}
