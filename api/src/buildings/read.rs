//! Read a building.

use keystead_ids::BuildingId;

use super::{BuildingOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadProjects, Tx, Versioned};

/// Read a building.
#[utoipa::path(get, path = "/{id}", tag = "buildings", operation_id = "read_building",
    params(("id" = BuildingId, Path)),
    responses((status = 200, body = BuildingOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn read(
    tx: Tx<ReadProjects>,
    PathOf(id): PathOf<BuildingId>,
) -> Result<Versioned<BuildingOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
