//! List plans.

use axum::Json;

use super::{PlanFilters, PlanOut, store};
use crate::{
    http::{Page, PageParams, Paging, Problem, Problems, ReadProjects, Tx},
    projects,
};

/// List plans of a project, oldest first.
#[utoipa::path(get, path = "/", tag = "plans", operation_id = "list_plans", params(PageParams, PlanFilters),
    responses((status = 200, body = Page<PlanOut>), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn list(tx: Tx<ReadProjects>, paging: Paging<PlanFilters>) -> Result<Json<Page<PlanOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    // Only an empty page leaves the question whether there is such a project at all.
    if rows.is_empty() {
        projects::named(&tx, paging.filters.project_id, "project_id").await?;
    }
    Ok(Json(paging.page(rows, |row| row.id.uuid(), PlanOut::from)))
}
