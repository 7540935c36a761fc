//! Mutants that cargo-mutants makes of the kernel's heart: who holds a context, and what a transaction does with it. It is
//! nothing without a database, so the integration tests judge it, with services of their own each time.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, ensure};
use keystead_proofs::Proof;
use serde::Deserialize;

use crate::{
    Verdict,
    list::{Killer, Mutant},
    summary,
    trial::{COMPILER, Outcome},
};

const FOLDER: &str = "tenants/core/src";
const FILES: [&str; 5] = ["context.rs", "grant.rs", "pool.rs", "root.rs", "tx.rs"];

/// What is quick and goes through all of it; what notices most comes first.
const JUDGES: [&str; 14] = [
    "main_job::",
    "policies::permissions::",
    "policies::contexts::",
    "membership::who_works_in_two",
    "once::",
    "meanwhile::repeats::",
    "cancellation::a_refused_statement",
    "transactions::",
    "kms_outage::a_raised_epoch",
    "audit::every_change_of_the_main_job",
    "erasure::nobody_is_erased_by_mistake",
    "restore::tenant::a_tenant_goes_out",
    "invitations::",
    "sessions::",
];

/// Mutants that no test can tell from what stands there: name, and why.
const EQUIVALENT: [(&str, &str); 0] = [];

/// A mutant as cargo-mutants lists it.
#[derive(Deserialize)]
struct Listed {
    name: String,
    file: String,
    span: Span,
    replacement: String,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

/// Both count from one; columns are characters.
#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// All of them.
pub fn mutants(top: &Path) -> Result<Vec<Mutant>> {
    let mut command = Command::new("cargo-mutants");
    command.args(["mutants", "--list", "--json", "--package", "keystead-tenants"]);
    command.args(FILES.iter().flat_map(|file| ["--file".to_owned(), format!("{FOLDER}/{file}")]));
    let output = command.current_dir(top).env_remove("CARGO").output().context("cargo-mutants does not start")?;
    ensure!(output.status.success(), "cargo-mutants lists nothing: {}", String::from_utf8_lossy(&output.stderr));
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)?;
    let differs = |one: &Listed| !EQUIVALENT.iter().any(|(name, _)| one.name.ends_with(name));
    listed.into_iter().filter(differs).map(|one| mutant(top, one)).collect()
}

fn mutant(top: &Path, Listed { name, file, span, replacement }: Listed) -> Result<Mutant> {
    let text = fs::read_to_string(top.join(&file))?;
    let (start, end) = (offset(&text, &span.start)?, offset(&text, &span.end)?);
    let replace = format!("{}{replacement}{}", &text[..start], &text[end..]);
    Ok(Mutant {
        id: name.strip_prefix(&format!("{FOLDER}/")).unwrap_or(&name).to_owned(),
        breaks: "something of the kernel's heart".to_owned(),
        file,
        find: text,
        replace,
        also: Vec::new(),
        run: "keystead-tests".to_owned(),
        tests: JUDGES.map(str::to_owned).to_vec(),
        killed_by: Killer::TestOrCompiler,
    })
}

/// Where a place is in a text, in bytes.
fn offset(text: &str, place: &Place) -> Result<usize> {
    let line = text.split_inclusive('\n').nth(place.line - 1).context("the text has no such line")?;
    let before: usize = line.chars().take(place.column - 1).map(char::len_utf8).sum();
    Ok(line.as_ptr().addr() - text.as_ptr().addr() + before)
}

/// What came of them. Those that do not compile are no mutants.
pub fn report(chosen: &[&Mutant], verdicts: &[Verdict]) -> ExitCode {
    let viable: Vec<&Verdict> =
        verdicts.iter().filter(|one| one.outcome != Outcome::Killed(COMPILER.to_owned())).collect();
    let lived: Vec<_> = viable.iter().filter(|one| !matches!(one.outcome, Outcome::Killed(_))).collect();
    lived.iter().for_each(|one| println!("{} {}", one.id, summary(&one.outcome)));
    let proof = Proof::of("mutants");
    proof.at_least("core-mutants", viable.len(), 30);
    proof.zero("core-mutants-not-tried", chosen.len() - verdicts.len());
    proof.note("core-mutants-equivalent", EQUIVALENT.len());
    proof.note("core-mutants-unviable", verdicts.len() - viable.len());
    proof.zero("core-mutants-missed", lived.len());
    let proven = lived.is_empty() && chosen.len() == verdicts.len();
    // The proof would panic over what it reported already.
    std::mem::forget(proof);
    if proven { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
