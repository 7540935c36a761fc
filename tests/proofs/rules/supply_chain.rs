//! T27: what we are built from, and what must not be in the repository.

use std::{collections::BTreeSet, process::Command};

use keystead_proofs::{Proof, full};
use keystead_sbom::bill;
use regex::{Regex, RegexSet};
use serde_json::Value;

use crate::sources::{content, files, output, top};

/// Licences, bans and sources, by cargo-deny. `make lint` runs the same; here it is counted.
#[test]
fn nothing_that_is_linked_is_banned_or_of_another_licence() {
    if !full() {
        return;
    }
    let report =
        Command::new("make").args(["-s", "deny", "DENY_FLAGS=--format json"]).current_dir(top()).output().unwrap();
    let report = String::from_utf8(report.stderr).unwrap();
    let lines: Vec<Value> = report.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.iter().any(|line| line["type"] == "summary"), "cargo-deny reports nothing: {report}");
    let errors = lines.iter().filter(|line| line["type"] == "diagnostic" && line["fields"]["severity"] == "error");
    let codes: Vec<&str> = errors.map(|line| line["fields"]["code"].as_str().unwrap_or("unknown")).collect();
    let of = |wanted: &[&str]| codes.iter().filter(|code| wanted.contains(code)).count();
    let (banned, sources) =
        (of(&["banned", "not-allowed", "wildcard"]), of(&["source-not-allowed", "git-source-underspecified"]));
    let proof = Proof::of("T27");
    proof.zero("banned-crates", banned);
    proof.zero("unknown-sources", sources);
    proof.zero("licence-violations", codes.len() - banned - sources);
    assert!(codes.is_empty(), "{codes:?}");
}

#[test]
fn the_bill_of_materials_is_whole_and_the_same_twice() {
    let bill = bill(&top()).unwrap();
    let components = bill["components"].as_array().unwrap();
    let named: BTreeSet<&str> = components.iter().map(|one| one["bom-ref"].as_str().unwrap()).collect();
    let ours = |one: &&Value| one["name"].as_str().unwrap().starts_with("keystead-");
    let proof = Proof::of("T27");
    proof.at_least("sbom-components", components.len(), 200);
    proof.exactly("sbom-doubled-components", components.len() - named.len(), 0);
    let without_licence = components.iter().filter(|one| one["licenses"].as_array().is_none_or(Vec::is_empty)).count();
    proof.zero("sbom-components-without-licence", without_licence);
    let without_checksum = components.iter().filter(|one| !ours(one) && one["hashes"].is_null()).count();
    proof.zero("sbom-components-without-checksum", without_checksum);
    let edges = bill["dependencies"].as_array().unwrap();
    let needed = edges.iter().flat_map(|edge| edge["dependsOn"].as_array().unwrap());
    let dangling = needed.filter(|one| !named.contains(one.as_str().unwrap())).count();
    proof.zero("sbom-edges-to-nothing", dangling);
    for known in ["tokio-postgres", "aws-lc-rs", "axum", "keystead-tenants"] {
        let found = components.iter().find(|one| one["name"] == known).unwrap_or_else(|| panic!("{known} is missing"));
        assert_eq!(found["scope"], "required", "{known}");
    }
    assert!(!components.iter().any(|one| one["name"] == "proptest"), "what only tests need is no part of the product");
    assert_eq!(bill, keystead_sbom::bill(&top()).unwrap());
}

