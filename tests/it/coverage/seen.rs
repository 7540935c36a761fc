//! What an answer tells, and the tally of cases.

use std::collections::{BTreeMap, BTreeSet};

use keystead_proofs::Proof;
use keystead_tests::Answer;

use super::document::{Operation, Reference};

/// An answer without what differs between any two requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// The request's own id, its time, what is left of a quota; and the length, which the body tells.
const RESTLESS: [&str; 5] = ["date", "x-request-id", "ratelimit", "ratelimit-policy", "content-length"];

impl Seen {
    /// Of an answer to a request that named the id `named`.
    pub(super) fn of(answer: &Answer, named: &str) -> Self {
        let headers = answer.headers.iter().filter(|(name, _)| !RESTLESS.contains(&name.as_str()));
        let mut body = answer.json.clone();
        let body = match body.as_object_mut() {
            Some(problem) => {
                problem.remove("instance");
                body.to_string()
            }
            None => answer.text.clone(),
        };
        Self {
            status: answer.status,
            headers: headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect(),
            // A short name may stand anywhere by chance.
            body: if named.len() < 8 { body } else { body.replace(named, "<id>") },
        }
    }
}

/// Counts cases and keeps what was wrong, by figure.
#[derive(Default)]
pub(super) struct Tally {
    cases: BTreeMap<&'static str, usize>,
    wrong: BTreeMap<&'static str, Vec<String>>,
    operations: BTreeSet<String>,
    references: BTreeSet<(String, Reference)>,
}

impl Tally {
    /// One case of a kind.
    pub(super) fn case(&mut self, kind: &'static str) {
        *self.cases.entry(kind).or_default() += 1;
    }

    /// An operation was tried.
    pub(super) fn covers(&mut self, operation: &Operation<'_>) {
        self.operations.insert(operation.name());
    }

    /// A reference of an operation was sent with another builder's id.
    pub(super) fn sent(&mut self, operation: &Operation<'_>, reference: &Reference) {
        self.references.insert((operation.name(), reference.clone()));
    }

    /// Notes a fault of a figure unless all is well.
    pub(super) fn check(&mut self, figure: &'static str, good: bool, what: impl FnOnce() -> String) {
        if !good {
            self.wrong.entry(figure).or_default().push(what());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.cases.into_iter().for_each(|(kind, cases)| *self.cases.entry(kind).or_default() += cases);
        other.wrong.into_iter().for_each(|(figure, all)| self.wrong.entry(figure).or_default().extend(all));
        self.operations.extend(other.operations);
        self.references.extend(other.references);
    }

    pub(super) fn cases(&self) -> usize {
        self.cases.values().sum()
    }

    pub(super) fn operations(&self) -> usize {
        self.operations.len()
    }

    /// Was a reference of an operation sent with another builder's id?
    pub(super) fn has_sent(&self, operation: &Operation<'_>, reference: &Reference) -> bool {
        self.references.contains(&(operation.name(), reference.clone()))
    }

    /// Reports a figure that counts faults and must be nought; prints them.
    pub(super) fn none(&self, proof: &Proof, figure: &'static str) {
        let wrong = self.wrong.get(figure).map_or(&[][..], Vec::as_slice);
        wrong.iter().take(40).for_each(|what| println!("{figure}: {what}"));
        proof.zero(figure, wrong.len());
    }

    /// Prints how many cases there were of each kind.
    pub(super) fn print(&self) {
        println!("{} cases: {:?}", self.cases(), self.cases);
    }
}
