//! Reads an export and judges it.

use std::{
    fmt,
    io::{self, BufRead},
};

use chrono::{DateTime, Utc};
use keystead_ids::TenantId;
use serde::Deserialize;
use thiserror::Error;

use crate::{Attestation, ChainHash, Checkpoint, EventLine, FORMAT, LogKey, Manifest, Proof, chain_step, genesis};

/// The longest line that is read, in bytes; bounds memory against a hostile file.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// A link of the chain that somebody vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the event.
    pub n: u64,
    /// Its hash.
    pub hash: ChainHash,
}

/// What the reader of an export knows from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expect<'a> {
    /// Whose trail it has to be.
    pub tenant: Option<TenantId>,
    /// A head from an earlier export, e-mail digest or webhook. The export has to contain it.
    pub head: Option<Head>,
    /// The keys of the logs whose signatures count. If there is one, every checkpoint of the export has to be signed by it or
    /// another of them, and one at least has to be there.
    pub keys: &'a [LogKey],
}

/// What a verified export holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose trail it is.
    pub tenant: TenantId,
    /// How many events were checked.
    pub events: u64,
    /// The number of the first event, if there is one.
    pub first: Option<u64>,
    /// The number of the last event, if there is one.
    pub last: Option<u64>,
    /// The last link, to be kept and given to [`Expect::head`] next time.
    pub head: Head,
    /// The last checkpoint, if [`Expect::keys`] were given: what comes after it is not signed yet.
    pub signed: Option<Attestation>,
    /// The earliest and the latest time in the events.
    pub times: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Where and how an export fails.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Violation {
    /// The line of the file, from 1.
    pub line: u64,
    /// The number of the event concerned, where one can be named.
    pub n: Option<u64>,
    /// What is wrong.
    pub kind: Fault,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(n) = self.n {
            write!(f, ", event {n}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// Ways in which an export fails.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// Longer than [`MAX_LINE_BYTES`].
    #[error("longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    /// Not a line of this format; says where.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The manifest names another format.
    #[error("the format is not {FORMAT}")]
    UnknownFormat,
    /// The export or an event belongs to somebody else.
    #[error("belongs to tenant {0}")]
    WrongTenant(TenantId),
    /// A chain from event 1 that does not start where this tenant's chain starts.
    #[error("the chain does not start at the tenant's own beginning")]
    WrongStart,
    /// Events are missing: deleted, or moved to later.
    #[error("events {expected} to {} are missing here", found - 1)]
    Gap {
        /// The number that had to come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An event that had its turn already: inserted, doubled or moved.
    #[error("event {found} comes where {expected} belongs")]
    OutOfOrder {
        /// The number that had to come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The event's text, its hash or the one before it was changed.
    #[error("the event does not match its hash: it or its predecessor was changed")]
    Edited,
    /// The file ends before the manifest says.
    #[error("{found} of {declared} events: the end is missing")]
    Truncated {
        /// How many events the manifest declares.
        declared: u64,
        /// How many there are.
        found: u64,
    },
    /// The file goes on after the last declared event.
    #[error("lines after the last declared event")]
    Surplus,
    /// The last event is not the head that the manifest declares.
    #[error("the last event is not the declared head")]
    HeadMismatch,
    /// The chain contradicts a checkpoint or the head that the reader holds: history was rewritten.
    #[error("the chain is not the one whose link {n} was published")]
    Forked {
        /// The number of the vouched-for event.
        n: u64,
    },
    /// A checkpoint that none of the reader's keys signed, or of something else than it says.
    #[error("checkpoint {n} is not signed by the given key, or of another chain")]
    Unsigned {
        /// The number of the event that it is about.
        n: u64,
    },
    /// Checkpoints that do not follow each other.
    #[error("a checkpoint before {n} is missing")]
    CheckpointMissing {
        /// The number of the event that the later one is about.
        n: u64,
    },
    /// The reader has a key, and there is nothing that it could have signed.
    #[error("no checkpoint is signed")]
    NothingSigned,
    /// The export does not contain the link that the reader or the manifest asks for, so it proves nothing about it.
    #[error("link {n} is outside the export")]
    NotCovered {
        /// The number of the vouched-for event.
        n: u64,
    },
}

/// Checks a whole export in one pass.
///
/// # Errors
/// The first [`Violation`] in the order of the file; faults that only the end shows come last.
pub fn verify(reader: impl BufRead, expect: Expect<'_>) -> Result<Report, Violation> {
    let mut lines = Lines { reader, number: 0, buffer: Vec::new() };
    let manifest = read_manifest(&mut lines, &expect)?;
    let signed = judge_checkpoints(&manifest, expect.keys).map_err(|kind| lines.violation(None, kind))?;
    let mut chain = Chain::new(&manifest, &expect).map_err(|kind| lines.violation(None, kind))?;
    while lines.advance()? {
        let line = parse::<EventLine>(lines.text()?).map_err(|kind| lines.violation(None, kind))?;
        chain.append(&line).map_err(|kind| lines.violation(Some(line.n), kind))?;
    }
    let report = chain.finish().map_err(|kind| lines.violation(None, kind))?;
    Ok(Report { signed, ..report })
}

fn read_manifest<R: BufRead>(lines: &mut Lines<R>, expect: &Expect<'_>) -> Result<Manifest, Violation> {
    let found = lines.advance()?;
    let manifest =
        if found { parse::<Manifest>(lines.text()?) } else { Err(Fault::Malformed("no manifest".to_owned())) };
    manifest.and_then(|manifest| judge_manifest(manifest, expect)).map_err(|kind| lines.violation(None, kind))
}

fn judge_manifest(manifest: Manifest, expect: &Expect<'_>) -> Result<Manifest, Fault> {
    if manifest.format != FORMAT {
        return Err(Fault::UnknownFormat);
    }
    if expect.tenant.is_some_and(|tenant| tenant != manifest.tenant) {
        return Err(Fault::WrongTenant(manifest.tenant));
    }
    if manifest.from == 0 || manifest.from.checked_add(manifest.count).is_none() {
        return Err(Fault::Malformed("from and count are out of range".to_owned()));
    }
    if manifest.from == 1 && manifest.prev != genesis(manifest.tenant) {
        return Err(Fault::WrongStart);
    }
    if !manifest.checkpoints.is_sorted_by(|a, b| a.n < b.n) {
        return Err(Fault::Malformed("checkpoints are not in ascending order".to_owned()));
    }
    Ok(manifest)
}

/// The last statement, if every checkpoint is signed and none is missing between them; none where no key is given.
fn judge_checkpoints(manifest: &Manifest, keys: &[LogKey]) -> Result<Option<Attestation>, Fault> {
    if keys.is_empty() {
        return Ok(None);
    }
    let mut last: Option<Attestation> = None;
    for checkpoint in &manifest.checkpoints {
        let n = checkpoint.n;
        let statement = signed(manifest.tenant, checkpoint, keys).ok_or(Fault::Unsigned { n })?;
        if last.is_some_and(|last| statement.previous != last.leaf()) {
            return Err(Fault::CheckpointMissing { n });
        }
        last = Some(statement);
    }
    last.ok_or(Fault::NothingSigned).map(Some)
}

fn signed(tenant: TenantId, checkpoint: &Checkpoint, keys: &[LogKey]) -> Option<Attestation> {
    let proof: Proof = checkpoint.proof.parse().ok()?;
    let Attestation { tenant: whose, n, hash, .. } = proof.statement;
    let is_this = (whose, n, hash) == (tenant, checkpoint.n, checkpoint.hash);
    (is_this && keys.iter().any(|key| proof.is_signed_by(key))).then_some(proof.statement)
}

/// The chain as far as it was read.
struct Chain<'a> {
    manifest: &'a Manifest,
    link: Head,
    /// Links that the chain still has to meet, the next one last.
    vouched: Vec<Head>,
    times: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The members of a leaf that this verifier reads.
#[derive(Deserialize)]
struct Leaf {
    tenant: TenantId,
    #[serde(default, alias = "ts")]
    at: Option<DateTime<Utc>>,
}

impl<'a> Chain<'a> {
    fn new(manifest: &'a Manifest, expect: &Expect<'_>) -> Result<Self, Fault> {
        let link = Head { n: manifest.from - 1, hash: manifest.prev };
        let published = manifest.checkpoints.iter().map(|checkpoint| Head { n: checkpoint.n, hash: checkpoint.hash });
        let mut vouched: Vec<_> = published.chain(expect.head).collect();
        vouched.sort_by_key(|head| std::cmp::Reverse(head.n));
        let mut chain = Self { manifest, link, vouched, times: None };
        if let Some(early) = chain.vouched.last().filter(|head| head.n < link.n) {
            return Err(Fault::NotCovered { n: early.n });
        }
        chain.meet()?;
        Ok(chain)
    }

    fn append(&mut self, line: &EventLine<'_>) -> Result<(), Fault> {
        let expected = self.link.n + 1;
        if self.read() == self.manifest.count {
            return Err(Fault::Surplus);
        }
        if line.n > expected {
            return Err(Fault::Gap { expected, found: line.n });
        }
        if line.n < expected {
            return Err(Fault::OutOfOrder { expected, found: line.n });
        }
        let hash = chain_step(self.manifest.tenant, line.n, &self.link.hash, line.leaf.as_bytes());
        if hash != line.hash {
            return Err(Fault::Edited);
        }
        self.read_leaf(&line.leaf)?;
        self.link = Head { n: line.n, hash };
        self.meet()
    }

    fn read_leaf(&mut self, text: &str) -> Result<(), Fault> {
        let leaf: Leaf = parse(text)?;
        if leaf.tenant != self.manifest.tenant {
            return Err(Fault::WrongTenant(leaf.tenant));
        }
        if let Some(at) = leaf.at {
            let (first, last) = self.times.unwrap_or((at, at));
            self.times = Some((first.min(at), last.max(at)));
        }
        Ok(())
    }

    /// Compares the present link with every link that somebody vouches for.
    fn meet(&mut self) -> Result<(), Fault> {
        while let Some(head) = self.vouched.pop_if(|head| head.n == self.link.n) {
            if head.hash != self.link.hash {
                return Err(Fault::Forked { n: head.n });
            }
        }
        Ok(())
    }

    fn read(&self) -> u64 {
        self.link.n + 1 - self.manifest.from
    }

    fn finish(self) -> Result<Report, Fault> {
        let (events, declared) = (self.read(), self.manifest.count);
        if events < declared {
            return Err(Fault::Truncated { declared, found: events });
        }
        if self.link.hash != self.manifest.head {
            return Err(Fault::HeadMismatch);
        }
        if let Some(late) = self.vouched.last() {
            return Err(Fault::NotCovered { n: late.n });
        }
        let some = events > 0;
        Ok(Report {
            tenant: self.manifest.tenant,
            events,
            first: some.then_some(self.manifest.from),
            last: some.then_some(self.link.n),
            head: self.link,
            signed: None,
            times: self.times,
        })
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    // The message of serde_json quotes values; the position is enough to find the place.
    serde_json::from_str(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "a member is missing, unknown, doubled or of the wrong kind",
            _ => "not JSON",
        };
        Fault::Malformed(format!("{what}, at column {}", error.column()))
    })
}

/// Lines of bounded length, each ended by one line feed.
struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line; `false` at the end of the file.
    fn advance(&mut self) -> Result<bool, Violation> {
        self.number += 1;
        self.buffer.clear();
        loop {
            let available = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let kind = Fault::Unreadable(error.kind());
                    return Err(self.violation(None, kind));
                }
            };
            if available.is_empty() {
                return self.end_of_file();
            }
            let end = available.iter().position(|b| *b == b'\n');
            let taken = end.unwrap_or(available.len());
            let fits = self.buffer.len() + taken <= MAX_LINE_BYTES;
            if fits {
                self.buffer.extend_from_slice(&available[..taken]);
            }
            self.reader.consume(taken + usize::from(end.is_some()));
            if !fits {
                return Err(self.violation(None, Fault::LineTooLong));
            }
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    fn end_of_file(&self) -> Result<bool, Violation> {
        if self.buffer.is_empty() {
            return Ok(false);
        }
        Err(self.violation(None, Fault::Malformed("the last line is not ended".to_owned())))
    }

    fn text(&self) -> Result<&str, Violation> {
        let text = std::str::from_utf8(&self.buffer).map_err(|_| "not UTF-8");
        // Space around the JSON is the one edit that parsing would forgive.
        let text = text.and_then(|text| if text.trim() == text { Ok(text) } else { Err("space around the line") });
        text.map_err(|what| self.violation(None, Fault::Malformed(what.to_owned())))
    }

    const fn violation(&self, n: Option<u64>, kind: Fault) -> Violation {
        Violation { line: self.number, n, kind }
    }
}
