//! The edge: what stands in front of every cell and decides about a request before the API sees it.
//!
//! Pure logic. There is no socket, clock or randomness in here; a host brings them. There are two: the Cloudflare worker and
//! the native server of `make up` and of those who host Keystead themselves. A host does this for each request:
//!
//! 1. [`Edge::decide`] with the request's [`Head`] and a [`Moment`];
//! 2. on [`Decision::Refresh`] it fetches what is named, hands it to [`Edge::learn`] and decides again: what failed is
//!    remembered, so this ends after a few rounds ([`MAX_ROUNDS`]);
//! 3. on [`Decision::Forward`] it reads or streams the body as [`Forward::body`] says, asks [`Forward::headers`] for the headers
//!    with the signature, sends, and passes the answer through [`Forward::finish`], or repeats when [`Edge::judge`] says so;
//! 4. [`Decision::Answer`] and [`Decision::Asset`] are answered on the spot.
//!
//! Beside that it asks [`Edge::due`] every second or so (the worker: after an answer) what to refresh ahead of need.
//!
//! [`Edge`] is shared between threads; everything inside locks for itself and for moments only.

pub mod answer;
pub mod apikey;
pub mod assets;
pub mod authority;
mod claims;
pub mod config;
pub mod directory;
mod edge;
pub mod headers;
pub mod jwks;
pub mod limits;
mod pipeline;
pub mod public;
pub mod revocation;
pub mod sign;
pub mod signed;
pub mod token;
mod trace;
mod verified;

pub use answer::Answer;
pub use assets::Asset;
pub use config::Config;
pub use edge::{Edge, Fetched, LearnError, Refresh};
pub use headers::Head;
pub use pipeline::{BodyRule, Decision, EPOCH_HEADER, Forward, MAX_ROUNDS, Payload, Reaction};

/// What only a host knows: the time, and randomness that nobody can repeat.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Milliseconds since 1970, UTC.
    pub now: i64,
    /// When the request arrived; it stays while the request is decided again.
    pub began: i64,
    /// Fresh for each request, from a cryptographic source: ids, nonces and trace ids are made of it.
    pub entropy: [u8; 32],
}
