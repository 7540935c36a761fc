//! List buildings.

use axum::Json;

use super::{BuildingFilters, BuildingOut, store};
use crate::{
    http::{Page, PageParams, Paging, Problem, Problems, ReadProjects, Tx},
    projects,
};

/// List buildings of a project, oldest first.
#[utoipa::path(get, path = "/", tag = "buildings", operation_id = "list_buildings", params(PageParams, BuildingFilters),
    responses((status = 200, body = Page<BuildingOut>), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn list(
    tx: Tx<ReadProjects>,
    paging: Paging<BuildingFilters>,
) -> Result<Json<Page<BuildingOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    // Only an empty page leaves the question whether there is such a project at all.
    if rows.is_empty() {
        projects::named(&tx, paging.filters.project_id, "project_id").await?;
    }
    Ok(Json(paging.page(rows, |row| row.id.uuid(), BuildingOut::from)))
}
