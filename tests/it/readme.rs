//! The README's main job, run as it is written: its commands are the test, and what it shows is what they print.

use std::path::{Path, PathBuf};

use keystead_tests::{Options, PASSWORD, World};
use regex::Regex;
use tokio::process::Command;

/// A block of commands and what the README says they print.
struct Step {
    commands: String,
    shown: String,
}

#[tokio::test]
async fn the_main_job_of_the_readme_does_what_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let steps = main_job(&std::fs::read_to_string(root.join("README.md")).unwrap());
    assert!(steps.len() > 10, "the main job has {} blocks", steps.len());

    // The limits are the default ones: whoever follows the README must stay below them.
    let world =
        World::with(Options { auto_approve: false, per_member: 100, per_address: 100, ..Options::default() }).await;
    let printed = run(&world, root, &steps).await;

    let facts = Facts::new();
    let has_ames = root.join("../shared/data/ames/home-sales-2006-2009.csv").exists();
    for (Step { commands, shown }, printed) in steps.iter().zip(&printed) {
        let shown = shown.lines().filter(|line| has_ames || !line.starts_with("2589 rows"));
        assert_eq!(
            facts.lines(printed.lines()),
            facts.lines(shown),
            "what these commands print (left) and the README shows:\n{commands}"
        );
    }
    let trail = printed.concat();
    for action in [
        "file.created",
        "contract.created",
        "contract.submitted",
        "contract.approved",
        "contract.cancelled",
        "reveal.created",
    ] {
        assert!(trail.contains(action), "{action} is not in the audit trail");
    }
    assert!(trail.contains("unit-under-contract") && trail.contains("the forgery is found"));
}

/// The blocks of the section, each with the block of output that follows it, if one does.
fn main_job(readme: &str) -> Vec<Step> {
    let section = readme.split("\n## ").find(|section| section.starts_with("The main job\n")).expect("the section");
    let mut steps: Vec<Step> = Vec::new();
    for block in section.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "bash" => steps.push(Step { commands: text.to_owned(), shown: String::new() }),
            "text" => steps.last_mut().expect("commands before output").shown = text.to_owned(),
            other => panic!("a block of {other:?}"),
        }
    }
    steps
}

/// Runs all of them as one script; what each printed.
async fn run(world: &World, root: &Path, steps: &[Step]) -> Vec<String> {
    const END: &str = "@@ end of block @@\n";
    let script: String =
        steps.iter().map(|step| format!("{}\nprintf '{}'\n", step.commands, END.replace('\n', "\\n"))).collect();
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(root)
        .env("KEYSTEAD_URL", &world.url)
        .env("KEYSTEAD", server_program())
        .env("OPERATOR_EMAIL", "operator@keystead.test")
        .env("OPERATOR_PASSWORD", PASSWORD)
        .env("no_proxy", "127.0.0.1,localhost")
        .env("RUST_BACKTRACE", "0")
        .env_remove("SLUG")
        .output()
        .await
        .expect("bash runs");
    let (printed, complaint) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{}\n{printed}\n{complaint}", ran.status);
    printed.split_terminator(END).map(str::to_owned).collect()
}

/// It is built into the folder above the tests' own.
fn server_program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join("keystead")
}

/// What differs from run to run.
struct Facts(Vec<(Regex, &'static str)>);

impl Facts {
    fn new() -> Self {
        let patterns = [
            (r"\b([a-z]{3})_[0-9a-f]{32}\b", "${1}_…"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "…"),
            (r"\b[0-9a-f]{64}\b", "…"),
            (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "then"),
            (r"\b\d+ events of", "so many events of"),
            (r"\bthe first \d+ of \d+ events\b", "the first so many events"),
            (r"\bhead \d+:", "head n:"),
            (r"\bline \d+, event \d+:", "line n, event n:"),
        ];
        Self(patterns.map(|(pattern, same)| (Regex::new(pattern).unwrap(), same)).into())
    }

    /// Lines with that left out, sorted: events of one millisecond have no order.
    fn lines<'a>(&self, lines: impl Iterator<Item = &'a str>) -> Vec<String> {
        let plain = |line: &str| {
            self.0
                .iter()
                .fold(line.trim_end().to_owned(), |line, (what, same)| what.replace_all(&line, *same).into_owned())
        };
        let mut lines: Vec<String> = lines.map(plain).filter(|line| !line.is_empty()).collect();
        lines.sort();
        lines
    }
}
