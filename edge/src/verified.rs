//! Tokens that were verified lately, so that the same one costs a hash and not a signature.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    directory::Cell,
    sign::digest,
    token::{Audience, Claims, LEEWAY},
};

/// A verified token is believed for this long, in milliseconds: a key that is withdrawn bites then at the latest.
const BELIEVED: i64 = 60_000;
const CAPACITY: usize = 20_000;

/// What a verified token was verified for: a token says nothing to another cell or interface.
type Place = ([u8; 32], Cell, Audience);

/// Bounded: when full, what has ended goes, and then everything; each token is verified once more.
#[derive(Debug, Default)]
pub(crate) struct Verified(Mutex<HashMap<Place, (Claims, i64)>>);

impl Verified {
    pub(crate) fn place(token: &str, cell: &Cell, audience: Audience) -> Place {
        (digest(token.as_bytes()), cell.clone(), audience)
    }

    /// What the token says, if it was verified and has not ended.
    pub(crate) fn get(&self, place: &Place, now: i64) -> Option<Claims> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(place).filter(|(claims, at)| live(claims, *at, now)).map(|(claims, _)| claims.clone())
    }

    pub(crate) fn insert(&self, place: Place, claims: Claims, now: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, (claims, at)| live(claims, *at, now));
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(place, (claims, now));
    }
}

fn live(claims: &Claims, at: i64, now: i64) -> bool {
    let seconds = now.div_euclid(1_000);
    (at..at + BELIEVED).contains(&now)
        && claims.expires_at > seconds.saturating_sub(LEEWAY)
        && claims.issued_at <= seconds.saturating_add(LEEWAY)
}
