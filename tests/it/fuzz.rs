//! T11: readers of foreign bytes. The seeds are read with every run of the tests; libFuzzer goes on from them in the deep
//! tier (`make prove fuzz`), an hour a target. `KEYSTEAD_FUZZ_SECONDS` makes it shorter, and then nothing is proven.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use keystead_api::http::Problem;
use keystead_proofs::Proof;
use regex::Regex;
use serde_json::Value;
use tokio::process::Command;

use crate::clients::{checkout, said, target};

#[path = "../proofs/fuzz/src/targets/mod.rs"]
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

/// The operations of the OpenAPI document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
}

/// The kinds of JSON body in the OpenAPI document, by name.
fn documented_bodies() -> BTreeSet<String> {
    let document = keystead_api::routes::document();
    let schemas =
        operations(&document).map(|operation| &operation["requestBody"]["content"]["application/json"]["schema"]);
    let named = schemas.filter(|schema| !schema.is_null()).map(|schema| match schema["$ref"].as_str() {
        Some(reference) => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        None => panic!("a body without a name: {schema}"),
    });
    named.collect()
}

#[test]
fn every_body_of_the_document_is_fuzzed() {
    let proof = Proof::of("T11");
    let fuzzed: BTreeSet<String> = targets::requests::BODIES.iter().map(|(name, _)| (*name).to_owned()).collect();
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
    let unread = targets::requests::BODIES.iter().filter(|(_, read)| !seeds.iter().any(|seed| read(seed) == 200));
    let unread: Vec<&str> = unread.map(|(name, _)| *name).collect();
    let proof = Proof::of("T11");
    println!("no seed is a good {unread:?}");
    proof.zero("bodies-without-a-good-seed", unread.len());
}

/// The query parameters that an operation takes, each with whether it must be given.
type Parameters = BTreeMap<String, bool>;

/// What every list takes.
const PAGING: [&str; 2] = ["cursor", "limit"];

/// The operations of the OpenAPI document that take query parameters of their own, by name, with what they take.
fn documented_queries() -> BTreeMap<String, Parameters> {
    let document = keystead_api::routes::document();
    let own = |operation: &Value| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        let named = query.map(|one| (one["name"].as_str().unwrap().to_owned(), one["required"] == true));
        let mut named: Parameters = named.collect();
        if PAGING.iter().all(|name| named.contains_key(*name)) {
            named.retain(|name, _| !PAGING.contains(&name.as_str()));
        }
        named
    };
    let all = operations(&document).map(|one| (one["operationId"].as_str().unwrap().to_owned(), own(one)));
    all.filter(|(_, parameters)| !parameters.is_empty()).collect()
}

#[test]
fn every_query_of_the_document_is_fuzzed() {
    let proof = Proof::of("T11");
    let documented = documented_queries();
    let fuzzed: BTreeSet<&str> = targets::requests::QUERIES.iter().map(|(operation, _)| *operation).collect();
    let left_out: Vec<&String> = documented.keys().filter(|operation| !fuzzed.contains(operation.as_str())).collect();
    let unknown: Vec<&&str> = fuzzed.iter().filter(|operation| !documented.contains_key(**operation)).collect();
    println!("not fuzzed {left_out:?}; not in the document {unknown:?}");
    proof.at_least("queries-in-the-document", documented.len(), 15);
    proof.zero("queries-not-fuzzed", left_out.len());
    proof.zero("queries-of-no-operation", unknown.len());
}

/// Does it say that there is no parameter of that name?
fn is_unknown(problem: &Problem) -> bool {
    problem.field_errors().iter().any(|error| error.message.starts_with("unknown field"))
}

/// A query is fuzzed as what its operation reads, and not as what another does: it knows the operation's parameters, no other's,
/// and asks for those that must be given.
#[test]
fn each_query_is_fuzzed_as_its_operation_reads_it() {
    let documented = documented_queries();
    let names: BTreeSet<&str> = documented.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let mut wrong = Vec::new();
    for (operation, read) in targets::requests::QUERIES {
        let parameters = &documented[*operation];
        for name in names.iter().copied().chain(["no_such"]) {
            let known = !read(format!("{name}=x").as_bytes()).is_err_and(|problem| is_unknown(&problem));
            if known != parameters.contains_key(name) {
                wrong.push(format!("{operation}: {name}"));
            }
        }
        if read(b"").is_err() != parameters.values().any(|required| *required) {
            wrong.push(format!("{operation}: what must be given"));
        }
    }
    let proof = Proof::of("T11");
    println!("read differently {wrong:?}");
    proof.zero("queries-read-differently", wrong.len());
}

