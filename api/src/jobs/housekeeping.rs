//! Forget what is of no more use.

use chrono::Duration;

use crate::{app::App, http::Problem};

pub(super) async fn forget(app: &App) -> Result<(), Problem> {
    app.limits.forget_idle();
    // The recorder keeps every observation by itself until it is read, or told to count it: /metrics may never be read.
    app.figures.run_upkeep();
    let now = app.clock.now();
    app.db.platform().forget_attempts(now - Duration::days(1)).await?;
    app.db.platform().forget_nonces(now - Duration::minutes(5)).await?;
    Ok(())
}
