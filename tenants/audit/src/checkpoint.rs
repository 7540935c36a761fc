//! What Keystead signs of a tenant's chain.
//!
//! Every cell keeps one append-only log (RFC 6962). An entry states how far one tenant's chain had come and with which hash; the
//! log's key, which never leaves KMS, signs the root over all entries. So one signature a minute vouches for every tenant, and a
//! tenant shows its own entry by an inclusion proof (c2sp.org/tlog-proof) that tells nothing of the others.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, NaiveDateTime, Utc};
use keystead_ids::TenantId;
use thiserror::Error;

use crate::{
    ChainHash,
    merkle::{Node, leaf_hash, root_of_path},
    note::{LogKey, decimal},
};

const TITLE: &str = "keystead-audit-checkpoint-v1";
const PROOF: &str = "c2sp.org/tlog-proof@v1";
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// An entry of the log: a tenant's chain at one moment. Its text is what the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Whose chain.
    pub tenant: TenantId,
    /// How many events it had.
    pub n: u64,
    /// The hash of the last of them.
    pub hash: ChainHash,
    /// When.
    pub at: DateTime<Utc>,
    /// The leaf hash of the tenant's statement before this one; zeros for the first.
    pub previous: ChainHash,
}

/// A text that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is damaged")]
pub struct Damaged;

impl Attestation {
    /// Its hash in the log.
    #[must_use]
    pub fn leaf(&self) -> ChainHash {
        ChainHash(leaf_hash(self.to_string().as_bytes()))
    }
}

impl fmt::Display for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, n, hash, at, previous } = self;
        write!(f, "{TITLE}\n{tenant}\n{n}\n{hash}\n{}\n{previous}\n", at.format(TIME))
    }
}

impl FromStr for Attestation {
    type Err = Damaged;

    fn from_str(text: &str) -> Result<Self, Damaged> {
        let lines: Vec<&str> = text.lines().collect();
        let [TITLE, tenant, n, hash, at, previous] = lines[..] else { return Err(Damaged) };
        let statement = Self {
            tenant: tenant.parse().map_err(|_| Damaged)?,
            n: decimal(n).ok_or(Damaged)?,
            hash: hash.parse().map_err(|_| Damaged)?,
            at: NaiveDateTime::parse_from_str(at, TIME).map_err(|_| Damaged)?.and_utc(),
            previous: previous.parse().map_err(|_| Damaged)?,
        };
        // One statement has one spelling.
        if statement.to_string() == text { Ok(statement) } else { Err(Damaged) }
    }
}

/// A statement, and what shows that the log holds it. Its text is a `tlog-proof` of C2SP with the statement as extra data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What is claimed; believed only once [`Self::is_signed_by`] says so.
    pub statement: Attestation,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// From the entry's sibling up.
    pub path: Vec<Node>,
    /// The log's signed checkpoint.
    pub note: String,
}

impl Proof {
    /// Did the log with this key hold the statement when it signed?
    #[must_use]
    pub fn is_signed_by(&self, key: &LogKey) -> bool {
        key.opened(&self.note).is_some_and(|(size, root)| {
            root_of_path(self.statement.leaf().0, self.index, size, &self.path) == Some(root)
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statement, index, path, note } = self;
        writeln!(f, "{PROOF}\nextra {}\nindex {index}", BASE64_STANDARD.encode(statement.to_string()))?;
        for node in path {
            writeln!(f, "{}", BASE64_STANDARD.encode(node))?;
        }
        write!(f, "\n{note}")
    }
}

impl FromStr for Proof {
    type Err = Damaged;

    fn from_str(text: &str) -> Result<Self, Damaged> {
        let (head, note) = text.split_once("\n\n").ok_or(Damaged)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(PROOF) {
            return Err(Damaged);
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra ")).ok_or(Damaged)?;
        let statement = String::from_utf8(BASE64_STANDARD.decode(extra).map_err(|_| Damaged)?).map_err(|_| Damaged)?;
        let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?)).ok_or(Damaged)?;
        let node = |line| BASE64_STANDARD.decode(line).ok()?.try_into().ok();
        let path = lines.map(node).collect::<Option<_>>().ok_or(Damaged)?;
        Ok(Self { statement: statement.parse()?, index, path, note: note.to_owned() })
    }
}
