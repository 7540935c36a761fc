//! List events.

use axum::Json;

use super::{EventFilters, EventOut, store};
use crate::http::{Page, PageParams, Paging, Problem, Problems, ReadAudit, Tx};

/// List audit events, newest first.
///
/// Shows the events of the caller's projects, and those of the tenant as a whole to whoever works in every project. Buyers'
/// personal data is a fingerprint in `before` and `after`. `n` and `hash` are null until the event has its place in the
/// chain, about a second.
#[utoipa::path(get, path = "/events", tag = "audit", operation_id = "list_audit_events",
    params(PageParams, EventFilters),
    responses((status = 200, body = Page<EventOut>), Problems), extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn events(tx: Tx<ReadAudit>, paging: Paging<EventFilters>) -> Result<Json<Page<EventOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    let names = store::names_of_actors(&tx, &rows).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), |row| EventOut::of(row, &names))))
}
