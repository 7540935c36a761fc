//! List projects.

use axum::Json;

use super::{ProjectOut, store};
use crate::http::{Page, PageParams, Paging, Problem, Problems, ReadProjects, Tx};

/// List projects, newest first.
///
/// Shows the projects that the caller is assigned to.
#[utoipa::path(get, path = "/", tag = "projects", operation_id = "list_projects", params(PageParams),
    responses((status = 200, body = Page<ProjectOut>), Problems), extensions(("x-permission" = json!("projects.read"))))]
pub(super) async fn list(tx: Tx<ReadProjects>, paging: Paging) -> Result<Json<Page<ProjectOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), ProjectOut::from)))
}