#[test]
fn every_query_has_a_seed_that_reads() {
    let seeds = fs::read_dir(folder().join("seeds/query")).unwrap();
    let seeds: Vec<Vec<u8>> = seeds.map(|seed| fs::read(seed.unwrap().path()).unwrap()).collect();
    let good = |seed: &Vec<u8>, read: &fn(&[u8]) -> Result<(), Problem>| !seed.is_empty() && read(seed).is_ok();
    let unread = targets::requests::QUERIES.iter().filter(|(_, read)| !seeds.iter().any(|seed| good(seed, read)));
    let unread: Vec<&str> = unread.map(|(operation, _)| *operation).collect();
    let proof = Proof::of("T11");
    println!("no seed is a good query of {unread:?}");
    proof.zero("queries-without-a-good-seed", unread.len());
}

/// The fuzzer is built with the very dependencies of the product; its own come on top, and nothing else may.
#[test]
fn the_fuzzer_is_built_from_what_the_product_is() {
    let product = packages(&checkout());
    let others: Vec<String> = packages(&folder()).difference(&product).cloned().collect();
    let is_its_own = |package: &String| ITS_OWN.iter().any(|own| package.starts_with(&format!("{own} ")));
    let strange: Vec<&String> = others.iter().filter(|package| !is_its_own(package)).collect();
    let proof = Proof::of("T11");
    println!("{strange:?}; CONTRIBUTING.md says how the lock file of the fuzzer follows that of the product");
    proof.at_least("packages-of-the-product", product.len(), 300);
    proof.exactly("packages-of-the-fuzzer", others.len() - strange.len(), ITS_OWN.len());
    proof.zero("packages-that-the-product-is-not-built-from", strange.len());
}

/// Where the edges that each target reached are kept, once a run has kept them.
fn edges_file() -> PathBuf {
    folder().join("edges.json")
}

/// The edges that each target reached when they were kept last.
fn kept_edges() -> BTreeMap<String, u64> {
    fs::read(edges_file()).map_or_else(|_| BTreeMap::new(), |text| serde_json::from_slice(&text).unwrap())
}

/// How many edges a target must reach: 98 % of those that were kept. One that none were kept of has to reach some, because a
/// fuzzer that sees no edges is guided by nothing.
fn wanted_edges(kept: Option<u64>) -> u64 {
    kept.map_or(1, |kept| (kept * 98).div_ceil(100).max(1))
}

#[test]
fn a_target_may_lose_two_edges_of_a_hundred() {
    assert_eq!([None, Some(0), Some(100), Some(101)].map(wanted_edges), [1, 1, 98, 99]);
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
    let keeps = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut edges = kept_edges();
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
        let reached = last(&said, r" cov: (\d+)");
        let kept = if keeps { None } else { edges.get(*name).copied() };
        proof.at_least(&format!("{name}-edges"), reached, wanted_edges(kept));
        edges.insert((*name).to_owned(), reached);
        if !output.status.success() {
            println!("{said}");
        }
    }
    if keeps {
        fs::write(edges_file(), serde_json::to_string_pretty(&edges).unwrap() + "\n").unwrap();
    }
}

/// The last figure of its kind; nought if there is none.
fn last(said: &str, pattern: &str) -> u64 {
    let found = Regex::new(pattern).unwrap().captures_iter(said).last();
    found.and_then(|captures| captures[1].parse().ok()).unwrap_or(0)
}

/// Builds the fuzzer, instrumented, in a folder of its own.
async fn build(built: &Path) -> PathBuf {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["build", "--locked"])
        .current_dir(folder())
        .env("CARGO_TARGET_DIR", built)
        .env("RUSTC_WRAPPER", folder().join("instrument.sh"))
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    built.join("debug/fuzz")
}

/// The packages of a registry in a folder's lock file, each with its version and checksum.
fn packages(folder: &Path) -> BTreeSet<String> {
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    let package = Regex::new("name = \"(.+)\"\nversion = \"(.+)\"\nsource = \"(.+)\"\nchecksum = \"(.+)\"").unwrap();
    package.captures_iter(&lock).map(|found| format!("{} {} {}", &found[1], &found[2], &found[4])).collect()
}
