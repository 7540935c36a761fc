//! The world that tests act in: a database of their own cloned from a template, the real server on a port of its own, and
//! people who do things over HTTP.
//!
//! PostgreSQL, S3, KMS and the mailbox are the real local services that `keystead-local with` starts (`make test`).
#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "in tests a panic is the report")]

mod api;
pub mod context;
mod database;
pub mod edge;
pub mod fault_proxy;
pub mod history;
mod mailbox;
mod onboarding;
mod people;
mod persistent;
mod process;
mod site;
mod trail;
mod world;

pub use api::{Answer, Call};
pub use database::{Database, fresh_database};
pub use edge::NativeEdge;
pub use mailbox::{token_if_mailed_to, token_mailed_to};
pub use onboarding::Application;
pub use people::{Operator, Person, Tenant};
pub use persistent::{Sale, Seen, check_sales, import_to_the_end, insist, sell};
pub use process::{OwnServices, ServerProcess, becomes, count, program, signal_to};
pub use rustix::process::Signal;
pub use site::Site;
pub use trail::verified_trail;
pub use world::{Options, World, server_config};

/// A password that passes every rule.
pub const PASSWORD: &str = "cobalt-Lantern-7-meadow-drift";

/// The UUID inside an id of the API.
#[must_use]
pub fn uuid_of(id: &str) -> uuid::Uuid {
    id.split_once('_').map_or(id, |(_, uuid)| uuid).parse().unwrap_or_else(|_| panic!("{id} is no id"))
}
