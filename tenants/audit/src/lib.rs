//! Offline verification of an exported audit trail.
//!
//! Every tenant's events form a hash chain that the database computes when it numbers them:
//!
//! ```text
//! h_0 = SHA-256("keystead-audit-v1\0" || tenant)
//! h_n = SHA-256("keystead-audit-v1" || tenant || n || h_{n-1} || SHA-256(leaf_n))
//! ```
//!
//! `tenant` is the 16 bytes of the tenant's UUID, `n` eight bytes big-endian, `leaf_n` the event's canonical JSON text
//! (RFC 8785). An export is newline-delimited JSON: a [`Manifest`], then one [`EventLine`] per event. [`verify`] needs the
//! file alone: no database, no network, one event in memory at a time.
//!
//! A chain proves that a history is consistent with itself. Somebody who can rewrite the whole file can also rewrite every
//! hash, so a verdict that must withstand the exporter names a head learned elsewhere in [`Expect::head`], or the key of the log
//! that signs how far chains have come, in [`Expect::keys`]: see [`Attestation`].

mod chain;
mod checkpoint;
mod export;
mod merkle;
mod note;
mod verify;

pub use chain::{ChainHash, InvalidHash, chain_step, genesis};
pub use checkpoint::{Attestation, Damaged, Proof};
pub use export::{Checkpoint, EventLine, FORMAT, Manifest};
pub use merkle::{Frontier, Grown, Node};
pub use note::{InvalidKey, LogKey};
pub use verify::{Expect, Fault, Head, MAX_LINE_BYTES, Report, Violation, verify};
