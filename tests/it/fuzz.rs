//! T11: readers of foreign bytes. The seeds are read with every run of the tests; libFuzzer goes on from them in the deep
//! tier (`make prove fuzz`), `KEYSTEAD_FUZZ_SECONDS` a target, an hour unless told.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keystead_proofs::Proof;
use regex::Regex;
use tokio::process::Command;

use crate::clients::{checkout, said, target};

#[path = "../proofs/fuzz/src/targets.rs"]
mod targets;

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

#[tokio::test]
#[ignore = "deep tier: make prove fuzz"]
async fn the_fuzzer_finds_nothing() {
    let proof = Proof::of("T11");
    let seconds =
        std::env::var("KEYSTEAD_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3600_u32);
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
    // Built with the very dependencies of the product; the fuzzer's own two come on top.
    fs::copy(checkout().join("Cargo.lock"), folder().join("Cargo.lock")).unwrap();
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["build", "--target-dir"])
        .arg(built)
        .current_dir(folder())
        .env("RUSTC_WRAPPER", folder().join("instrument.sh"))
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    built.join("debug/fuzz")
}
