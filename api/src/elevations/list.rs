//! List elevations.

use axum::Json;

use super::{ElevationFilters, ElevationOut, store};
use crate::{
    http::{FieldCode, Page, PageParams, Paging, Problem, Problems, ReadProjects, Tx},
    plans, projects,
};

/// List elevations of a project, oldest first.
#[utoipa::path(get, path = "/", tag = "elevations", operation_id = "list_elevations",
    params(PageParams, ElevationFilters),
    responses((status = 200, body = Page<ElevationOut>), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn list(
    tx: Tx<ReadProjects>,
    paging: Paging<ElevationFilters>,
) -> Result<Json<Page<ElevationOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    // Only an empty page leaves the question whether what was asked for exists at all.
    if rows.is_empty() {
        projects::named(&tx, paging.filters.project_id, "project_id").await?;
        if let Some(plan) = paging.filters.plan_id {
            plans::find(&tx, plan)
                .await?
                .ok_or_else(|| Problem::field("plan_id", FieldCode::Unknown, "names nothing in your projects"))?;
        }
    }
    Ok(Json(paging.page(rows, |row| row.id.uuid(), ElevationOut::from)))
}
