//! The list of seeded defects: `tests/proofs/mutants/*.toml`.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

/// One seeded defect.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Its name, in words joined by hyphens.
    pub id: String,
    /// The promise that it breaks.
    pub breaks: String,
    /// The file, from the top of the checkout.
    pub file: String,
    /// Text that stands there once.
    pub find: String,
    /// What comes in its place.
    pub replace: String,
    /// More edits, where one place does not make the defect.
    #[serde(default)]
    pub also: Vec<Edit>,
    /// What runs: a package's tests, or `schema` for the integration tests on a database that the mutant migrated.
    pub run: String,
    /// Which of its tests have to notice: a part of their path.
    pub tests: Vec<String>,
    /// Who has to notice.
    #[serde(default)]
    pub killed_by: Killer,
}

/// A text and what comes in its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file, from the top of the checkout.
    pub file: String,
    /// Text that stands there once.
    pub find: String,
    /// What comes in its place.
    pub replace: String,
}

/// Who notices a defect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Killer {
    /// A test goes red.
    #[default]
    Test,
    /// It does not compile: the types refuse it.
    Compiler,
    /// The tests hang until their time is up.
    TimeOut,
    /// A test goes red, or it was none: it does not compile.
    TestOrCompiler,
}

/// The mutants of a file.
#[derive(Deserialize)]
struct File {
    mutant: Vec<Mutant>,
}

impl Mutant {
    /// All that it changes.
    pub fn edits(&self) -> Vec<Edit> {
        let first = Edit { file: self.file.clone(), find: self.find.clone(), replace: self.replace.clone() };
        std::iter::once(first).chain(self.also.iter().cloned()).collect()
    }
}

impl Edit {
    /// The file's text with the defect.
    ///
    /// # Errors
    /// When the text that it replaces is not there exactly once: the list has to follow the code.
    pub fn applied_to(&self, text: &str) -> Result<String> {
        let found = text.matches(&self.find).count();
        ensure!(found == 1, "{} holds the text {found} times, not once:\n{}", self.file, self.find);
        Ok(text.replacen(&self.find, &self.replace, 1))
    }
}

/// Every mutant in the folder, in the order of files and lines.
///
/// # Errors
/// When a file does not parse or two mutants have one name.
pub fn read(folder: &Path) -> Result<Vec<Mutant>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|kind| kind == "toml"));
    files.sort();
    let mut mutants = Vec::new();
    for path in files {
        let file: File = toml::from_str(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
        mutants.extend(file.mutant);
    }
    for (at, mutant) in mutants.iter().enumerate() {
        ensure!(mutants[..at].iter().all(|other| other.id != mutant.id), "two mutants are called {}", mutant.id);
        ensure!(!mutant.tests.is_empty(), "{} names no test", mutant.id);
    }
    Ok(mutants)
}
