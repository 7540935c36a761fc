//! Keys per tenant, and the personal data that they protect.
//!
//! ```text
//! KMS key of the tenant            alias keystead/{cell}/{tenant}, never leaves KMS
//!  └ key per purpose and version   [`WrappedKey`]; unwrapped by KMS, cached for minutes by [`Keys`]
//!     └ key per person             [`WrappedSubject`]; unwrapped here, so that erasing one row erases one person
//!        └ key per message         derived, used once; see [`SubjectKey::seal`]
//! ```
//!
//! A field travels as ciphertext in rows ([`Sealed`]) and as [`Pii`] in memory, which prints and serialises masked only. The
//! plain value leaves through [`Pii::reveal`], which wants proof of an audit row.
//!
//! Searching works on keyed digests ([`IndexKey`]), never on plain text. All cryptography is aws-lc-rs; nothing here falls
//! back to plain text.

mod algorithms;
mod cache;
mod envelope;
mod error;
mod fields;
mod index;
mod kms;
mod normal;
mod opened;
mod pii;
mod purpose;
mod sealed;
mod secret;
mod share_store;
mod share_tree;
mod subject;
mod tenant;
mod trees;

#[cfg(test)]
mod tests;

pub use algorithms::{hmac_sha256, without_traces};
pub use cache::{Keys, Limits};
#[doc(hidden)]
pub use envelope::unpadded_length;
pub use envelope::{MAX_PLAIN, OVERHEAD, Plain};
pub use error::{Denial, KeyError};
pub use fields::{Address, DateOfBirth, Email, Name, Phone};
pub use index::IndexKey;
pub use kms::Kms;
pub use normal::{normalise_email, normalise_name, normalise_phone};
pub use pii::{Pii, PiiField, RevealGrant};
pub use purpose::{Purpose, UnknownPurpose, WrappedKey};
pub use sealed::Sealed;
pub use secret::Secret;
pub use share_store::{ShareStore, StoredTree, TreeAt};
#[doc(hidden)]
pub use share_tree::again as share_tree_again;
#[doc(hidden)]
pub use subject::open_with;
pub use subject::{Place, SubjectKey};
pub use tenant::{MacKey, TenantKeys, WrappedSubject, Wrapping};
