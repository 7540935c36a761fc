//! `mutants`: seeds known defects one at a time into a scratch copy and sees whether the tests notice.
//!
//! A gate that lets one of them through is no gate: the suite is proven when every mutant is killed. Verdicts are kept in
//! `target/mutants`, each under a hash of everything that it depends on, so a run goes on where another stopped and repeats
//! only what may have changed.

mod copy;
mod core;
mod kernel;
mod list;
mod trial;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use copy::Copy;
use keystead_proofs::Proof;
use list::Mutant;
use serde::{Deserialize, Serialize};
use trial::{Laboratory, Outcome, TIME_OUT};

/// Seeds defects and sees whether the tests notice.
#[derive(Debug, Parser)]
struct Arguments {
    /// List the mutants.
    #[arg(long)]
    list: bool,
    /// Starts services around a command; `keystead-local` beside this program unless told.
    #[arg(long)]
    launcher: Option<PathBuf>,
    /// Do not try what has no verdict yet; report what is known.
    #[arg(long)]
    known: bool,
    /// Let cargo-mutants have the kernel crates instead of trying the list.
    #[arg(long)]
    kernel: bool,
    /// Try what cargo-mutants makes of the kernel's heart instead of the list.
    #[arg(long)]
    core: bool,
    /// A part of what cargo-mutants finds in the kernel crates: `2/8`.
    #[arg(long)]
    shard: Option<String>,
    /// Names of mutants, or beginnings of names; all of them unless told.
    ids: Vec<String>,
}

/// What is known of a mutant.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Verdict {
    id: String,
    outcome: Outcome,
    seconds: u64,
}

/// Verdicts by the state that they were reached in.
type Known = BTreeMap<String, Verdict>;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let top = env::current_dir()?;
    let all = if arguments.core { core::mutants(&top)? } else { list::read(&top.join("tests/proofs/mutants"))? };
    let chosen: Vec<&Mutant> = all
        .iter()
        .filter(|mutant| arguments.ids.is_empty() || arguments.ids.iter().any(|id| mutant.id.starts_with(id.as_str())))
        .collect();
    ensure!(!chosen.is_empty(), "no mutant has such a name");
    if arguments.list {
        chosen.iter().for_each(|mutant| println!("{:<40} {}", mutant.id, mutant.breaks));
        return Ok(ExitCode::SUCCESS);
    }
    let scratch = top.join("target/mutants");
    let launcher = arguments.launcher.map_or_else(beside_us, Ok)?;
    let copy = Copy::bring(&top, &scratch)?;
    if arguments.kernel {
        let proven = kernel::prove(&copy, &scratch.join("kernel"), arguments.shard.as_deref())?;
        return Ok(if proven { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let laboratory = Laboratory::new(copy, launcher);
    let verdicts = try_all(&laboratory, &chosen, &scratch.join("verdicts.json"), arguments.known)?;
    Ok(if arguments.core { core::report(&chosen, &verdicts) } else { report(&chosen, &verdicts) })
}

fn beside_us() -> Result<PathBuf> {
    let own = env::current_exe()?;
    Ok(own.parent().context("a program lies in a folder")?.join("keystead-local"))
}

/// Verdicts over the chosen, old ones where nothing changed. The kind of run decides the order: what one build serves comes
/// together.
fn try_all(laboratory: &Laboratory, chosen: &[&Mutant], file: &Path, known_only: bool) -> Result<Vec<Verdict>> {
    let mut known: Known =
        fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut order = chosen.to_vec();
    order.sort_by_key(|mutant| (mutant.run.clone(), mutant.file.clone()));
    let mut verdicts = Vec::new();
    let mut untried = Vec::new();
    for mutant in order {
        let key = format!("{:016x}", laboratory.state(mutant)?);
        match known.get(&key) {
            Some(verdict) => verdicts.push(verdict.clone()),
            None => untried.push((key, mutant)),
        }
    }
    if known_only || untried.is_empty() {
        return Ok(verdicts);
    }
    laboratory.keep_sound_tests()?;
    // Tests that fail without a defect show nothing about one.
    let unsound = laboratory.unsound(&untried.iter().map(|(_, mutant)| *mutant).collect::<Vec<_>>())?;
    for (key, mutant) in untried {
        let started = Instant::now();
        let outcome = match unsound.get(&(mutant.run.clone(), mutant.tests.clone())) {
            Some(why) => Outcome::Void(why.clone()),
            None => laboratory.attempt(mutant)?,
        };
        let verdict = Verdict { id: mutant.id.clone(), outcome, seconds: started.elapsed().as_secs() };
        println!("{:<40} {:>4} s  {}", verdict.id, verdict.seconds, summary(&verdict.outcome));
        // A void trial is tried again.
        if !matches!(verdict.outcome, Outcome::Void(_)) {
            known.insert(key, verdict.clone());
            fs::write(file, serde_json::to_vec_pretty(&known)?)?;
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Killed(by) => format!("killed by {by}"),
        Outcome::Survived => "SURVIVED".to_owned(),
        Outcome::Void(why) => format!("VOID {why}"),
    }
}

fn report(chosen: &[&Mutant], verdicts: &[Verdict]) -> ExitCode {
    let count = |wanted: fn(&Outcome) -> bool| verdicts.iter().filter(|verdict| wanted(&verdict.outcome)).count();
    let killed = count(|outcome| matches!(outcome, Outcome::Killed(_)));
    let proof = Proof::of("mutants");
    proof.at_least("mutants", chosen.len(), 60);
    proof.zero("mutants-not-tried", chosen.len() - verdicts.len());
    proof.zero("mutants-that-show-nothing", count(|outcome| matches!(outcome, Outcome::Void(_))));
    proof.zero("survivors", count(|outcome| *outcome == Outcome::Survived));
    // As they foretell; a test that says what is wrong would be better.
    proof.note("killed-by-time-out", count(|outcome| matches!(outcome, Outcome::Killed(by) if by == TIME_OUT)));
    proof.exactly("kill-rate-percent", killed as f64 * 100.0 / chosen.len() as f64, 100);
    let worth_a_look = |outcome: &Outcome| !matches!(outcome, Outcome::Killed(by) if by != TIME_OUT);
    for verdict in verdicts.iter().filter(|verdict| worth_a_look(&verdict.outcome)) {
        println!("{:<40} {}", verdict.id, summary(&verdict.outcome));
    }
    // The proof would panic over what it reported already.
    std::mem::forget(proof);
    if killed == chosen.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
