//! Builds a mutant, runs the tests that should notice it, and says what came of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    copy::Copy,
    list::{Killer, Mutant},
};

/// Whoever takes longer hangs, which shows nothing unless the mutant foretells it.
const SECONDS: u32 = 300;
/// All tests of a kind, on the code without a defect.
const SECONDS_FOR_ALL: u32 = 3_000;

/// Who kills a mutant that makes the tests hang.
pub const TIME_OUT: &str = "a time-out";

/// Who kills a mutant that does not compile.
pub const COMPILER: &str = "the compiler";

/// The integration tests on a database that a mutant migrated.
pub const SCHEMA: &str = "schema";

/// What cargo built, in JSON.
const MESSAGES: &str = "--message-format=json";
/// The server, with what the integration tests want of its dependencies.
const BOTH: &[&str] = &["-p", "keystead-server", "-p", "keystead-tests", "--bin", "keystead"];

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// A test went red, the compiler refused, or the tests hung.
    Killed(String),
    /// Nobody noticed.
    Survived,
    /// It shows nothing: it does not build or migrate, or no test ran.
    Void(String),
}

/// Tests by the kind of their run.
pub type Tests = (String, Vec<String>);

/// Where mutants are tried.
pub struct Laboratory {
    copy: Copy,
    /// Starts services around a command.
    launcher: PathBuf,
    /// Programs of the code without a defect: the server, and its tests beside it.
    sound: PathBuf,
}

/// A program with tests in it.
struct TestProgram {
    program: PathBuf,
    folder: PathBuf,
}

impl Laboratory {
    /// In this copy, with this program to start services.
    pub fn new(copy: Copy, launcher: PathBuf) -> Self {
        let sound = copy.target.join("sound");
        Self { copy, launcher, sound }
    }

    /// Builds the tests that judge schemas, without a defect.
    pub fn keep_sound_tests(&self) -> Result<()> {
        let tests = self.programs("keystead-tests").map_err(anyhow::Error::msg)?;
        let [tests] = tests.as_slice() else { bail!("the integration tests are one program") };
        fs::create_dir_all(self.sound.join("deps"))?;
        fs::copy(self.copy.target.join("debug/keystead"), self.sound.join("keystead"))?;
        fs::copy(&tests.program, self.sound.join("deps/it"))?;
        Ok(())
    }

    /// A number that changes when the verdict might.
    pub fn state(&self, mutant: &Mutant) -> Result<u64> {
        self.copy.state(package(&mutant.run), mutant)
    }

    /// Which tests show nothing, and why: on the code without a defect they have to pass. Those of a kind of run are tried
    /// together, and one by one only if some fail.
    pub fn unsound(&self, untried: &[&Mutant]) -> Result<BTreeMap<Tests, String>> {
        let mut by_run: BTreeMap<&str, BTreeSet<&[String]>> = BTreeMap::new();
        for mutant in untried {
            by_run.entry(&mutant.run).or_default().insert(&mutant.tests);
        }
        let mut unsound = BTreeMap::new();
        for (run, groups) in by_run {
            let all: BTreeSet<&String> = groups.iter().copied().flatten().collect();
            let all: Vec<String> = all.into_iter().cloned().collect();
            if self.judge(run, &all, SECONDS_FOR_ALL)? == Outcome::Survived {
                continue;
            }
            for tests in groups {
                let outcome = self.judge(run, tests, SECONDS)?;
                if outcome != Outcome::Survived {
                    unsound.insert((run.to_owned(), tests.to_vec()), format!("without a defect: {outcome:?}"));
                }
            }
        }
        Ok(unsound)
    }

    /// Tries a mutant.
    pub fn attempt(&self, mutant: &Mutant) -> Result<Outcome> {
        let _bent = self.copy.mutated(mutant)?;
        let outcome = self.judge(&mutant.run, &mutant.tests, SECONDS)?;
        Ok(match (mutant.killed_by, outcome) {
            (Killer::TimeOut, Outcome::Killed(by)) if by == TIME_OUT => Outcome::Killed(by),
            (_, Outcome::Killed(by)) if by == TIME_OUT => Outcome::Void(format!("the tests hang for {SECONDS} s")),
            (Killer::Compiler, Outcome::Void(why)) if why.contains("error[E") => Outcome::Killed(COMPILER.to_owned()),
            // A machine's mutant may be no Rust at all.
            (Killer::TestOrCompiler, Outcome::Void(why)) if why.contains("could not compile") => {
                Outcome::Killed(COMPILER.to_owned())
            }
            (Killer::Compiler, Outcome::Killed(by)) => Outcome::Void(format!("noticed by {by}, not by the compiler")),
            (_, outcome) => outcome,
        })
    }

    fn judge(&self, run: &str, tests: &[String], seconds: u32) -> Result<Outcome> {
        if run == SCHEMA {
            return match self.cargo(&[&["build"], BOTH].concat()) {
                Ok(_) => self.on_a_schema(tests, seconds),
                Err(refusal) => Ok(Outcome::Void(refusal)),
            };
        }
        match self.programs(run) {
            Ok(programs) => {
                verdict(&programs.iter().map(|one| self.run(run, one, tests, seconds)).collect::<Result<Vec<_>>>()?)
            }
            Err(refusal) => Ok(Outcome::Void(refusal)),
        }
    }

