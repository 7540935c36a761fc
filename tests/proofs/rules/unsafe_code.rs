//! Where `unsafe` stands: nowhere in our own crates, by the compiler's word; counted in what we link.

use std::{fs, path::Path};

use keystead_proofs::{Proof, full};
use keystead_sbom::{SERVER, linked};
use proc_macro2::{TokenStream, TokenTree};

use crate::sources::{content, files, top};

#[test]
fn our_own_code_has_none() {
    let files = files();
    let manifests = || files.iter().filter(|path| path.ends_with("Cargo.toml") && *path != "Cargo.toml");
    let text = |path: &String| String::from_utf8(content(path)).unwrap();
    // What is outside the workspace inherits nothing and says it itself.
    let strict =
        |text: String| text.contains("[lints]\nworkspace = true") || text.contains("[lints.rust]\nunsafe_code =");
    let lax = manifests().filter(|path| !strict(text(path))).count();
    let forbids = text(&"Cargo.toml".to_owned()).contains("unsafe_code = \"forbid\"");
    let words: usize = files.iter().filter(|path| path.ends_with(".rs")).map(|path| count(&text(path))).sum();
    let proof = Proof::of("T27");
    proof.at_least("own-crates", manifests().count(), 15);
    proof.zero("own-crates-that-do-not-forbid-unsafe", lax + usize::from(!forbids));
    proof.zero("unsafe-in-own-code", words);
}

#[test]
fn what_is_linked_is_counted() {
    assert_eq!(count("fn f() { unsafe { g() } } unsafe impl Send for X {} // unsafe\nconst A: &str = \"unsafe\";"), 2);
    if !full() {
        return;
    }
    let folders = linked(&top(), &SERVER).unwrap();
    let mut per_crate: Vec<(usize, &str)> =
        folders.iter().map(|(name, folder)| (of_folder(folder), name.as_str())).collect();
    per_crate.sort_unstable();
    let proof = Proof::of("T27");
    proof.note("linked-crates", per_crate.len());
    proof.note("linked-crates-with-unsafe", per_crate.iter().filter(|(count, _)| *count > 0).count());
    proof.note("unsafe-in-linked-crates", per_crate.iter().map(|(count, _)| count).sum::<usize>());
    println!("most: {:?}", per_crate.iter().rev().take(10).collect::<Vec<_>>());
}

/// The keyword, without comments and texts.
fn count(source: &str) -> usize {
    source.parse::<TokenStream>().map_or(0, words)
}

fn words(stream: TokenStream) -> usize {
    stream
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => words(group.stream()),
            TokenTree::Ident(word) => usize::from(word == "unsafe"),
            _ => 0,
        })
        .sum()
}

fn of_folder(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| entry.path())
        .map(|path| match path.extension().and_then(|kind| kind.to_str()) {
            _ if path.is_dir() => of_folder(&path),
            Some("rs") => fs::read_to_string(&path).map_or(0, |source| count(&source)),
            _ => 0,
        })
        .sum()
}
