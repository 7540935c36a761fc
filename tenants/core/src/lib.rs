//! Who may touch which rows.
//!
//! This crate owns every database connection. A tenant's rows are reached through a [`TenantTx`], which only a
//! [`TenantGrant`] opens, which only a verified session or a named job yields. What crosses tenants (sign-up, sessions,
//! operators) is a closed list of methods of [`PlatformDb`]. Neither hands out a connection.

mod clock;
mod context;
mod error;
mod find;
mod grant;
pub mod orm;
pub mod platform;
mod pool;
mod root;
pub mod transfer;
mod turns;
mod tx;
mod value;
mod wire;

pub use clock::Clock;
pub use error::{DbError, Refusal, Refused};
pub use grant::{Actor, SystemJob, TenantGrant};
pub use platform::PlatformDb;
pub use pool::{DatabaseUrls, Databases};
pub use root::RootSecret;
pub use tx::{Outcome, TenantTx};
