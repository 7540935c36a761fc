//! Faults that a test asks for, and the ledger of calls.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{error::Refusal, ops::Operation};

/// How calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// They do not.
    #[default]
    None,
    /// `AccessDeniedException`.
    Deny,
    /// `KMSInternalException` with status 500.
    Down,
    /// The connection closes without an answer.
    Drop,
    /// They work, but the connection closes without the answer of every other one.
    Mute,
    /// They work, after `latency_ms`.
    Slow,
    /// `ThrottlingException`.
    Throttle,
    /// `KMSInvalidStateException`, as for a key that is still being made.
    Unready,
}

/// What a test wants of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// How calls fail.
    pub mode: FaultMode,
    /// The one operation whose calls do; all of them unless it is told.
    pub only: Option<Operation>,
    /// Milliseconds that every call waits first, in any mode.
    pub latency_ms: u64,
    /// Seconds that the service's clock is ahead, to pass a deletion's waiting period.
    pub clock_ahead_s: u64,
}

/// Where the faults are set and the calls are counted.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    faults: Mutex<Faults>,
    calls: Mutex<BTreeMap<&'static str, u64>>,
}

impl Desk {
    pub(crate) fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
    }

    pub(crate) fn faults(&self) -> Faults {
        *locked(&self.faults)
    }

    /// Counts a call; says the how manyeth of its operation it is.
    pub(crate) fn count(&self, operation: Operation) -> u64 {
        let mut calls = locked(&self.calls);
        let count = calls.entry(operation.name()).or_default();
        *count += 1;
        *count
    }

    pub(crate) fn ledger(&self) -> BTreeMap<&'static str, u64> {
        locked(&self.calls).clone()
    }

    pub(crate) fn reset_ledger(&self) {
        locked(&self.calls).clear();
    }
}

impl Faults {
    /// How calls of an operation fail.
    pub(crate) fn of(self, operation: Operation) -> FaultMode {
        if self.only.is_none_or(|only| only == operation) { self.mode } else { FaultMode::None }
    }
}

impl FaultMode {
    /// The refusal that the mode answers instead of working, if any.
    pub(crate) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::None | Self::Slow | Self::Drop | Self::Mute => None,
            Self::Deny => {
                Some(Refusal::new("AccessDeniedException", "User is not authorized to perform this operation."))
            }
            Self::Down => Some(Refusal::new("KMSInternalException", "The service is down.")),
            Self::Throttle => Some(Refusal::new("ThrottlingException", "Rate exceeded")),
            Self::Unready => Some(Refusal::new("KMSInvalidStateException", "The key is not ready.")),
        }
    }
}

/// The lock's content, even after a panic elsewhere: every value is whole at all times.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
