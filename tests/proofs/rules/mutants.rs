//! The list of seeded defects follows the code: each still applies, and the tests that it names are there.

use std::fs;

use keystead_proofs::Proof;
use regex::Regex;

use crate::sources::{content, files, top};

#[path = "../src/mutants/list.rs"]
mod list;

#[test]
fn every_mutant_still_applies() {
    let mutants = list::read(&top().join("tests/proofs/mutants")).unwrap();
    let mut rotten = Vec::new();
    for mutant in &mutants {
        for edit in mutant.edits() {
            let text = fs::read_to_string(top().join(&edit.file)).unwrap_or_default();
            rotten.extend(edit.applied_to(&text).err().map(|error| format!("{}: {error}", mutant.id)));
            if edit.find == edit.replace {
                rotten.push(format!("{} changes nothing", mutant.id));
            }
        }
    }
    let proof = Proof::of("mutants");
    proof.at_least("mutants-listed", mutants.len(), 60);
    proof.zero("mutants-that-do-not-apply", rotten.len());
    let named = Regex::new(r"fn ([a-z0-9_]+)|mod ([a-z0-9_]+)").unwrap();
    let sources = files().into_iter().filter(|path| path.ends_with(".rs"));
    let names: String = sources
        .flat_map(|path| {
            let text = String::from_utf8_lossy(&content(&path)).into_owned();
            named
                .captures_iter(&text)
                .map(|found| format!(" {}", found.get(1).or(found.get(2)).unwrap().as_str()))
                .collect::<Vec<_>>()
        })
        .collect();
    // A filter is the start of a module's or a test's name, or several joined by `::`.
    let known = |filter: &str| {
        filter.split("::").filter(|part| !part.is_empty()).all(|part| names.contains(&format!(" {part}")))
    };
    let unknown: Vec<String> = mutants
        .iter()
        .flat_map(|mutant| {
            mutant.tests.iter().filter(|test| !known(test)).map(move |test| format!("{}: {test}", mutant.id))
        })
        .collect();
    proof.zero("tests-that-are-not-there", unknown.len());
    assert!(rotten.is_empty() && unknown.is_empty(), "{rotten:#?} {unknown:#?}");
}
