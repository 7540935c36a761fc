//! A time that stands still until a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, Utc};
use keystead_tenants::Clock;

/// The product's time in a test.
#[derive(Clone)]
pub(crate) struct Time {
    start: DateTime<Utc>,
    moved_seconds: Arc<AtomicI64>,
}

impl Time {
    /// Stands still at the present.
    pub(crate) fn still() -> Self {
        Self { start: Clock::system().now(), moved_seconds: Arc::default() }
    }

    /// For the server under test.
    pub(crate) fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::of(move || time.now())
    }

    /// What the server takes for the present.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.start + Duration::seconds(self.moved_seconds.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.moved_seconds.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }
}
