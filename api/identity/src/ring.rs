//! Signs and verifies access tokens (RFC 9068 in form, RFC 8725 in care).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, crypto};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use thiserror::Error;

use crate::{
    claims::{Audience, Claims, WireClaims},
    key::{PublicKey, SigningKey},
};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The `typ` of access tokens (RFC 9068, 2.1): no other kind of JWT can pass for one.
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "EdDSA";

/// Why a token is refused. Callers answer 401 whatever the reason; it is for logs and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// Not three parts of base64url.
    #[error("not a compact JWS")]
    Shape,
    /// The header is not exactly `alg`, `kid` and `typ`, each once.
    #[error("the header has other members than alg, kid and typ")]
    Header,
    /// Not an access token.
    #[error("typ is not {TYPE}")]
    Type,
    /// Not the algorithm of the key.
    #[error("alg is not the key's own")]
    Algorithm,
    /// No published key has this `kid`, or it is retired.
    #[error("kid is unknown")]
    UnknownKey,
    /// The signature does not match.
    #[error("the signature is wrong")]
    Signature,
    /// A claim is missing, unknown, doubled or of the wrong kind.
    #[error("the claims are not those of an access token")]
    Claims,
    /// Signed for another installation.
    #[error("iss is another")]
    Issuer,
    /// Meant for another interface.
    #[error("aud is another")]
    Audience,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Signed in the future.
    #[error("iat is in the future")]
    NotYet,
    /// It claims to live longer than any token may, or not at all.
    #[error("the lifetime is out of bounds")]
    Lifetime,
}

/// Why a ring cannot be made or cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RingError {
    /// Two published keys have one `kid`.
    #[error("two keys have one kid")]
    DoubleKey,
    /// The signature could not be computed.
    #[error("signing failed")]
    Signing,
}

/// The keys of one moment: one signs, some verify. Rotation makes a new ring.
#[derive(Debug, Clone)]
pub struct KeyRing {
    issuer: String,
    signing: SigningKey,
    published: Vec<PublicKey>,
}

/// Exactly these members, each once: `jku`, `x5u`, `jwk`, `crit` and everything else is refused by not being here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    kid: String,
    typ: String,
}

impl KeyRing {
    /// `issuer` goes into `iss`. The signing key's public part is published whether or not `published` lists it.
    ///
    /// # Errors
    /// [`RingError::DoubleKey`] if two of `published` have one `kid`.
    pub fn new(
        issuer: impl Into<String>,
        signing: SigningKey,
        mut published: Vec<PublicKey>,
    ) -> Result<Self, RingError> {
        // More than one provider may be compiled in; without a choice the library panics at the first token. A second
        // ring finds the choice made, which is fine.
        let _already = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        if !published.iter().any(|key| key.kid() == signing.kid()) {
            published.push(signing.public().clone());
        }
        let mut kids: Vec<_> = published.iter().map(PublicKey::kid).collect();
        kids.sort_unstable();
        if kids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(RingError::DoubleKey);
        }
        Ok(Self { issuer: issuer.into(), signing, published })
    }

    /// The value of `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `kid` of new tokens.
    #[must_use]
    pub fn signing_kid(&self) -> &str {
        self.signing.kid()
    }

    /// Signs an access token; its audience follows from the actor.
    ///
    /// # Errors
    /// [`RingError::Signing`] if the signature could not be computed.
    pub fn sign(&self, claims: &Claims) -> Result<String, RingError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.signing.kid().to_owned());
        let wire = claims.to_wire(&self.issuer);
        jsonwebtoken::encode(&header, &wire, self.signing.encoding()).map_err(|_| RingError::Signing)
    }

    /// Verifies an access token for `audience` at the time `now`: the signature first, then each claim.
    ///
    /// # Errors
    /// The first [`TokenError`] that applies.
    pub fn verify(&self, token: &str, audience: Audience, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Shape)?;
        if claims.contains('.') {
            return Err(TokenError::Shape);
        }
        let key = self.key_for(&decode(header, TokenError::Header)?, now)?;
        let genuine = crypto::verify(signature, message.as_bytes(), &key.decoding(), Algorithm::EdDSA);
        if !genuine.map_err(|_| TokenError::Shape)? {
            return Err(TokenError::Signature);
        }
        decode::<WireClaims>(claims, TokenError::Claims)?.judge(&self.issuer, audience, now)
    }

    fn key_for(&self, header: &StrictHeader, now: DateTime<Utc>) -> Result<&PublicKey, TokenError> {
        if header.typ != TYPE {
            return Err(TokenError::Type);
        }
        let key = self.published.iter().find(|key| key.kid() == header.kid && key.serves(now));
        let key = key.ok_or(TokenError::UnknownKey)?;
        if header.alg != ALGORITHM {
            return Err(TokenError::Algorithm);
        }
        Ok(key)
    }

    /// The published keys as a JWK set (RFC 7517, 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.published.iter().map(PublicKey::jwk).collect::<Vec<_>>() })
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
