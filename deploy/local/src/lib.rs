//! The whole platform on one machine: what `make up` starts and the tests run against.
//!
//! [`Services`] is PostgreSQL, an S3 server, a KMS and a mailbox, all on loopback and all with their state in one
//! [`StateDir`]. The server under development takes their addresses from [`Services::env`], the same variables that
//! name the real ones in production.

pub mod child;
pub mod demo;
mod edge;
pub mod mailbox;
pub mod ports;
pub mod postgres;
mod program;
pub mod s3;
mod services;
mod state;
pub mod stop;
pub mod up;
pub mod with;

pub use ports::Ports;
pub use services::Services;
pub use state::{Lock, StateDir};
