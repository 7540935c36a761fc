//! Read a project.

use keystead_ids::ProjectId;

use super::{ProjectOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadProjects, Tx, Versioned};

/// Read a project.
#[utoipa::path(get, path = "/{id}", tag = "projects", operation_id = "read_project", params(("id" = ProjectId, Path)),
    responses((status = 200, body = ProjectOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn read(
    tx: Tx<ReadProjects>,
    PathOf(id): PathOf<ProjectId>,
) -> Result<Versioned<ProjectOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
