//! `cargo-mutants` over the crates that decide who may read what: every function's body replaced in turn, by a machine that
//! knows nothing of what we thought of.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use keystead_proofs::Proof;
use serde::Deserialize;

use crate::{copy::Copy, trial::by_itself};

/// Their own tests judge them; the integration tests would take days.
const CRATES: [&str; 4] = ["keystead-keys", "keystead-ids", "keystead-audit", "keystead-tenants"];

/// Of the last crate, what has tests without a database. Its heart is judged by the integration tests (`core-mutants`).
const FILES: [&str; 4] = ["tenants/keys/**", "tenants/ids/**", "tenants/audit/**", "tenants/core/src/wire/talk.rs"];

/// Mutants that no test can tell from what stands there: name, and why.
const EQUIVALENT: [(&str, &str); 2] = [
    ("replace < with <= in Keys::warm", "one nanosecond of minutes"),
    ("replace < with <= in Keys::is_down", "one millisecond of seconds"),
];

/// Totals of `outcomes.json`.
#[derive(Deserialize)]
struct Outcomes {
    total_mutants: usize,
    caught: usize,
    missed: usize,
    timeout: usize,
    unviable: usize,
}

/// Mutates the crates, or a `shard` of their functions (`2/8`), and reports what their tests let through.
pub fn prove(copy: &Copy, folder: &Path, shard: Option<&str>) -> Result<bool> {
    let proof = Proof::of("mutants");
    let installed = Command::new("cargo-mutants").args(["mutants", "--version"]).stdout(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        println!("cargo-mutants is not installed: cargo install --locked cargo-mutants");
        proof.zero("kernel-mutants-left-out", 1);
        // The figure says it; the proof would panic over it.
        std::mem::forget(proof);
        return Ok(false);
    }
    let crates = CRATES.iter().flat_map(|name| ["--package", *name]);
    let files = FILES.iter().flat_map(|path| ["--file", *path]);
    let chosen: Vec<&str> =
        crates.chain(files).chain(EQUIVALENT.iter().flat_map(|(name, _)| ["--exclude-re", *name])).collect();
    let all = listed(copy, &chosen)?;
    let judged = folder.join("mutants.out");
    // What an earlier run left there is no verdict on this one.
    if judged.exists() {
        fs::remove_dir_all(&judged)?;
    }
    let mut command = Command::new("cargo-mutants");
    // In place: the copy is ours to break, and what others made is built there already.
    command.args([
        "mutants",
        "--in-place",
        "--no-shuffle",
        "--test-tool=nextest",
        "--timeout",
        "120",
        "--cargo-arg=--locked",
        "--colors=never",
    ]);
    command.args(&chosen).arg("--output").arg(folder);
    command.args(shard.iter().flat_map(|shard| ["--shard", *shard]));
    command.current_dir(&copy.top).env("CARGO_TARGET_DIR", &copy.target).env_remove("CARGO");
    by_itself(&mut command);
    // Missed mutants and trials that took too long are figures, not failures of the program.
    let status = command.status().context("cargo-mutants does not start")?;
    ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo-mutants did not end well: {status}");
    let outcomes = fs::read(judged.join("outcomes.json")).context("cargo-mutants left no outcomes")?;
    let outcomes: Outcomes = serde_json::from_slice(&outcomes)?;
    proof.at_least("kernel-mutants", outcomes.total_mutants, 1);
    proof.zero("kernel-mutants-left-out", all.saturating_sub(outcomes.total_mutants));
    proof.note("kernel-mutants-equivalent", EQUIVALENT.len());
    proof.note("kernel-mutants-caught", outcomes.caught + outcomes.timeout);
    proof.note("kernel-mutants-unviable", outcomes.unviable);
    proof.zero("kernel-mutants-missed", outcomes.missed);
    std::mem::forget(proof);
    Ok(outcomes.missed == 0 && outcomes.total_mutants > 0 && outcomes.total_mutants >= all)
}

/// How many there are, of all shards.
fn listed(copy: &Copy, chosen: &[&str]) -> Result<usize> {
    let mut command = Command::new("cargo-mutants");
    command.args(["mutants", "--list"]).args(chosen).current_dir(&copy.top).env_remove("CARGO");
    let output = command.output().context("cargo-mutants does not start")?;
    ensure!(output.status.success(), "cargo-mutants lists nothing: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().count())
}
