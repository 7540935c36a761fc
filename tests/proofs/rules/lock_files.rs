//! T27: whatever is built or installed is what a lock file in the repository says, wherever that is.

use std::{collections::BTreeSet, env, process::Command, sync::LazyLock};

use keystead_proofs::Proof;
use regex::Regex;

use crate::{
    sources::{content, files, top},
    supply_chain::{may_run_cargo, without_words},
};

/// The folders that have a file of that name, each with the slash at its end; the top of the checkout is empty.
pub(crate) fn folders_of(name: &str) -> BTreeSet<String> {
    let folder = |path: String| {
        let folder = path.strip_suffix(name)?;
        (folder.is_empty() || folder.ends_with('/')).then(|| folder.to_owned())
    };
    files().into_iter().filter_map(folder).collect()
}

#[test]
fn every_workspace_and_every_package_of_npm_has_its_lock_file() {
    let workspace = Regex::new(r"(?m)^\[workspace\]").unwrap();
    let manifest = |folder: &String| String::from_utf8(content(&format!("{folder}Cargo.toml"))).unwrap();
    let mut workspaces = folders_of("Cargo.toml");
    workspaces.retain(|folder| workspace.is_match(&manifest(folder)));
    let (locked, packages, installed) =
        (folders_of("Cargo.lock"), folders_of("package.json"), folders_of("package-lock.json"));
    let missing: Vec<&String> = workspaces.difference(&locked).chain(packages.difference(&installed)).collect();
    let spare: Vec<&String> = locked.difference(&workspaces).chain(installed.difference(&packages)).collect();
    let proof = Proof::of("T27");
    println!("no lock file in {missing:?}; nothing to lock in {spare:?}");
    proof.at_least("workspaces", workspaces.len(), 5);
    proof.at_least("npm-packages", packages.len(), 6);
    proof.zero("missing-lock-files", missing.len());
    proof.zero("spare-lock-files", spare.len());
}

/// Why cargo does not take a lock file as it stands; nothing if it does.
fn refusal(folder: &str) -> Option<String> {
    let manifest = format!("{folder}Cargo.toml");
    let cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path", &manifest])
        .current_dir(top())
        .output()
        .unwrap();
    (!cargo.status.success()).then(|| String::from_utf8_lossy(&cargo.stderr).into_owned())
}

#[test]
fn every_lock_file_is_what_its_manifests_ask_for() {
    let proof = Proof::of("T27");
    let mut stale = Vec::new();
    for folder in folders_of("Cargo.lock") {
        match refusal(&folder) {
            None => {}
            Some(why) if why.contains("--locked") => stale.push(folder),
            // What was never downloaded cannot be looked at without a network.
            Some(why) => proof.skipped("lock-file", &why),
        }
    }
    println!("{stale:?}");
    proof.zero("stale-lock-files", stale.len());
}

/// What is measured beside us is in a folder that is not part of the repository (`BENCH_RIG`), with what it needs.
const PEERS: [&str; 2] = ["tests/bench/peers.rs", "tests/edge/bench/sut.mjs"];

/// May something be installed by this file? Prose is read by people, and lock files of npm repeat what packages say.
fn may_install(path: &str) -> bool {
    may_run_cargo(path) && !path.ends_with("package-lock.json") && !PEERS.contains(&path)
}

/// What holds pip to versions and hashes.
const HASHES: &str = "--require-hashes";

/// Patterns are compiled once: there are thousands of functions.
static NPM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bnpm[ \t]+(?:-\S+[ \t]+)*(ci|install|i|add|update)\b").unwrap());
static PIP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bpip3?[ \t]+install\b[^\n;&|]*").unwrap());
/// The same as arguments of a program's own making.
static PIP_OF_CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bpip3?\b").unwrap());
static INSTALLS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x22(install|i|add|update)\x22").unwrap());

/// The installations of a script, each with whether it is held to versions and hashes.
fn in_script(text: &str) -> Vec<(String, bool)> {
    let of_npm = NPM.captures_iter(text).map(|found| (found[0].to_owned(), &found[1] == "ci"));
    let of_pip = PIP.find_iter(text).map(|found| (found.as_str().to_owned(), found.as_str().contains(HASHES)));
    of_npm.chain(of_pip).collect()
}

/// The functions of a program that install something, by their first lines, each with whether it is held to versions and hashes.
fn in_code(text: &str) -> Vec<(String, bool)> {
    let says = |function: &str, word: &str| function.contains(&format!("\"{word}\""));
    let mut found = Vec::new();
    for function in text.split("\n}") {
        let first = function.trim_start().lines().next().unwrap_or_default().to_owned();
        let installs = INSTALLS.is_match(function);
        if says(function, "npm") && (installs || says(function, "ci")) {
            found.push((first, !installs));
        } else if installs && PIP_OF_CODE.is_match(function) {
            found.push((first, says(function, HASHES)));
        }
    }
    found
}

fn installations(path: &str, text: &str) -> Vec<(String, bool)> {
    let text = without_words(path, text);
    let is_code = [".rs", ".mjs", ".js", ".ts", ".tsx"].iter().any(|kind| path.ends_with(kind));
    if is_code { in_code(&text) } else { in_script(&text) }
}

#[test]
fn nothing_is_installed_past_a_lock_file() {
    let (mut seen, mut unlocked) = (0, Vec::new());
    for path in files().iter().filter(|path| may_install(path)) {
        let Ok(text) = String::from_utf8(content(path)) else { continue };
        for (command, is_locked) in installations(path, &text) {
            seen += 1;
            if !is_locked {
                unlocked.push(format!("{path}: {command}"));
            }
        }
    }
    let proof = Proof::of("T27");
    println!("{unlocked:#?}");
    proof.at_least("installations", seen, 6);
    proof.zero("unlocked-installations", unlocked.len());
}

#[test]
fn an_installation_that_is_not_held_to_a_lock_file_is_seen() {
    // Written so that the rule does not find them here.
    let locked = |path: &str, text: &str| {
        let text = text.replace('~', &["n", "pm"].concat()).replace('^', &["pi", "p"].concat());
        installations(path, &text).into_iter().map(|(_, is_locked)| is_locked).collect::<Vec<_>>()
    };
    assert_eq!(locked("build", "~ ci --silent && ~ install\n~ run build\n# ~ i x\n"), [true, false]);
    assert_eq!(locked("Makefile", "\t@cd ui; [ -d x ] || ~ --silent i x\n"), [false]);
    assert_eq!(locked("build", "^ install -r a.txt\n^3 install --require-hashes -r a.txt\n"), [false, true]);
    let run = "fn run() {\n    Command::new(\"~\").args([\"ci\"]);\n}\n";
    assert_eq!(locked("a.rs", run), [true]);
    assert_eq!(locked("a.rs", &run.replace("ci", "install")), [false]);
    assert_eq!(locked("a.mjs", "function f() {\n  execFileSync(\"~\", [\"add\", \"x\"]);\n}\n"), [false]);
    let python = "fn run() {\n    run(venv.join(\"bin/^\"), &[\"install\", \"-r\"]);\n}\n";
    assert_eq!(locked("a.rs", python), [false]);
    assert_eq!(locked("a.rs", &python.replace("\"-r\"", "\"--require-hashes\"")), [true]);
}
