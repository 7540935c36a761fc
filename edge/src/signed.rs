//! Documents that a cell signs for its edges: the directory and the feeds of revocations.
//!
//! A compact JWS (RFC 7515) with Ed25519 and a `typ` of its own, so that none passes for another or for a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, de::DeserializeOwned};
use thiserror::Error;

/// The longest document that is looked at, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// A public key that may sign documents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// Its name.
    pub kid: String,
    /// The 32 bytes of the Ed25519 key, in base64url.
    pub x: String,
}

/// Why a document is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// Longer than [`MAX_DOCUMENT_BYTES`].
    #[error("longer than any document may be")]
    TooLong,
    /// Not a compact JWS with exactly `alg`, `kid` and `typ`.
    #[error("not a signed document")]
    Shape,
    /// Another kind of document.
    #[error("typ is another")]
    Type,
    /// No trusted key has this `kid`, or `alg` is not its own.
    #[error("the key is not trusted")]
    Key,
    /// The signature does not match.
    #[error("the signature is wrong")]
    Signature,
    /// The content does not read.
    #[error("the content does not read")]
    Content,
    /// Older than what is known already.
    #[error("older than what is known")]
    Older,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// Reads a document of the type `typ` that one of `trusted` signed.
///
/// # Errors
/// The first [`DocumentError`] that applies.
pub fn open<T: DeserializeOwned>(document: &[u8], typ: &str, trusted: &[TrustedKey]) -> Result<T, DocumentError> {
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(DocumentError::TooLong);
    }
    let document = str::from_utf8(document).map_err(|_| DocumentError::Shape)?.trim_end();
    let (message, signature) = document.rsplit_once('.').ok_or(DocumentError::Shape)?;
    let (header, content) = message.split_once('.').ok_or(DocumentError::Shape)?;
    let header = decode(header)?;
    if !header.starts_with(b"{") {
        return Err(DocumentError::Shape);
    }
    let header: Header = serde_json::from_slice(&header).map_err(|_| DocumentError::Shape)?;
    if header.typ != typ {
        return Err(DocumentError::Type);
    }
    let key = trusted.iter().find(|key| key.kid == header.kid && header.alg == "EdDSA");
    let key = decode(&key.ok_or(DocumentError::Key)?.x)?;
    let key = <[u8; 32]>::try_from(key).ok().and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| DocumentError::Shape)?;
    let key = key.ok_or(DocumentError::Key)?;
    key.verify_strict(message.as_bytes(), &signature).map_err(|_| DocumentError::Signature)?;
    serde_json::from_slice(&decode(content)?).map_err(|_| DocumentError::Content)
}

fn decode(part: &str) -> Result<Vec<u8>, DocumentError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| DocumentError::Shape)
}
