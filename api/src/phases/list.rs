//! List phases.

use axum::Json;

use super::{PhaseFilters, PhaseOut, store};
use crate::{
    http::{Page, PageParams, Paging, Problem, Problems, ReadProjects, Tx},
    projects,
};

/// List phases of a project, oldest first.
#[utoipa::path(get, path = "/", tag = "phases", operation_id = "list_phases", params(PageParams, PhaseFilters),
    responses((status = 200, body = Page<PhaseOut>), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn list(tx: Tx<ReadProjects>, paging: Paging<PhaseFilters>) -> Result<Json<Page<PhaseOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    // Only an empty page leaves the question whether there is such a project at all.
    if rows.is_empty() {
        projects::named(&tx, paging.filters.project_id, "project_id").await?;
    }
    Ok(Json(paging.page(rows, |row| row.id.uuid(), PhaseOut::from)))
}
