//! T11: readers of foreign bytes. The seeds are read with every run of the tests; libFuzzer goes on from them in the deep
//! tier (`make prove fuzz`), an hour a target. `KEYSTEAD_FUZZ_SECONDS` makes it shorter, and then nothing is proven.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use keystead_proofs::Proof;
use regex::Regex;
use tokio::process::Command;

use crate::clients::{checkout, said, target};

#[path = "../proofs/fuzz/src/targets.rs"]
mod targets;

/// How long libFuzzer looks at each target, in seconds.
const SECONDS: u32 = 3_600;

/// What the fuzzer is built from and the product is not.
const ITS_OWN: [&str; 2] = ["arbitrary", "libfuzzer-sys"];

fn folder() -> PathBuf {
    checkout().join("tests/proofs/fuzz")
}

#[test]
fn every_seed_is_read() {
    let proof = Proof::of("T11");
    let mut read = 0;
    for (name, target) in targets::TARGETS {
        let seeds: Vec<_> =
            fs::read_dir(folder().join("seeds").join(name)).unwrap().map(|seed| seed.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            let bytes = fs::read(&seed).unwrap();
            let survived = std::panic::catch_unwind(|| target(&bytes));
            assert!(survived.is_ok(), "{} breaks {name}", seed.display());
            read += 1;
        }
    }
    proof.at_least("seeds-read", read, targets::TARGETS.len());
}

/// The kinds of JSON body in the OpenAPI document, by name.
fn documented_bodies() -> BTreeSet<String> {
    let document = keystead_api::routes::document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let schemas = operations.map(|operation| &operation["requestBody"]["content"]["application/json"]["schema"]);
    let named = schemas.filter(|schema| !schema.is_null()).map(|schema| match schema["$ref"].as_str() {
        Some(reference) => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        None => panic!("a body without a name: {schema}"),
    });
    named.collect()
}

#[test]
fn every_body_of_the_document_is_fuzzed() {
    let proof = Proof::of("T11");
    let fuzzed: BTreeSet<String> = targets::BODIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let documented = documented_bodies();
    let left_out: Vec<&String> = documented.difference(&fuzzed).collect();
    let unknown: Vec<&String> = fuzzed.difference(&documented).collect();
    println!("not fuzzed {left_out:?}; not in the document {unknown:?}");
    proof.at_least("bodies-in-the-document", documented.len(), 38);
    proof.zero("bodies-not-fuzzed", left_out.len());
    proof.zero("bodies-of-no-operation", unknown.len());
}

/// A seed that no kind of body reads only teaches the fuzzer to be refused.
#[test]
fn every_kind_of_body_has_a_seed_that_reads() {
    let seeds = fs::read_dir(folder().join("seeds/body")).unwrap();
    let seeds: Vec<Vec<u8>> = seeds.map(|seed| fs::read(seed.unwrap().path()).unwrap()).collect();
    let unread = targets::BODIES.iter().filter(|(_, read)| !seeds.iter().any(|seed| read(seed) == 200));
    let unread: Vec<&str> = unread.map(|(name, _)| *name).collect();
    let proof = Proof::of("T11");
    println!("no seed is a good {unread:?}");
    proof.zero("bodies-without-a-good-seed", unread.len());
}

#[tokio::test]
#[ignore = "deep tier: make prove fuzz"]
async fn the_fuzzer_finds_nothing() {
    let proof = Proof::of("T11");
    let told = std::env::var("KEYSTEAD_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let seconds: u32 = told.unwrap_or(SECONDS);
    proof.at_least("seconds-a-target", seconds, SECONDS);
    let built = target().join("fuzz");
    let fuzzer = build(&built).await;
    for (name, _) in targets::TARGETS {
        let corpus = built.join("corpus").join(name);
        fs::create_dir_all(&corpus).unwrap();
        let crashes = format!("-artifact_prefix={}/crash-{name}-", built.display());
        let output = Command::new(&fuzzer)
            .args([&format!("-max_total_time={seconds}"), &format!("-seed={}", proof.seed()), &crashes])
            .args(["-print_final_stats=1", "-timeout=10", "-rss_limit_mb=1024", "-max_len=65536"])
            .args([&corpus, &folder().join("seeds").join(name)])
            .env("KEYSTEAD_FUZZ_TARGET", name)
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let said = said(&output);
        proof.zero(&format!("{name}-crashes"), usize::from(!output.status.success()));
        proof.note(&format!("{name}-execs"), last(&said, r"stat::number_of_executed_units:\s*(\d+)"));
        // What it was told is not what it did: it says itself how long it looked.
        proof.at_least(&format!("{name}-seconds"), last(&said, r"Done \d+ runs in (\d+) second"), seconds);
        // A fuzzer that sees no edges is guided by nothing.
        proof.at_least(&format!("{name}-edges"), last(&said, r" cov: (\d+)"), 1);
        if !output.status.success() {
            println!("{said}");
        }
    }
}

/// The last figure of its kind; nought if there is none.
fn last(said: &str, pattern: &str) -> u64 {
    let found = Regex::new(pattern).unwrap().captures_iter(said).last();
    found.and_then(|captures| captures[1].parse().ok()).unwrap_or(0)
}

/// Builds the fuzzer, instrumented, in a folder of its own.
async fn build(built: &Path) -> PathBuf {
    // Built with the very dependencies of the product; the fuzzer's own come on top, and nothing else may.
    fs::copy(checkout().join("Cargo.lock"), folder().join("Cargo.lock")).unwrap();
    let cargo = async |arguments: &[&str]| {
        let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
            .args(arguments)
            .current_dir(folder())
            .env("CARGO_TARGET_DIR", built)
            .env("RUSTC_WRAPPER", folder().join("instrument.sh"))
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    cargo(&["update", "--workspace"]).await;
    let product = packages(&checkout());
    let others: Vec<String> = packages(&folder()).difference(&product).cloned().collect();
    let strange = |package: &&String| !ITS_OWN.iter().any(|own| package.starts_with(&format!("{own} ")));
    assert_eq!(others.iter().find(strange), None, "the fuzzer would be built from what the product is not");
    cargo(&["build", "--locked"]).await;
    built.join("debug/fuzz")
}

/// The packages of a registry in a folder's lock file, each with its version and checksum.
fn packages(folder: &Path) -> BTreeSet<String> {
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    let package = Regex::new("name = \"(.+)\"\nversion = \"(.+)\"\nsource = \"(.+)\"\nchecksum = \"(.+)\"").unwrap();
    package.captures_iter(&lock).map(|found| format!("{} {} {}", &found[1], &found[2], &found[4])).collect()
}
