//! Access tokens: EdDSA and ES256, the algorithm given by the key and never by the token (RFC 8725, RFC 9068).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keystead_ids::{IdentityId, MemberId, SessionId, TenantId};
use serde::{Deserialize, de::DeserializeOwned};
use thiserror::Error;

pub(crate) use crate::claims::Claimed;
use crate::{claims::WireClaims, jwks::Key};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// The longest life that a token may claim, in seconds.
pub const MAX_LIFETIME: i64 = 10 * 60;
/// How far two clocks may differ, in seconds.
pub const LEEWAY: i64 = 30;

/// The `typ` of access tokens (RFC 9068, 2.1).
const TYPE: &str = "at+jwt";

/// Which interface a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A tenant's own data.
    Api,
    /// The platform's operators.
    Operator,
}

impl Audience {
    /// The value of the `aud` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "keystead-api",
            Self::Operator => "keystead-operator",
        }
    }
}

/// Who bears a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A member of a tenant.
    Member {
        /// The tenant.
        tenant: TenantId,
        /// The membership.
        member: MemberId,
    },
    /// An operator of the platform.
    Operator {
        /// Their login.
        identity: IdentityId,
    },
}

impl Subject {
    /// The tenant, unless it is an operator.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Member { tenant, .. } => Some(*tenant),
            Self::Operator { .. } => None,
        }
    }
}

/// What a verified token says; times in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who bears it.
    pub subject: Subject,
    /// The session that it came from.
    pub session: SessionId,
    /// When it was signed.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

/// What a token has to say to be let in.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// Exactly this `iss`.
    pub issuer: &'e str,
    /// Exactly this `aud`.
    pub audience: Audience,
    /// Seconds since 1970.
    pub now: i64,
}

/// Why a token is refused. The answer is 401 whatever the reason; it is for figures and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("too-long")]
    TooLong,
    /// Not three parts of base64url.
    #[error("shape")]
    Shape,
    /// The header is not exactly `alg`, `kid` and `typ`, each once: `crit`, `jku`, `x5u` and `jwk` are refused by this.
    #[error("header")]
    Header,
    /// Not an access token.
    #[error("type")]
    Type,
    /// Not the algorithm of the key.
    #[error("algorithm")]
    Algorithm,
    /// No published key has this `kid`.
    #[error("unknown-key")]
    UnknownKey,
    /// The signature does not match.
    #[error("signature")]
    Signature,
    /// A claim is missing, unknown, doubled or of the wrong kind.
    #[error("claims")]
    Claims,
    /// Signed by another cell.
    #[error("issuer")]
    Issuer,
    /// Meant for another interface.
    #[error("audience")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Signed in the future.
    #[error("not-yet")]
    NotYet,
    /// It claims to live longer than any token may, or not at all.
    #[error("lifetime")]
    Lifetime,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// A token whose shape was checked and whose key is known by name, but nothing more.
#[derive(Debug, Clone)]
pub struct Unverified<'t> {
    message: &'t str,
    claims: &'t str,
    signature: &'t str,
    alg: String,
    kid: String,
}

impl<'t> Unverified<'t> {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// [`TokenError::TooLong`], [`TokenError::Shape`], [`TokenError::Header`] or [`TokenError::Type`].
    pub fn read(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Shape)?;
        if claims.contains('.') {
            return Err(TokenError::Shape);
        }
        let header: Header = decode(header, TokenError::Header)?;
        if header.typ != TYPE {
            return Err(TokenError::Type);
        }
        Ok(Self { message, claims, signature, alg: header.alg, kid: header.kid })
    }

    /// The name of the key that it claims to be signed with.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The tenant that it claims.
    pub(crate) fn claimed(&self) -> Option<Claimed> {
        decode(self.claims, TokenError::Claims).ok()
    }

    /// Verifies the signature with `key`, then each claim.
    ///
    /// # Errors
    /// The first [`TokenError`] that applies.
    pub fn verify(&self, key: &Key, expected: &Expected<'_>) -> Result<Claims, TokenError> {
        if self.alg != key.algorithm() {
            return Err(TokenError::Algorithm);
        }
        let signature = URL_SAFE_NO_PAD.decode(self.signature).map_err(|_| TokenError::Shape)?;
        if !key.verifies(self.message.as_bytes(), &signature) {
            return Err(TokenError::Signature);
        }
        decode::<WireClaims>(self.claims, TokenError::Claims)?.judge(expected)
    }
}

fn decode<T: DeserializeOwned>(part: &str, otherwise: TokenError) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Shape)?;
    // An array of the same values would pass for the object (RFC 7515, 4 and RFC 7519, 3 want an object).
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(otherwise);
    }
    serde_json::from_slice(&bytes).map_err(|_| otherwise)
}
