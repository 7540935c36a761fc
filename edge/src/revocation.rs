//! Sessions and tenants whose tokens are not to be let in any more.
//!
//! A cell's feed has what was revoked within the life of a token; older tokens have ended by themselves. While the feed is out
//! of reach requests still go to the cell, which asks for the session itself: it is the edge's answer that gets quicker.

use std::collections::HashMap;

use keystead_ids::{SessionId, TenantId};
use serde::{Deserialize, Serialize};

use crate::{
    directory::Cell,
    signed::{self, DocumentError, TrustedKey},
    token::{Claims, LEEWAY, MAX_LIFETIME},
};

/// The `typ` of a signed feed.
pub const TYPE: &str = "keystead-revocations";
/// Asked for this often, in milliseconds.
pub const EVERY: i64 = 1_000;
/// From this age on a request waits for a newer feed.
pub const WAIT_FROM: i64 = 4_000;
/// How long an entry matters.
pub const KEPT: i64 = (MAX_LIFETIME + 2 * LEEWAY) * 1_000;

/// What a cell publishes; times in milliseconds since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Whose it is.
    pub cell: Cell,
    /// When it was made, by the cell's clock.
    pub at: i64,
    /// It has everything from then on.
    pub since: i64,
    /// Sessions that were ended, and when.
    pub sessions: Vec<(SessionId, i64)>,
    /// Tenants whose tokens from before that time are void.
    pub tenants: Vec<(TenantId, i64)>,
}

/// What is known about one cell.
#[derive(Debug, Default)]
pub struct Revocations {
    sessions: HashMap<SessionId, i64>,
    tenants: HashMap<TenantId, i64>,
    /// The cell's time of the newest feed.
    feed_at: Option<i64>,
    learned_at: Option<i64>,
    tried_at: Option<i64>,
}

impl Revocations {
    /// Reads a signed feed of `cell`.
    ///
    /// # Errors
    /// When it is not signed by one of `trusted`, or another cell's.
    pub fn open(document: &[u8], cell: &Cell, trusted: &[TrustedKey]) -> Result<Feed, DocumentError> {
        let feed: Feed = signed::open(document, TYPE, trusted)?;
        if feed.cell == *cell { Ok(feed) } else { Err(DocumentError::Content) }
    }

    /// Adds a feed. An older one than the last, or one that leaves a gap, is refused.
    ///
    /// # Errors
    /// [`DocumentError::Older`].
    pub fn learned(&mut self, feed: Feed, now: i64) -> Result<(), DocumentError> {
        self.tried_at = Some(now);
        let known_to = self.feed_at.unwrap_or(feed.at.saturating_sub(KEPT));
        if feed.at < known_to || feed.since > known_to {
            return Err(DocumentError::Older);
        }
        let newest = |known: &mut i64, at: i64| *known = (*known).max(at);
        for (session, at) in feed.sessions {
            newest(self.sessions.entry(session).or_insert(at), at);
        }
        for (tenant, at) in feed.tenants {
            newest(self.tenants.entry(tenant).or_insert(at), at);
        }
        let horizon = feed.at.saturating_sub(KEPT);
        self.sessions.retain(|_, at| *at >= horizon);
        self.tenants.retain(|_, at| *at >= horizon);
        (self.feed_at, self.learned_at) = (Some(feed.at), Some(now));
        Ok(())
    }

    /// The cell has not answered.
    pub fn failed(&mut self, now: i64) {
        self.tried_at = Some(now);
    }

    /// Ask for what came after this time (the cell's); `None` for all.
    #[must_use]
    pub fn since(&self) -> Option<i64> {
        self.feed_at
    }

    /// Is a token of this session and tenant void?
    #[must_use]
    pub fn void(&self, claims: &Claims) -> bool {
        let issued = claims.issued_at.saturating_mul(1_000);
        self.sessions.contains_key(&claims.session)
            || claims.subject.tenant().and_then(|tenant| self.tenants.get(&tenant)).is_some_and(|at| issued < *at)
    }

    /// Is it time to ask?
    #[must_use]
    pub fn due(&self, now: i64) -> bool {
        self.tried_at.is_none_or(|at| now.saturating_sub(at) >= EVERY || now < at)
    }

    /// Is what is known too old to decide by without asking?
    #[must_use]
    pub fn must_ask(&self, now: i64) -> bool {
        self.due(now) && self.learned_at.is_none_or(|at| now.saturating_sub(at) >= WAIT_FROM || now < at)
    }
}
