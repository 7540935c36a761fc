//! Read a phase.

use keystead_ids::PhaseId;

use super::{PhaseOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadProjects, Tx, Versioned};

/// Read a phase.
#[utoipa::path(get, path = "/{id}", tag = "phases", operation_id = "read_phase", params(("id" = PhaseId, Path)),
    responses((status = 200, body = PhaseOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn read(tx: Tx<ReadProjects>, PathOf(id): PathOf<PhaseId>) -> Result<Versioned<PhaseOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
