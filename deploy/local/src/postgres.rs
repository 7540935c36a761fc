//! A PostgreSQL cluster of our own.
//!
//! Real server binaries (the system's, or those of an npm package), listening on loopback only, with a random
//! superuser password. Its log holds no statement and no value of any row: errors are the client's business.

mod account;
mod cluster;
mod installation;
mod place;

pub use cluster::{Cluster, Durability};
pub use installation::Version;
pub(crate) use place::remove_relocated;
