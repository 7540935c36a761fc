//! The HTTP API: one folder a resource, one file an operation. [`app::router`] is all a server needs.
#![recursion_limit = "256"]

pub mod app;
mod document;
pub mod edge;
pub mod http;
pub mod jobs;
pub mod routes;
mod shares;
mod vault;

pub use shares::{BucketShares, PREFIX as SHARES};
pub use vault::CONTACTS;

pub mod audit;
pub mod auth;
pub mod buildings;
pub mod contacts;
pub mod contracts;
pub mod dashboard;
pub mod elevations;
pub mod files;
pub mod health;
pub mod import_mappings;
pub mod imports;
pub mod invitations;
pub mod members;
pub mod operator_invitations;
pub mod phases;
pub mod plans;
pub mod platform;
pub mod projects;
pub mod roles;
pub mod search;
pub mod settings;
pub mod signups;
pub mod units;
mod usage;
