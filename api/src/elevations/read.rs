//! Read an elevation.

use keystead_ids::ElevationId;

use super::{ElevationOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadProjects, Tx, Versioned};

/// Read an elevation.
#[utoipa::path(get, path = "/{id}", tag = "elevations", operation_id = "read_elevation",
    params(("id" = ElevationId, Path)),
    responses((status = 200, body = ElevationOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn read(
    tx: Tx<ReadProjects>,
    PathOf(id): PathOf<ElevationId>,
) -> Result<Versioned<ElevationOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
