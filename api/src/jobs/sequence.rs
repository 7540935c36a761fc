//! Chain committed audit events.

use crate::{app::App, http::Problem};

/// Events in one transaction.
const BATCH: i32 = 2_000;

pub(super) async fn chain(app: &App) -> Result<(), Problem> {
    while app.db.worker().sequence_audit(BATCH).await? >= BATCH {}
    Ok(())
}
