//! What is true of the source as it stands in the repository, whatever runs: supply chain (T27) and static rules (T28).
//!
//! Everything is read from `git ls-files` and `cargo metadata`, so a file or dependency that is added is judged the same day.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod lock_files;
mod mutants;
mod sources;
mod static_rules;
mod supply_chain;
mod unsafe_code;
