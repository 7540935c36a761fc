//! T27: what we are built from, and what must not be in the repository.

use std::{collections::BTreeSet, env, path::PathBuf, process::Command};

use keystead_proofs::{Proof, full};
use keystead_sbom::{CONSOLE, EDGE, Program, SERVER, WORKER, bill, console};
use regex::{Regex, RegexSet};
use serde_json::Value;

use crate::{
    lock_files::folders_of,
    sources::{content, files, top},
};

/// What cargo-deny says of every lock file: how many it looked at, and the codes of its errors.
fn denied(checks: &[&str], more: &str) -> (usize, Vec<String>) {
    let mut deny = Command::new(top().join("tests/proofs/deny"));
    let report = deny.args(checks).env("DENY_FLAGS", format!("--format json {more}")).output().unwrap();
    let report = String::from_utf8(report.stderr).unwrap();
    println!("{report}");
    let lines: Vec<Value> = report.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let looked_at = lines.iter().filter(|line| line["type"] == "summary").count();
    let errors = lines.iter().filter(|line| line["type"] == "diagnostic" && line["fields"]["severity"] == "error");
    (looked_at, errors.map(|line| line["fields"]["code"].as_str().unwrap_or("unknown").to_owned()).collect())
}

/// Licences, bans and sources, by cargo-deny. `make lint` runs the same; here it is counted.
#[test]
fn nothing_that_is_linked_is_banned_or_of_another_licence() {
    if !full() {
        return;
    }
    let (looked_at, codes) = denied(&["bans", "licenses", "sources"], "");
    let of = |wanted: &[&str]| codes.iter().filter(|code| wanted.contains(&code.as_str())).count();
    let (banned, sources) =
        (of(&["banned", "not-allowed", "wildcard"]), of(&["source-not-allowed", "git-source-underspecified"]));
    let proof = Proof::of("T27");
    proof.exactly("lock-files-looked-at", looked_at, folders_of("Cargo.lock").len());
    proof.zero("banned-crates", banned);
    proof.zero("unknown-sources", sources);
    proof.zero("licence-violations", codes.len() - banned - sources);
    assert!(codes.is_empty(), "{codes:?}");
}

/// What cargo-deny calls the things that are open: the kinds of advisories, and versions that were taken back.
const OPEN: [&str; 5] = ["vulnerability", "unsound", "unmaintained", "notice", "yanked"];

/// Is the RustSec database here, as a checkout that `KEYSTEAD_ADVISORY_DB` names or as `make advisories` fetched it?
fn has_rustsec() -> bool {
    let named = env::var_os("KEYSTEAD_ADVISORY_DB").map(PathBuf::from);
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"));
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
    // As in the script.
    let fetched = cargo.map(|cargo| cargo.join("advisory-dbs/advisory-db-3157b0e258782691"));
    named.or(fetched).is_some_and(|database| database.join("crates").is_dir())
}

/// Known vulnerabilities, by cargo-deny, in the database that is here: fetching it takes GitHub.
#[test]
fn nothing_that_is_locked_has_a_known_vulnerability() {
    if !full() {
        return;
    }
    let proof = Proof::of("T27");
    if !has_rustsec() {
        let why =
            "there is no RustSec database: `make advisories` fetches it, or KEYSTEAD_ADVISORY_DB names a checkout";
        proof.skipped("advisories", why);
        return;
    }
    let (looked_at, codes) = denied(&["advisories"], "--offline");
    let (open, failed): (Vec<&str>, Vec<&str>) = codes.iter().map(String::as_str).partition(|code| OPEN.contains(code));
    proof.exactly("lock-files-with-advisories-looked-up", looked_at, folders_of("Cargo.lock").len());
    proof.zero("open-advisories", open.len());
    proof.zero("advisories-that-could-not-be-looked-up", failed.len());
}

/// How many advisories npm's registry has for what a lock file names and is not for developers alone; or why it does not say.
fn npm_advisories(folder: &str) -> Result<u64, String> {
    let mut npm = Command::new("npm");
    let audit = npm.args(["audit", "--package-lock-only", "--omit=dev", "--json"]).current_dir(top().join(folder));
    let told = audit.output().map_err(|error| format!("npm: {error}"))?.stdout;
    let report: Value = serde_json::from_slice(&told).map_err(|error| format!("npm's report: {error}"))?;
    let known = report["metadata"]["vulnerabilities"]["total"].as_u64();
    known.ok_or_else(|| report["message"].as_str().unwrap_or("npm reports nothing").to_owned())
}

