//! The world that tests act in: a database of their own cloned from a template, the real server on a port of its own, and
//! people who do things over HTTP.
//!
//! PostgreSQL, S3, KMS and the mailbox are the real local services that `keystead-local with` starts (`make test`).
#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "in tests a panic is the report")]

mod api;
mod database;
mod mailbox;
mod people;
mod world;

pub use api::{Answer, Call};
pub use database::{Database, fresh_database};
pub use mailbox::token_mailed_to;
pub use people::{Operator, Person, Tenant};
pub use world::{Options, World, server_config};

/// A password that passes every rule.
pub const PASSWORD: &str = "cobalt-Lantern-7-meadow-drift";
