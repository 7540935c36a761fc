//! Sessions and tenants whose tokens are void.

use chrono::{DateTime, Duration, Utc};
use keystead_edge::{
    directory::Cell,
    revocation::{Feed, KEPT},
};

use crate::{app::App, http::Problem};

/// A transaction may note a time and be seen later, and the clocks of servers differ: this much is told again.
const OVERLAP: Duration = Duration::seconds(10);

pub(super) async fn feed(app: &App, since: Option<DateTime<Utc>>) -> Result<Feed, Problem> {
    let now = app.clock.now();
    let oldest = now - Duration::milliseconds(KEPT);
    let since = since.unwrap_or(oldest).max(oldest);
    let (sessions, tenants) = app.db.platform().revoked_since(since - OVERLAP).await?;
    Ok(Feed {
        cell: Cell::from(app.config.cell.as_str()),
        at: now.timestamp_millis(),
        since: since.timestamp_millis(),
        sessions: sessions.into_iter().map(|(id, at)| (id, at.timestamp_millis())).collect(),
        tenants: tenants.into_iter().map(|(id, at)| (id, at.timestamp_millis())).collect(),
    })
}
