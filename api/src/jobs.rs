//! Work after the answer: mail, audit chaining and signing, provisioning that a crash interrupted, erasures in backups, key refresh.

mod checkpoint;
mod housekeeping;
mod keys;
mod mail;
pub(crate) mod offboard;
pub mod provision;
mod sequence;
mod shares;

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use keystead_mail::Mailer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{app::App, http::Problem};
pub use keys::{RingError, add_key, load_ring};

/// What jobs work with.
#[derive(Clone)]
pub struct Works {
    /// The application.
    pub app: App,
    /// Where mail goes.
    pub mailer: Mailer,
    /// Says when to stop.
    pub stop: CancellationToken,
}

/// Work that comes again for as long as a server runs. Servers run it beside each other, and die in the middle of it.
pub struct Job {
    /// As the log calls it.
    pub name: &'static str,
    pause: fn(&App) -> Duration,
    run: fn(&Works) -> BoxFuture<'_, Result<(), Problem>>,
}

/// Every job.
pub static JOBS: [Job; 9] = [
    Job { name: "mail", pause: |_| HALF_A_SECOND, run: |works| mail::send_due(works).boxed() },
    Job { name: "audit sequence", pause: |_| HALF_A_SECOND, run: |works| sequence::chain(&works.app).boxed() },
    Job {
        name: "audit checkpoint",
        pause: |app| app.config.checkpoint_pause.min(seconds(5)),
        run: |works| checkpoint::sign(&works.app).boxed(),
    },
    Job { name: "provisioning", pause: |_| seconds(10), run: |works| provision::resume(&works.app).boxed() },
    Job { name: "offboarding", pause: |_| seconds(10), run: |works| offboard::resume(&works.app).boxed() },
    Job { name: "leavers", pause: |_| seconds(300), run: |works| offboard::sweep_again(&works.app).boxed() },
    Job { name: "shares", pause: |_| seconds(1), run: |works| shares::settle_due(&works.app).boxed() },
    Job { name: "keys", pause: |_| seconds(60), run: |works| keys::refresh(&works.app).boxed() },
    Job { name: "housekeeping", pause: |_| seconds(60), run: |works| housekeeping::forget(&works.app).boxed() },
];

const HALF_A_SECOND: Duration = Duration::from_millis(500);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs every job until told to stop, then waits for what is under way.
pub async fn run(works: Works) {
    let mut jobs = JoinSet::new();
    for job in &JOBS {
        jobs.spawn(job.repeat(works.clone()));
    }
    while jobs.join_next().await.is_some() {}
}

impl Job {
    /// Does what is due.
    ///
    /// # Errors
    /// What kept it from being done; it is due again.
    pub async fn once(&self, works: &Works) -> Result<(), Problem> {
        // A panic (an answer of the database that does not read, say) must not end the job for good.
        let done = AssertUnwindSafe((self.run)(works)).catch_unwind().await;
        done.unwrap_or_else(|_| Err(Problem::internal("the job panicked")))
    }

    async fn repeat(&self, works: Works) {
        let Self { name: job, .. } = self;
        loop {
            if let Err(problem) = self.once(&works).await {
                tracing::warn!(
                    job,
                    status = problem.status().as_u16(),
                    reason = problem.reason(),
                    "a job failed and runs again"
                );
            }
            tokio::select! {
                () = works.stop.cancelled() => return,
                () = tokio::time::sleep((self.pause)(&works.app)) => {}
            }
        }
    }
}
