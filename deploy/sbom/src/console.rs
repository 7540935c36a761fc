//! The admin console's bill, from its `package-lock.json`. npm's own (`npm sbom --omit=dev`) leaves out whatever a tool of the
//! developers needs as well, and that is React among others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

/// The folder of the console, and the name of its bill.
pub const CONSOLE: &str = "admin-ui";

/// Packages by where npm installs them; the empty place is the console itself.
#[derive(Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Locked {
    /// Where the place does not tell.
    name: Option<String>,
    version: String,
    license: Option<String>,
    integrity: Option<String>,
    /// For developers alone.
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
    /// For developers, or where somebody has it anyway.
    #[serde(default)]
    dev_optional: bool,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    peer_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, String>,
}

/// The bill of the console, from the checkout at `top`: every package that is not for developers alone.
///
/// # Errors
/// When the lock file cannot be read.
pub fn console(top: &Path) -> Result<Value> {
    let lock: Lock = serde_json::from_str(&fs::read_to_string(top.join(CONSOLE).join("package-lock.json"))?)?;
    let console = lock.packages.get("").context("the lock file does not say whose it is")?;
    let members: Vec<(&str, &Locked)> =
        lock.packages.iter().filter(|(_, one)| !one.dev).map(|(place, one)| (place.as_str(), one)).collect();
    let others = members.iter().filter(|(place, _)| !place.is_empty());
    // The same version may be installed in several places.
    let components = others.map(|(place, one)| component(place, one).map(|made| (reference(place, one), made)));
    let components: BTreeMap<String, Value> = components.collect::<Result<_>>()?;
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, one) in &members {
        edges.entry(reference(place, one)).or_default().extend(needed(&lock, place, one));
    }
    let edges: Vec<Value> = edges.iter().map(|(one, needed)| json!({ "ref": one, "dependsOn": needed })).collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": reference("", console), "name": name("", console),
            "version": console.version, "licenses": licences(console) } },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": edges,
    }))
}

/// What stands after the last `node_modules/`, unless another name is said.
fn name<'l>(place: &'l str, package: &'l Locked) -> &'l str {
    let placed = place.rsplit_once("node_modules/").map_or(place, |(_, name)| name);
    package.name.as_deref().unwrap_or(placed)
}

/// A package's URL (github.com/package-url), in which the `@` of a scope is escaped.
fn reference(place: &str, package: &Locked) -> String {
    format!("pkg:npm/{}@{}", name(place, package).replace('@', "%40"), package.version)
}

fn licences(package: &Locked) -> Value {
    package.license.as_ref().map_or_else(|| json!([]), |expression| json!([{ "expression": expression }]))
}

fn component(place: &str, package: &Locked) -> Result<Value> {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(place, package),
        "name": name(place, package),
        "version": package.version,
        "purl": reference(place, package),
        "scope": if package.optional || package.dev_optional { "optional" } else { "required" },
        "licenses": licences(package),
    });
    if let Some(hash) = package.integrity.as_deref().and_then(|text| text.strip_prefix("sha512-")) {
        let hash = STANDARD.decode(hash).with_context(|| format!("the hash of {place} does not read"))?;
        component["hashes"] = json!([{ "alg": "SHA-512", "content": hex::encode(hash) }]);
    }
    Ok(component)
}

/// What a package needs and the console has. Peers and optional ones may be missing.
fn needed(lock: &Lock, place: &str, package: &Locked) -> Vec<String> {
    let wanted = [&package.dependencies, &package.peer_dependencies, &package.optional_dependencies];
    let names = wanted.into_iter().flat_map(BTreeMap::keys);
    let found = names.filter_map(|name| installed(lock, place, name)).filter(|(_, one)| !one.dev);
    found.map(|(place, one)| reference(place, one)).collect()
}

/// The package of that name that code in `place` gets: its own, or that of the nearest folder around it.
fn installed<'l>(lock: &'l Lock, place: &str, name: &str) -> Option<(&'l str, &'l Locked)> {
    let mut folder = place;
    loop {
        let beside =
            if folder.is_empty() { format!("node_modules/{name}") } else { format!("{folder}/node_modules/{name}") };
        if let Some((place, package)) = lock.packages.get_key_value(&beside) {
            return Some((place.as_str(), package));
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rfind("/node_modules/").map_or("", |at| &folder[..at]);
    }
}