    /// Migrates the template that tests clone with the code at hand, then runs the sound tests on it.
    fn on_a_schema(&self, tests: &[String], seconds: u32) -> Result<Outcome> {
        // Tests take a template that is there already.
        let script = r#"DATABASE_URL="${DATABASE_ADMIN_URL%/*}/keystead_template" "$1" migrate >&2 || exit 97; shift; exec "$@""#;
        let migrate = self.copy.target.join("debug/keystead");
        let mut command = within(seconds);
        command.arg(&self.launcher).args(["with", "--fast", "--", "sh", "-c", script, "sh"]);
        command.arg(migrate).arg(self.sound.join("deps/it")).args(tests).args(["--test-threads", "3"]);
        let output = command.current_dir(self.copy.top.join("tests")).output()?;
        if output.status.code() == Some(97) {
            return Ok(Outcome::Void(format!("it does not migrate: {}", tail(&output.stderr))));
        }
        verdict(&[output])
    }

    fn run(&self, run: &str, tests: &TestProgram, filters: &[String], seconds: u32) -> Result<Output> {
        let mut command = within(seconds);
        if ["keystead-tests", "keystead-blobs", "keystead-mail"].contains(&run) {
            command.arg(&self.launcher).args(["with", "--fast", "--"]);
        }
        // One after the other, until one of them notices: tests that wait for what a defect keeps from coming wait for long.
        let script = r#"program="$1"; shift; for tests; do "$program" "$tests" --test-threads 3 || exit $?; done"#;
        command.args(["sh", "-c", script, "sh"]).arg(&tests.program);
        let all = [String::new()];
        command.args(if filters.is_empty() { &all } else { filters });
        Ok(command.current_dir(&tests.folder).output()?)
    }

    /// Builds a package's tests.
    fn programs(&self, run: &str) -> Result<Vec<TestProgram>, String> {
        let messages = match run {
            // Some of them start the server as a program. In one build, or what both are made of is built twice.
            "keystead-tests" => self.cargo(&[&["build"], BOTH, &["--test", "it", MESSAGES]].concat())?,
            "keystead-proofs" => self.cargo(&["test", "--no-run", "-p", run, "--test", "rules", MESSAGES])?,
            _ => self.cargo(&["test", "--no-run", "-p", run, MESSAGES])?,
        };
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let programs = messages.filter(|message| message["profile"]["test"] == true).filter_map(|message| {
            let program = PathBuf::from(message["executable"].as_str()?);
            let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
            Some(TestProgram { program, folder })
        });
        Ok(programs.collect())
    }

    /// Standard output, or what the compiler said against it.
    fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).arg("--locked").current_dir(&self.copy.top).env("CARGO_TARGET_DIR", &self.copy.target);
        // The variables of the cargo that started us would make others of ours out of date.
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR")
        {
            command.env_remove(name);
        }
        let output = command.output().map_err(|error| format!("cargo does not start: {error}"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr) + &rendered(&output.stdout))
        }
    }
}

/// A command that is given so many seconds; what to run is to follow.
fn within(seconds: u32) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-k", "30", &seconds.to_string()]);
    by_itself(&mut command);
    command
}

/// Lets a trial know nothing of the run that it belongs to: it is of the fast tier, and its figures are not the suite's.
pub fn by_itself(command: &mut Command) {
    command.env_remove("KEYSTEAD_PROOF").env_remove(keystead_proofs::LOG);
    // What made one mutant fail would be tried again on all that follow.
    command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
}

/// The package whose code decides what a run shows.
fn package(run: &str) -> &str {
    if run == SCHEMA { "keystead-tests" } else { run }
}

/// Compiler messages for people, out of those for programs.
fn rendered(stdout: &[u8]) -> String {
    let lines = String::from_utf8_lossy(stdout);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message["message"]["rendered"].as_str().map(str::to_owned)).collect()
}

fn verdict(outputs: &[Output]) -> Result<Outcome> {
    let mut ran = 0;
    for output in outputs {
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.code() == Some(124) {
            return Ok(Outcome::Killed(TIME_OUT.to_owned()));
        }
        if text.contains("test result: FAILED") {
            let names = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
            return Ok(Outcome::Killed(names.collect::<Vec<_>>().join(", ")));
        }
        if !output.status.success() {
            return Ok(Outcome::Void(format!("{}: {}{}", output.status, tail(&output.stdout), tail(&output.stderr))));
        }
        let counts =
            text.lines().filter_map(|line| line.strip_prefix("running ")?.split(' ').next()?.parse::<u32>().ok());
        ran += counts.sum::<u32>();
    }
    ensure!(ran < 10_000, "no such many tests");
    Ok(if ran == 0 { Outcome::Void("no test ran".to_owned()) } else { Outcome::Survived })
}

fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let start = text.char_indices().rev().nth(1500).map_or(0, |(at, _)| at);
    text[start..].to_owned()
}
