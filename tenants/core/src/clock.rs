//! Time and ids are values that are handed in, so that tests can choose them.

use std::{fmt, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// Where the product gets the time and new ids from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where the product reads the clock")]
        Self(Arc::new(Utc::now))
    }

    /// A clock that the caller moves.
    #[must_use]
    pub fn of(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now, to the microsecond, which is what the database keeps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }

    /// A new time-ordered id (UUIDv7, RFC 9562).
    #[must_use]
    pub fn id<I: From<Uuid>>(&self) -> I {
        #[expect(clippy::disallowed_methods, reason = "the one place where the product makes ids")]
        I::from(Uuid::now_v7())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
