//! Read a plan.

use keystead_ids::PlanId;

use super::{PlanOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadProjects, Tx, Versioned};

/// Read a plan.
#[utoipa::path(get, path = "/{id}", tag = "plans", operation_id = "read_plan", params(("id" = PlanId, Path)),
    responses((status = 200, body = PlanOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn read(tx: Tx<ReadProjects>, PathOf(id): PathOf<PlanId>) -> Result<Versioned<PlanOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
