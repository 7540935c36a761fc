//! Forget what is of no more use.

use chrono::Duration;

use crate::{app::App, http::Problem};

pub(super) async fn forget(app: &App) -> Result<(), Problem> {
    app.limits.forget_idle();
    let now = app.clock.now();
    app.db.platform().forget_attempts(now - Duration::days(1)).await?;
    app.db.platform().forget_nonces(now - Duration::minutes(5)).await?;
    Ok(())
}