#[test]
fn no_package_of_npm_has_a_known_vulnerability() {
    if !full() {
        return;
    }
    let proof = Proof::of("T27");
    let told = folders_of("package-lock.json").into_iter().map(|folder| (npm_advisories(&folder), folder));
    let (known, unknown): (Vec<_>, Vec<_>) = told.partition(|(told, _)| told.is_ok());
    // Not every registry says: a mirror may have packages alone.
    unknown.iter().for_each(|(told, folder)| println!("{folder}: {told:?}"));
    proof.note("npm-lock-files-not-looked-up", unknown.len());
    proof.note("npm-lock-files-looked-up", known.len());
    proof.zero("open-npm-advisories", known.iter().filter_map(|(told, _)| told.as_ref().ok()).sum::<u64>());
}

#[test]
fn the_bill_of_materials_of_each_program_is_whole_and_the_same_twice() {
    whole_program(&SERVER, 200, &["tokio-postgres", "aws-lc-rs", "axum", "keystead-tenants"]);
    whole_program(&EDGE, 100, &["hyper", "keystead-edge"]);
    whole_program(&WORKER, 50, &["worker", "keystead-edge"]);
}

fn whole_program(program: &Program, at_least: usize, known: &[&str]) {
    whole(program.package, || bill(&top(), program).unwrap(), at_least, known);
}

/// npm's own bill had no React: a tool of the developers needs it, too.
#[test]
fn the_bill_of_materials_of_the_console_has_all_that_the_console_needs() {
    let made = || console(&top()).unwrap();
    whole(CONSOLE, made, 60, &["react", "react-dom", "@mantine/core", "@tanstack/react-router"]);
    let manifest: Value = serde_json::from_slice(&content("admin-ui/package.json")).unwrap();
    let wanted: BTreeSet<&str> = manifest["dependencies"].as_object().unwrap().keys().map(String::as_str).collect();
    let bill = made();
    let itself = &bill["metadata"]["component"]["bom-ref"];
    let edges = bill["dependencies"].as_array().unwrap().iter().find(|edge| edge["ref"] == *itself).unwrap();
    let components = bill["components"].as_array().unwrap();
    let needed = components.iter().filter(|one| edges["dependsOn"].as_array().unwrap().contains(&one["bom-ref"]));
    let needed: BTreeSet<&str> = needed.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(needed, wanted);
}

/// A bill has at least so many components, these among them.
fn whole(name: &str, made: impl Fn() -> Value, at_least: usize, known: &[&str]) {
    let once = made();
    let components = once["components"].as_array().unwrap();
    let named: BTreeSet<&str> = components.iter().map(|one| one["bom-ref"].as_str().unwrap()).collect();
    let ours = |one: &&Value| one["name"].as_str().unwrap().starts_with("keystead-");
    let proof = Proof::of("T27");
    let figure = |of: &str| format!("{name}-sbom-{of}");
    proof.at_least(&figure("components"), components.len(), at_least);
    proof.exactly(&figure("doubled-components"), components.len() - named.len(), 0);
    let without_licence = components.iter().filter(|one| one["licenses"].as_array().is_none_or(Vec::is_empty)).count();
    proof.zero(&figure("components-without-licence"), without_licence);
    let without_checksum = components.iter().filter(|one| !ours(one) && one["hashes"].is_null()).count();
    proof.zero(&figure("components-without-checksum"), without_checksum);
    let edges = once["dependencies"].as_array().unwrap();
    let needed = edges.iter().flat_map(|edge| edge["dependsOn"].as_array().unwrap());
    let dangling = needed.filter(|one| !named.contains(one.as_str().unwrap())).count();
    proof.zero(&figure("edges-to-nothing"), dangling);
    for known in known {
        let found = components.iter().find(|one| one["name"] == *known).unwrap_or_else(|| panic!("{known} is missing"));
        assert_eq!(found["scope"], "required", "{known}");
    }
    let tools = components.iter().filter(|one| one["name"] == "proptest" || one["name"] == "vitest").count();
    assert_eq!(tools, 0, "what only tests need is no part of the product");
    assert_eq!(once, made());
}

/// Commands of cargo that read the lock file, and would write it.
const RESOLVES: [&str; 12] =
    ["build", "check", "clippy", "test", "nextest", "run", "bench", "install", "metadata", "doc", "fetch", "$(RUNNER)"];

/// May a cargo command stand in this file that somebody runs? Documents are read by people, who may well be changing what we
/// depend on; the lock file says what was resolved; and seeded defects break this very rule.
pub(crate) fn may_run_cargo(path: &str) -> bool {
    let prose = path.ends_with(".md") || path.ends_with(".lock");
    !prose && !path.starts_with("tests/proofs/mutants/")
}

