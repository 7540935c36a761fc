//! Work after the answer: mail, audit chaining and signing, provisioning that a crash interrupted, erasures in backups, key refresh.

mod checkpoint;
mod keys;
mod mail;
pub(crate) mod offboard;
pub mod provision;
mod sequence;
mod shares;

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use keystead_mail::Mailer;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{app::App, http::Problem};
pub use keys::{RingError, add_key, load_ring};

/// Runs every job until `stop` is cancelled, then waits for what is under way.
pub async fn run(app: App, mailer: Mailer, stop: CancellationToken) {
    let mut jobs = JoinSet::new();
    let every = |seconds: f64| Duration::from_secs_f64(seconds);
    let stopping = stop.clone();
    jobs.spawn(repeat("mail", every(0.5), stop.clone(), app.clone(), move |app| {
        let (mailer, stopping) = (mailer.clone(), stopping.clone());
        async move { mail::send_due(&app, &mailer, &stopping).await }
    }));
    jobs.spawn(repeat("audit sequence", every(0.5), stop.clone(), app.clone(), |app| async move {
        sequence::chain(&app).await
    }));
    let look = app.config.checkpoint_pause.min(every(5.0));
    jobs.spawn(repeat("audit checkpoint", look, stop.clone(), app.clone(), |app| async move {
        checkpoint::sign(&app).await
    }));
    jobs.spawn(repeat("provisioning", every(10.0), stop.clone(), app.clone(), |app| async move {
        provision::resume(&app).await
    }));
    jobs.spawn(repeat("offboarding", every(10.0), stop.clone(), app.clone(), |app| async move {
        offboard::resume(&app).await
    }));
    jobs.spawn(repeat(
        "shares",
        every(1.0),
        stop.clone(),
        app.clone(),
        |app| async move { shares::settle_due(&app).await },
    ));
    jobs.spawn(repeat("keys", every(60.0), stop.clone(), app.clone(), |app| async move { keys::refresh(&app).await }));
    jobs.spawn(repeat("housekeeping", every(60.0), stop, app, |app| async move {
        app.limits.forget_idle();
        let yesterday = app.clock.now() - chrono::Duration::days(1);
        app.db.platform().forget_attempts(yesterday).await?;
        app.db.platform().forget_nonces(app.clock.now() - chrono::Duration::minutes(5)).await?;
        Ok(())
    }));
    while jobs.join_next().await.is_some() {}
}

async fn repeat<F>(name: &'static str, pause: Duration, stop: CancellationToken, app: App, job: impl Fn(App) -> F)
where
    F: Future<Output = Result<(), Problem>>,
{
    loop {
        // A panic (an answer of the database that does not read, say) must not end the job for good.
        let done = AssertUnwindSafe(job(app.clone())).catch_unwind().await;
        if let Err(problem) = done.unwrap_or_else(|_| Err(Problem::internal("the job panicked"))) {
            tracing::warn!(
                job = name,
                status = problem.status().as_u16(),
                reason = problem.reason(),
                "a job failed and runs again"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
