//! The edge's signature on a request: what a cell believes, and nothing else.
//!
//! One header, `x-keystead-edge`, carries everything that the edge says, in one order and one spelling:
//!
//! ```text
//! v1;kid=a;alg=hmac-sha256;ts=1795269600;nonce=…;rid=req_…;host=acme.keystead.example;cell=main;epoch=17;
//! tenant=tnt_…;sub=…;ip=203.0.113.7;body=…;sig=…          (one line; "-" where there is nothing to say)
//! ```
//!
//! `sig` is HMAC-SHA-256, in base64url, over the method, the target as sent, and the header's value before `;sig=`. `sub` is the
//! SHA-256 of the `Authorization` field and `body` that of the body, so neither can be exchanged; `stream` stands for a body that
//! is passed on while it arrives, which cells take for uploads only. The algorithm belongs to the key. Whoever has the key can
//! speak for the edge and yet be nobody: the cell verifies the user's token again.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use keystead_ids::{RequestId, TenantId};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The header.
pub const HEADER: &str = "x-keystead-edge";
/// How far the clocks of edge and cell may differ, in seconds.
pub const WINDOW: i64 = 30;

const ALGORITHM: &str = "hmac-sha256";
const MAX_VALUE_BYTES: usize = 1_024;

/// A secret that edge and cell share.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeKey {
    /// Its name: letters, digits, `-`, `_` and `.`.
    pub kid: String,
    /// 32 bytes or more, in base64url.
    pub secret: String,
}

impl std::fmt::Debug for EdgeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// What the edge says about a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyMark {
    /// There is none.
    None,
    /// Its SHA-256.
    Digest([u8; 32]),
    /// It is passed on while it arrives.
    Stream,
}

/// What the edge says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouch {
    /// Seconds since 1970.
    pub ts: i64,
    /// Used once.
    pub nonce: [u8; 16],
    /// The request's id.
    pub request: RequestId,
    /// The host that was asked for, as it came.
    pub host: String,
    /// The cell that this is for.
    pub cell: String,
    /// The epoch of the directory that led here.
    pub epoch: u64,
    /// The tenant of the host, or else of the token.
    pub tenant: Option<TenantId>,
    /// SHA-256 of the `Authorization` field.
    pub subject: Option<[u8; 32]>,
    /// Who called the edge.
    pub address: IpAddr,
    /// What follows.
    pub body: BodyMark,
}

/// Why a signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum SignatureError {
    /// Not in the one spelling that there is.
    #[error("shape")]
    Shape,
    /// No such key, or not its algorithm.
    #[error("key")]
    Key,
    /// Not this key's signature of this request.
    #[error("signature")]
    Signature,
    /// Too old, or from the future.
    #[error("time")]
    Time,
}

/// SHA-256.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The value of the header for a request.
///
/// # Errors
/// [`SignatureError::Key`] if the secret is no base64url or shorter than 32 bytes, [`SignatureError::Shape`] if a text of the
/// statement could be taken for more than itself.
pub fn sign(key: &EdgeKey, method: &str, target: &str, statement: &Vouch) -> Result<String, SignatureError> {
    if !plain(&statement.host) || !plain(&statement.cell) || !plain(&key.kid) {
        return Err(SignatureError::Shape);
    }
    let said = say(&key.kid, statement);
    let sum = mac(key, method, target, &said)?.finalize().into_bytes();
    Ok(format!("{said};sig={}", URL_SAFE_NO_PAD.encode(sum)))
}

/// What the edge said about a request, if the header is its signature of this method and target. Whether the nonce was seen
/// before is left to the caller, and so is whether host, body and `Authorization` are those of the statement.
///
/// # Errors
/// The first [`SignatureError`] that applies.
pub fn verify(keys: &[EdgeKey], method: &str, target: &str, value: &str, now: i64) -> Result<Vouch, SignatureError> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(SignatureError::Shape);
    }
    let (said, sig) = value.rsplit_once(";sig=").ok_or(SignatureError::Shape)?;
    let (kid, statement) = read(said).ok_or(SignatureError::Shape)?;
    let key = keys.iter().find(|key| key.kid == kid).ok_or(SignatureError::Key)?;
    let sig = URL_SAFE_NO_PAD.decode(sig).map_err(|_| SignatureError::Shape)?;
    let expected = mac(key, method, target, said)?.finalize().into_bytes();
    if !bool::from(expected.as_slice().ct_eq(&sig)) {
        return Err(SignatureError::Signature);
    }
    if statement.ts.abs_diff(now) > WINDOW.unsigned_abs() {
        return Err(SignatureError::Time);
    }
    Ok(statement)
}

fn mac(key: &EdgeKey, method: &str, target: &str, said: &str) -> Result<Hmac<Sha256>, SignatureError> {
    let secret = URL_SAFE_NO_PAD.decode(&key.secret).ok().filter(|secret| secret.len() >= 32);
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&secret.ok_or(SignatureError::Key)?).map_err(|_| SignatureError::Key)?;
    // None of these holds a line feed, so where one ends is beyond doubt.
    for part in ["keystead-edge-v1", method, target, said] {
        mac.update(part.as_bytes());
        mac.update(b"\n");
    }
    Ok(mac)
}

fn plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b)) && text != "-"
}

fn say(kid: &str, statement: &Vouch) -> String {
    let Vouch { ts, nonce, request, host, cell, epoch, tenant, subject, address, body } = statement;
    let tenant = tenant.map_or_else(|| "-".to_owned(), |tenant| tenant.to_string());
    let subject = subject.map_or_else(|| "-".to_owned(), |subject| URL_SAFE_NO_PAD.encode(subject));
    let body = match body {
        BodyMark::None => "-".to_owned(),
        BodyMark::Digest(sum) => URL_SAFE_NO_PAD.encode(sum),
        BodyMark::Stream => "stream".to_owned(),
    };
    let nonce = URL_SAFE_NO_PAD.encode(nonce);
    format!(
        "v1;kid={kid};alg={ALGORITHM};ts={ts};nonce={nonce};rid={request};host={host};cell={cell};epoch={epoch};\
         tenant={tenant};sub={subject};ip={address};body={body}"
    )
}

/// Reads what was said and says it again: only the one spelling is the same.
fn read(said: &str) -> Option<(&str, Vouch)> {
    let mut parts = said.strip_prefix("v1;")?.split(';');
    let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
    let (kid, _alg) = (part("kid")?, part("alg").filter(|alg| *alg == ALGORITHM)?);
    let statement = Vouch {
        ts: part("ts")?.parse().ok()?,
        nonce: bytes(part("nonce")?)?,
        request: part("rid")?.parse().ok()?,
        host: part("host")?.to_owned(),
        cell: part("cell")?.to_owned(),
        epoch: part("epoch")?.parse().ok()?,
        tenant: optional(part("tenant")?, |text| text.parse().ok())?,
        subject: optional(part("sub")?, bytes)?,
        address: part("ip")?.parse().ok()?,
        body: match part("body")? {
            "-" => BodyMark::None,
            "stream" => BodyMark::Stream,
            sum => BodyMark::Digest(bytes(sum)?),
        },
    };
    (say(kid, &statement) == said).then_some((kid, statement))
}

fn optional<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text == "-" { Some(None) } else { read(text).map(Some) }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