/// A text without what it only says: comments, and in Rust what stands between backticks, which is a message to somebody. A
/// command that is continued on the next line is on one.
pub(crate) fn without_words(path: &str, text: &str) -> String {
    let is_rust = path.ends_with(".rs");
    let marks: &[&str] = if is_rust { &["//"] } else { &["#", "//"] };
    let lines = text.lines().filter(|line| !marks.iter().any(|mark| line.trim_start().starts_with(*mark)));
    let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let message = Regex::new("`[^`\n]*`").unwrap();
    if is_rust { message.replace_all(&text, "").into_owned() } else { text }
}

/// The cargo commands of a text that read the lock file, each with whether it is held to it.
fn commands(text: &str) -> Vec<(String, bool)> {
    let command = Regex::new(
        r"(?m)(?:\$\(CARGO\)|\bcargo\}?)[ \t]+(?:-\S+[ \t]+)*(\$\(RUNNER\)|[a-z-]+)([ \t][^\n;&|]*|[;&|\x22')]|$)",
    )
    .unwrap();
    let found = command.captures_iter(text).filter(|found| RESOLVES.contains(&&found[1]));
    // `cargo nextest --version` asks for nothing.
    let found = found.filter(|found| !found[2].trim_start().starts_with("--version"));
    // The standard library has a lock file of its own, and the empty package around it needs nothing else.
    let found = found.filter(|found| !found[2].contains("-Zbuild-std"));
    let locked = |options: &str| options.contains("--locked") || options.contains("$(LOCKED)");
    found.map(|found| (found[0].to_owned(), locked(&found[2]))).collect()
}

/// The functions of a Rust file that start cargo, from there to their end, each with whether it says `--locked`.
fn starts(text: &str) -> Vec<(String, bool)> {
    let start = Regex::new(r#"\bvar(?:_os)?\("CARGO"\)|Command::new\("cargo"\)|\boutput\("cargo""#).unwrap();
    let mut found = Vec::new();
    let mut end = 0;
    for place in start.find_iter(text) {
        if place.start() < end {
            continue;
        }
        let rest = &text[place.start()..];
        let length = ["\n}", "\n    }\n"].iter().filter_map(|close| rest.find(*close)).min().unwrap_or(rest.len());
        end = place.start() + length;
        found.push((place.as_str().to_owned(), rest[..length].contains("\"--locked\"")));
    }
    found
}

/// Every cargo command that builds, tests or resolves, wherever one is run, takes what the lock file says.
#[test]
fn nothing_is_built_past_the_lock_file() {
    let (mut seen, mut unlocked) = (0, Vec::new());
    for path in files().iter().filter(|path| may_run_cargo(path)) {
        // What is no text runs nothing.
        let Ok(text) = String::from_utf8(content(path)) else { continue };
        let text = without_words(path, &text);
        let started = if path.ends_with(".rs") { starts(&text) } else { Vec::new() };
        for (command, is_locked) in commands(&text).into_iter().chain(started) {
            seen += 1;
            if !is_locked {
                unlocked.push(format!("{path}: {command}"));
            }
        }
    }
    let proof = Proof::of("T27");
    println!("{unlocked:#?}");
    proof.at_least("build-commands", seen, 20);
    proof.zero("unlocked-builds", unlocked.len());
}

#[test]
fn a_command_that_is_not_held_to_the_lock_file_is_seen() {
    // Written so that the rule does not find them here.
    let locked = |path: &str, text: &str| {
        let text = without_words(path, &text.replace('~', "cargo").replace("$(cargo)", "$(CARGO)"));
        let found = commands(&text).into_iter().chain(if path.ends_with(".rs") { starts(&text) } else { Vec::new() });
        found.map(|(_, is_locked)| is_locked).collect::<Vec<_>>()
    };
    assert_eq!(locked("build", "~ build -q && ~ test --locked\n~ run\n"), [false, true, false]);
    assert_eq!(locked("build", "~ build \\\n  --locked\n# ~ run\n~ fmt\n"), [true]);
    assert_eq!(locked("Makefile", "\t@$(~) clippy --workspace\n\t$(~) $(RUNNER) $(LOCKED)\n"), [false, true]);
    let run = "fn run() {\n    Command::new(var(\"CARGO\")).args([\"build\", \"--release\"]);\n}\n";
    assert_eq!(locked("a.rs", run), [false]);
    assert_eq!(locked("a.rs", &run.replace("--release", "--locked")), [true]);
    assert_eq!(locked("a.rs", "// ~ build\nprintln!(\"build it with `~ build -p x`\");\n"), [false; 0]);
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
