//! `prove`: runs suites in their deep tier and prints every figure, one line each, then the verdict.
//!
//! Runs inside `keystead-local with`, which gives it PostgreSQL, S3, KMS and a mailbox of its own (`make prove`).

mod suites;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use keystead_proofs::{Figure, LOG};
use serde_json::json;
use suites::{Run, SUITES, Suite};

/// Checks Keystead's promises; all of them, or those named.
#[derive(Debug, Parser)]
struct Arguments {
    /// List the suites.
    #[arg(long)]
    list: bool,
    /// The tier of `make test`, quicker.
    #[arg(long)]
    fast: bool,
    /// Where the figures go as JSON.
    #[arg(long, default_value = "target/proofs.json")]
    json: PathBuf,
    /// Names of suites.
    suites: Vec<String>,
}

/// How one suite ended.
struct Outcome {
    suite: &'static Suite,
    ran: bool,
    figures: Vec<Figure>,
}

impl Outcome {
    fn proven(&self) -> bool {
        // A suite without a figure has shown nothing.
        self.ran && !self.figures.is_empty() && self.figures.iter().all(|figure| figure.pass)
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        SUITES.iter().for_each(|suite| println!("{:<14}{}", suite.name, suite.about));
        return Ok(ExitCode::SUCCESS);
    }
    let tier = if arguments.fast { "fast" } else { "full" };
    let outcomes: Vec<Outcome> =
        chosen(&arguments.suites)?.into_iter().map(|suite| prove(suite, tier)).collect::<Result<_>>()?;
    write_json(&arguments.json, tier, &outcomes)?;
    println!();
    for outcome in &outcomes {
        let verdict = if outcome.proven() { "proven" } else { "NOT PROVEN" };
        println!("{:<14}{:>4} figures  {verdict}", outcome.suite.name, outcome.figures.len());
    }
    Ok(if outcomes.iter().all(Outcome::proven) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>> {
    if names.is_empty() {
        return Ok(SUITES.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            let known = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
            SUITES
                .iter()
                .find(|suite| suite.name == name)
                .with_context(|| format!("no suite {name}; there are {}", known()))
        })
        .collect()
}

fn prove(suite: &'static Suite, tier: &str) -> Result<Outcome> {
    println!("# {}: {}", suite.name, suite.about);
    let log = env::temp_dir().join(format!("keystead-proof-{}-{}.jsonl", suite.name, std::process::id()));
    let mut command = match suite.run {
        Run::Tests(filter) => nextest(filter, tier),
        Run::Beside(program, arguments) => {
            let mut command = Command::new(env::current_exe()?.with_file_name(program));
            command.args(arguments);
            command
        }
        Run::Script(program, arguments) => {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
    };
    let status = command
        .env("KEYSTEAD_PROOF", tier)
        .env(LOG, &log)
        .status()
        .with_context(|| format!("{} could not be started", suite.name))?;
    let figures = figures(&log)?;
    // Tests keep their output to themselves unless they fail.
    figures.iter().for_each(|figure| println!("{figure}"));
    Ok(Outcome { suite, ran: status.success(), figures })
}

fn nextest(filter: &str, tier: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // A suite tells all it found, not the first thing.
    command.args(["nextest", "run", "--locked", "--workspace", "--profile", "proof", "--no-fail-fast", "-E", filter]);
    if tier == "full" {
        // Ignored are those that only the deep tier has.
        command.args(["--run-ignored", "all"]);
    }
    command
}

fn figures(log: &Path) -> Result<Vec<Figure>> {
    let Ok(lines) = fs::read_to_string(log) else { return Ok(Vec::new()) };
    fs::remove_file(log)?;
    lines.lines().map(|line| serde_json::from_str(line).context("a line of the proof log")).collect()
}

fn write_json(path: &Path, tier: &str, outcomes: &[Outcome]) -> Result<()> {
    let suites: Vec<_> = outcomes
        .iter()
        .map(|outcome| json!({ "suite": outcome.suite.name, "proven": outcome.proven(), "figures": outcome.figures }))
        .collect();
    let Some(folder) = path.parent() else { bail!("{} is no file name", path.display()) };
    fs::create_dir_all(folder)?;
    fs::write(path, serde_json::to_string_pretty(&json!({ "tier": tier, "suites": suites }))?)?;
    Ok(())
}
