//! What a slice must not be able to write, because the compiler refuses it.
//!
//! The cases are compiled against the very libraries that these tests were built with, so that nothing is built twice.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

const CRATES: [&str; 4] = ["keystead_tenants", "keystead_entities", "keystead_ids", "keystead_keys"];

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compile_fail")
}

/// The folder of the libraries: the one that this test's own executable is in.
fn libraries() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// Builds of a crate in that folder, newest first; several stand there when features or compilers changed.
fn builds(name: &str) -> Vec<PathBuf> {
    let prefix = format!("lib{name}-");
    let files = fs::read_dir(libraries()).unwrap().map(|file| file.unwrap().path());
    let mut builds: Vec<(SystemTime, PathBuf)> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "rlib"))
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&prefix))
        .map(|path| (path.metadata().unwrap().modified().unwrap(), path))
        .collect();
    builds.sort();
    builds.into_iter().rev().map(|(_, path)| path).collect()
}

/// What the compiler says; `None` when it is content.
fn refusal(case: &Path, crates: &[&PathBuf]) -> Option<String> {
    let out = tempfile::tempdir().unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--cap-lints=allow", "--color=never"]);
    rustc.arg(case).arg("--out-dir").arg(out.path());
    rustc.arg("-L").arg(format!("dependency={}", libraries().display()));
    for (name, path) in CRATES.iter().zip(crates) {
        rustc.arg("--extern").arg(format!("{name}={}", path.display()));
    }
    let output = rustc.output().unwrap();
    (!output.status.success()).then(|| String::from_utf8(output.stderr).unwrap())
}

/// Builds of all crates that belong together: those with which the code that is allowed compiles.
fn matching_builds() -> Vec<PathBuf> {
    let all = CRATES.map(builds);
    let mut last = String::new();
    for tenants in all[0].iter().take(3) {
        for (entities, ids) in
            all[1].iter().take(3).flat_map(|entities| all[2].iter().take(3).map(move |ids| (entities, ids)))
        {
            for keys in all[3].iter().take(3) {
                match refusal(&cases().join("allowed.rs"), &[tenants, entities, ids, keys]) {
                    None => return [tenants, entities, ids, keys].map(Clone::clone).into(),
                    Some(refusal) => last = refusal,
                }
            }
        }
    }
    panic!("what is allowed does not compile: {last}");
}

#[test]
fn the_compiler_refuses() {
    let crates = matching_builds();
    let crates: Vec<&PathBuf> = crates.iter().collect();
    let mut refused = 0;
    for case in fs::read_dir(cases()).unwrap().map(|file| file.unwrap().path()) {
        if case.file_name().unwrap() == "allowed.rs" {
            continue;
        }
        let text = fs::read_to_string(&case).unwrap();
        let code = text
            .lines()
            .find_map(|line| line.strip_prefix("//! Refused with ")?.strip_suffix('.'))
            .expect("an error code");
        let refusal = refusal(&case, &crates).unwrap_or_else(|| panic!("{} compiles", case.display()));
        let errors: Vec<&str> = refusal.lines().filter(|line| line.starts_with("error[")).collect();
        let expected = |line: &&str| line.starts_with(&format!("error[{code}]"));
        assert!(!errors.is_empty() && errors.iter().all(expected), "{}: {refusal}", case.display());
        refused += 1;
    }
    println!("{refused} cases refused");
    assert!(refused >= 9);
}
