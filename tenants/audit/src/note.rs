//! Signed notes and checkpoints as C2SP specifies them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), signed by one ECDSA
//! P-256 key: signature type 2.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use thiserror::Error;

use crate::merkle::Node;

/// The identifier of ECDSA signatures in a verifier key.
const ECDSA: u8 = 2;

/// The key of a log, for those who verify: its name and its public half.
///
/// Its text is a verifier key of C2SP: name, key id and base64 of type and key, with `+` between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    name: String,
    spki: Vec<u8>,
}

/// A text that is no verifier key of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a verifier key: name+8 hexadecimal digits+base64 of 2 and an ECDSA P-256 key")]
pub struct InvalidKey;

impl LogKey {
    /// The key of this name with this public half, in DER (`SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// When a note cannot carry the name.
    pub fn new(name: &str, spki: Vec<u8>) -> Result<Self, InvalidKey> {
        let legal = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
        if legal && !spki.is_empty() { Ok(Self { name: name.to_owned(), spki }) } else { Err(InvalidKey) }
    }

    fn id(&self) -> [u8; 4] {
        let digest = digest(&SHA256, &self.spki);
        let mut id = [0; 4];
        id.copy_from_slice(&digest.as_ref()[..4]);
        id
    }

    /// What the log signs to say how it stands: a checkpoint's text.
    #[must_use]
    pub fn checkpoint(&self, size: u64, root: &Node) -> String {
        format!("{}\n{size}\n{}\n", self.name, BASE64_STANDARD.encode(root))
    }

    /// The signed note of a text.
    #[must_use]
    pub fn note(&self, text: &str, signature: &[u8]) -> String {
        format!("{text}\n\u{2014} {} {}\n", self.name, BASE64_STANDARD.encode([&self.id()[..], signature].concat()))
    }

    /// How the log stood when it signed this note; `None` unless this key signed it.
    #[must_use]
    pub fn opened(&self, note: &str) -> Option<(u64, Node)> {
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let text = format!("{text}\n");
        let mut mine = signatures.strip_suffix('\n')?.split('\n').filter_map(|line| self.signature_in(line));
        let signature = mine.next()?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.spki);
        key.verify(text.as_bytes(), &signature).ok()?;
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = BASE64_STANDARD.decode(root).ok()?.try_into().ok()?;
        (origin == self.name).then_some((decimal(size)?, root))
    }

    fn signature_in(&self, line: &str) -> Option<Vec<u8>> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let signature = BASE64_STANDARD.decode(encoded).ok()?;
        let (id, signature) = signature.split_first_chunk::<4>()?;
        (name == self.name && *id == self.id()).then(|| signature.to_vec())
    }
}

/// A number as a checkpoint writes it: no sign, no leading zero.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([&[ECDSA][..], &self.spki].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}

impl FromStr for LogKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidKey);
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| InvalidKey)?;
        let Some((&ECDSA, spki)) = key.split_first() else { return Err(InvalidKey) };
        let key = Self::new(name, spki.to_vec())?;
        if hex::encode(key.id()) == id { Ok(key) } else { Err(InvalidKey) }
    }
}
