//! Passwords, access tokens and opaque tokens: the parts of identity that need no database.
//!
//! - [`Passwords`] hashes and verifies under a bound on concurrent work, [`check_strength`] judges a new password;
//! - [`KeyRing`] signs and verifies access tokens, [`SigningKey`] is a key at rest and in use;
//! - [`Opaque`] mints the random tokens of sessions, e-mail links and invitations.
//!
//! Nothing here reads a clock: the present time is an argument.

mod claims;
mod key;
mod opaque;
mod password;
mod ring;
mod strength;

pub use claims::{Actor, Audience, Claims};
pub use key::{KeyError, PublicKey, SigningKey};
pub use opaque::{MintError, Opaque};
pub use password::{CostError, MAX_WAITING, PasswordCost, PasswordError, Passwords, Verdict};
pub use ring::{KeyRing, MAX_TOKEN_BYTES, RingError, TokenError};
pub use strength::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, WeakPassword, check_strength};
