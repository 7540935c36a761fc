//! Generates clients from the document, checks their types, and has them do the main job on a server of their own.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use keystead_proofs::Proof;
use keystead_tests::{Options, PASSWORD, World};
use regex::Regex;
use tokio::process::Command;

/// A language's client: where its sources are, and where it is generated, checked and run.
struct Stranger {
    language: &'static str,
    sources: PathBuf,
    folder: PathBuf,
    proof: Proof,
}

impl Stranger {
    /// Lays out a fresh folder with the sources and the document.
    fn new(language: &'static str) -> Self {
        let sources = checkout().join("tests/proofs/clients").join(language);
        let folder = target().join("clients").join(language);
        fs::create_dir_all(&folder).unwrap();
        copy(&sources, &folder);
        let newer = serde_json::to_string_pretty(&keystead_api::routes::document()).unwrap();
        fs::write(folder.join("openapi.json"), newer).unwrap();
        fs::write(folder.join("openapi-3.0.json"), keystead_api::routes::document_3_0().to_string()).unwrap();
        Self { language, sources, folder, proof: Proof::of("clients") }
    }

    /// A command that must succeed.
    async fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        let output = self.try_run(&program, arguments).await;
        assert!(output.status.success(), "{} {arguments:?}:\n{}", program.as_ref().display(), said(&output));
        said(&output)
    }

    async fn try_run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Output {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).current_dir(&self.folder).kill_on_drop(true);
        command.output().await.unwrap_or_else(|error| panic!("{}: {error}", program.as_ref().display()))
    }

    /// Runs a checker of types; every line of its that matches is an error.
    async fn check(&self, program: impl AsRef<Path>, arguments: &[&str], error: &str) {
        let output = self.try_run(&program, arguments).await;
        let said = said(&output);
        let errors = Regex::new(error).unwrap().find_iter(&said).count();
        self.figure("type-errors", errors);
        assert!(output.status.success(), "{said}");
    }

    fn figure(&self, name: &str, value: usize) {
        self.proof.zero(&format!("{}-{name}", self.language), value);
    }

    /// Requests that the client's author had to write by hand: there are none, so none of these words is in it.
    fn count_handwritten(&self, main_job: &str, by_hand: &str) {
        let source = fs::read_to_string(self.sources.join(main_job)).unwrap();
        let found = Regex::new(by_hand).unwrap().find_iter(&source).count();
        self.figure("handwritten-requests", found);
    }

    /// Has the client do the main job; it says what it did step by step.
    async fn do_the_main_job(&self, program: impl AsRef<Path>, arguments: &[&str]) {
        let world = World::with(Options { auto_approve: false, ..Options::default() }).await;
        let output = Command::new(program.as_ref())
            .args(arguments)
            .current_dir(&self.folder)
            .env("KEYSTEAD_URL", &world.url)
            .env("OPERATOR_EMAIL", "operator@keystead.test")
            .env("OPERATOR_PASSWORD", PASSWORD)
            .env("PASSWORD", PASSWORD)
            .env("SLUG", format!("{}-homes", self.language))
            .env("DEMO", checkout().join("deploy/demo"))
            .env("no_proxy", "127.0.0.1,localhost")
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let said = said(&output);
        let steps = fs::read_to_string(checkout().join("tests/proofs/clients/steps.txt")).unwrap();
        let wanted: BTreeSet<&str> = steps.lines().collect();
        let done: BTreeSet<&str> = said.lines().filter_map(|line| line.strip_prefix("done: ")).collect();
        self.proof.exactly(&format!("{}-steps-done", self.language), done.intersection(&wanted).count(), wanted.len());
        assert!(output.status.success(), "{said}");
    }
}

pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder above the profile's, which the tests were built into.
pub(crate) fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copied = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&copied).unwrap();
            copy(&entry.path(), &copied);
        } else {
            fs::copy(entry.path(), copied).unwrap();
        }
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
#[ignore = "deep tier: make prove clients"]
async fn a_typescript_client_does_the_main_job() {
    let stranger = Stranger::new("typescript");
    stranger.run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).await;
    let bin = |tool: &str| stranger.folder.join("node_modules/.bin").join(tool);
    stranger.run(bin("openapi-typescript"), &["openapi.json", "-o", "api.d.ts"]).await;
    stranger.check(bin("tsc"), &["--project", "."], r"error TS\d+").await;
    stranger.count_handwritten("main_job.ts", r"\bfetch\(|XMLHttpRequest|\bas any\b|@ts-|JSON\.parse");
    stranger.do_the_main_job("node", &["built/main_job.js"]).await;
}

#[tokio::test]
#[ignore = "deep tier: make prove clients"]
async fn a_python_client_does_the_main_job() {
    let stranger = Stranger::new("python");
    stranger.run("python3", &["-m", "venv", "venv"]).await;
    let bin = |tool: &str| stranger.folder.join("venv/bin").join(tool);
    let install = ["install", "--quiet", "--require-hashes", "--requirement", "requirements.txt"];
    stranger.run(bin("pip"), &install).await;
    let generate = [
        "generate",
        "--path",
        "openapi.json",
        "--config",
        "generator.yml",
        "--output-path",
        "generated",
        "--overwrite",
    ];
    let warned = stranger.run(bin("openapi-python-client"), &generate).await;
    stranger.figure("generator-warnings", warned.matches("WARNING").count());
    let package = stranger.folder.join("keystead_client");
    drop(fs::remove_dir_all(&package));
    fs::rename(stranger.folder.join("generated/keystead_client"), package).unwrap();
    stranger.check(bin("mypy"), &["main_job.py"], ": error:").await;
    stranger.count_handwritten("main_job.py", r"httpx|urllib|requests\.|type: ignore|\bAny\b|json\.loads");
    stranger.do_the_main_job(bin("python"), &["main_job.py"]).await;
}

#[tokio::test]
#[ignore = "deep tier: make prove clients"]
async fn a_rust_client_does_the_main_job() {
    let stranger = Stranger::new("rust");
    // Built where its sources are, so that the second time is quick.
    let built = stranger.folder.join("target");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let document = stranger.folder.join("openapi-3.0.json");
    let build = ["build", "--locked", "--target-dir", built.to_str().unwrap()];
    let arguments = [&format!("KEYSTEAD_OPENAPI={}", document.display()), cargo.as_str()];
    stranger.check("env", &[&arguments[..], &build[..]].concat(), r"(?m)^error").await;
    stranger.count_handwritten("src/main.rs", r"\.request\(|http\.(get|post|put|patch|delete)\(|Method::|serde_json::");
    stranger.do_the_main_job(built.join("debug/keystead-stranger"), &[]).await;
}
