//! Random statements by the grammar in `grammar.txt`, which says how it is written.

use std::collections::HashMap;

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

const FILE: &str = include_str!("grammar.txt");
/// Deeper than this, the first alternative is taken, which leads to an end.
const DEEPEST: usize = 7;

pub(super) struct Grammar(HashMap<String, Vec<String>>);

impl Grammar {
    /// The grammar, with all of our relations.
    pub(super) fn read(relations: &[String]) -> Self {
        let mut rules: HashMap<String, Vec<String>> = HashMap::from([("relation".to_owned(), relations.to_vec())]);
        for line in FILE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (name, alternative) = line.split_once(':').unwrap();
            rules.entry(name.to_owned()).or_default().push(alternative.trim().to_owned());
        }
        Self(rules)
    }

    /// A random statement. What is no rule's name, such as `{tenant}`, stays as it is.
    pub(super) fn sentence(&self, random: &mut StdRng) -> String {
        let mut sentence = String::new();
        self.expand("statement", 0, random, &mut sentence);
        sentence
    }

    fn expand(&self, rule: &str, depth: usize, random: &mut StdRng, into: &mut String) {
        let alternatives = &self.0[rule];
        let chosen =
            if depth > DEEPEST && rule != "relation" { alternatives.first() } else { alternatives.choose(random) };
        let mut rest = chosen.unwrap().as_str();
        while let Some(at) = rest.find(['{', '}']) {
            into.push_str(&rest[..at]);
            rest = &rest[at..];
            // Doubled braces stand for themselves.
            if let Some(after) = rest.strip_prefix("{{").or(rest.strip_prefix("}}")) {
                into.push_str(&rest[..1]);
                rest = after;
                continue;
            }
            let (name, after) = rest[1..].split_once('}').unwrap();
            if self.0.contains_key(name) {
                self.expand(name, depth + 1, random, into);
            } else {
                into.push_str(&rest[..name.len() + 2]);
            }
            rest = after;
        }
        into.push_str(rest);
        debug_assert!(into.len() < 100_000, "the grammar ends");
    }
}

/// Some of them, or all when there are no more.
pub(super) fn some<T: Clone>(all: &[T], at_most: usize, random: &mut impl Rng) -> Vec<T> {
    all.choose_multiple(random, at_most).cloned().collect()
}