/// Every cargo command that builds, tests or resolves, wherever we write one down, takes what the lock file says.
#[test]
fn nothing_is_built_past_the_lock_file() {
    let command = Regex::new(r"(?:\$\(CARGO\)|\bcargo\}?)\s+(?:-\S+\s+)*(\$\(RUNNER\)|[a-z-]+)([^\n]*)").unwrap();
    let resolves =
        ["build", "check", "clippy", "test", "nextest", "run", "bench", "install", "metadata", "doc", "$(RUNNER)"];
    let (mut seen, mut unlocked) = (0, Vec::new());
    for path in ["Makefile", ".ci/run", "tests/proofs/src/suites.rs"] {
        let text = String::from_utf8(content(path)).unwrap();
        for found in command.captures_iter(&text.replace("\\\n", " ")) {
            if !resolves.contains(&&found[1]) || text[..text.find(&found[0]).unwrap_or(0)].ends_with('#') {
                continue;
            }
            // `cargo nextest --version` asks for nothing.
            if found[2].trim_start().starts_with("--version") {
                continue;
            }
            seen += 1;
            if !found[2].contains("--locked") && !found[2].contains("$(LOCKED)") {
                unlocked.push(format!("{path}: {}", &found[0]));
            }
        }
    }
    let proof = Proof::of("T27");
    proof.at_least("build-commands", seen, 8);
    proof.zero("unlocked-builds", unlocked.len());
    assert!(unlocked.is_empty(), "{unlocked:#?}");
    // The lock file is what the manifests ask for, and it is in the repository.
    output("cargo", &["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]);
    assert!(files().iter().any(|path| path == "Cargo.lock"));
}

/// What secrets look like that are worth stealing.
const SECRETS: [(&str, &str); 10] = [
    ("private key", r"-----BEGIN (RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY( BLOCK)?-----"),
    ("AWS access key", r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("AWS secret key", r#"(?i)aws.{0,20}secret.{0,20}['"=:\s][0-9a-zA-Z/+]{40}\b"#),
    ("GitHub token", r"\b(gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{60,})\b"),
    ("Slack token", r"\bxox[baprs]-[0-9A-Za-z-]{10,}"),
    ("Stripe key", r"\b[sr]k_live_[0-9A-Za-z]{20,}"),
    ("Google key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("JWT", r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}"),
    ("password in a URL", r"\b[a-z]{2,10}://[A-Za-z0-9_.-]+:[^@\s/${}<>*%\x22'`]{6,}@[A-Za-z0-9]"),
    ("root secret", r"KEYSTEAD_SECRET['\x22]?\s*[=:]\s*['\x22]?[0-9a-f]{64}\b"),
];

/// One of each, put together here so that this file has none.
fn samples() -> Vec<String> {
    let long = "0123456789abcdefghijABCDEFGHIJ0123456789";
    vec![
        format!("-----BEGIN {}PRIVATE KEY-----", "EC "),
        format!("AKIA{}", "ABCDEFGHIJKLMNOP"),
        format!("aws_secret_access_key = {long}"),
        format!("ghp_{}", &long[..36]),
        format!("xoxb-{}", &long[..12]),
        format!("sk_live_{}", &long[..24]),
        format!("AIza{}", &long[..35]),
        format!("eyJ{}.eyJ{}.{}", &long[..12], &long[..12], &long[..24]),
        format!("postgres://admin:{}@db.example", "hunter22"),
        format!("KEYSTEAD_SECRET={}", "0f".repeat(32)),
    ]
}

#[test]
fn no_secret_is_in_the_repository() {
    let patterns = RegexSet::new(SECRETS.map(|(_, pattern)| pattern)).unwrap();
    for ((name, _), sample) in SECRETS.iter().zip(samples()) {
        let found: Vec<&str> = patterns.matches(&sample).into_iter().map(|at| SECRETS[at].0).collect();
        assert!(found.contains(name), "{name} is not recognised");
    }
    let files = files();
    let mut found = Vec::new();
    for path in &files {
        let text = String::from_utf8_lossy(&content(path)).into_owned();
        if !patterns.is_match(&text) {
            continue;
        }
        // What documentation writes where a password goes.
        let lines = text.lines().enumerate().filter(|(_, line)| !line.contains("//user:password@"));
        for (number, line) in lines {
            found.extend(
                patterns.matches(line).into_iter().map(|at| format!("{path}:{}: {}", number + 1, SECRETS[at].0)),
            );
        }
    }
    let proof = Proof::of("T27");
    proof.at_least("files-searched", files.len(), 300);
    proof.zero("secrets", found.len());
    assert!(found.is_empty(), "{found:#?}");
}
