//! What the cache must know of one tenant.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use keystead_keys::{Denial, KeyError, Purpose, WrappedKey};

use super::{FRESH, RETRY};

/// Whether an entry is used: the product shortens each key's time by up to a fifth, so between the two nobody knows.
enum Age {
    Used,
    Unknown,
    Over,
}

/// An answer that is used for a while.
#[derive(Clone, Copy)]
struct Answer {
    /// Given after one moment and before another.
    asked: Instant,
    given: Option<Instant>,
    /// Used for so long at least and at most.
    least: Duration,
    most: Duration,
}

impl Answer {
    fn now(least: Duration, most: Duration) -> Self {
        Self { asked: Instant::now(), given: None, least, most }
    }

    fn age(&self) -> Age {
        /// Reading clocks takes time, too.
        const SLACK: Duration = Duration::from_millis(10);
        if self.asked.elapsed() + SLACK < self.least {
            Age::Used
        } else if self.given.is_some_and(|given| given.elapsed() > self.most + SLACK) {
            Age::Over
        } else {
            Age::Unknown
        }
    }
}

/// The model of the cache.
#[derive(Default)]
pub struct Cached {
    epoch: u64,
    answers: HashMap<WrappedKey, Answer>,
    /// What an outage is bridged with, by version.
    remembered: HashMap<u32, WrappedKey>,
}

impl Cached {
    /// Everything goes.
    pub fn purge(&mut self) {
        self.answers.clear();
        self.remembered.clear();
    }

    /// Sleeps until it is certain which entries are used.
    pub async fn settle(&self) {
        while self.answers.values().any(|answer| matches!(answer.age(), Age::Unknown)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The product has answered what was asked.
    pub fn answered(&mut self) {
        for answer in self.answers.values_mut() {
            answer.given.get_or_insert_with(Instant::now);
        }
    }

    /// Is there an entry of which nobody knows whether it was used? Then the call took too long to be judged.
    pub fn unsettled(&self) -> bool {
        self.answers.values().any(|answer| matches!(answer.age(), Age::Unknown))
    }

    /// What asking for these keys must come to, and what the cache holds afterwards. `denial` is KMS's answer, none that it
    /// unwraps, and nothing in an outage.
    pub fn ask(&mut self, rows: &[WrappedKey], epoch: u64, kms: Option<Result<(), Denial>>) -> Result<(), KeyError> {
        if rows.is_empty() {
            return Err(KeyError::Missing(Purpose::Pii));
        }
        if self.epoch != epoch {
            self.purge();
            self.epoch = epoch;
        }
        self.answers.retain(|_, answer| !matches!(answer.age(), Age::Over));
        let unknown: Vec<&WrappedKey> = rows.iter().filter(|row| !self.answers.contains_key(*row)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        match kms {
            Some(Ok(())) => {
                for row in unknown {
                    self.answers.insert(row.clone(), Answer::now(FRESH.mul_f64(0.8), FRESH));
                    self.remembered.insert(row.version, row.clone());
                }
                Ok(())
            }
            Some(Err(denial)) => {
                self.purge();
                Err(KeyError::Denied(denial))
            }
            None if unknown.iter().all(|row| self.remembered.get(&row.version) == Some(row)) => {
                for row in unknown {
                    self.answers.insert(row.clone(), Answer::now(RETRY, RETRY));
                }
                Ok(())
            }
            // The others were asked for together, and may or may not have been answered: the caller makes an end of that.
            None => Err(KeyError::Unavailable),
        }
    }
}
