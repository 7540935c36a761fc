//! List imports.

use axum::Json;

use super::{ImportFilters, ImportOut, store};
use crate::http::{ManageUnits, Page, PageParams, Paging, Problem, Problems, Tx};

/// List imports, newest first.
///
/// Shows the imports of the projects that the caller is assigned to.
#[utoipa::path(get, path = "/", tag = "imports", operation_id = "list_imports", params(ImportFilters, PageParams),
    responses((status = 200, body = Page<ImportOut>), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn list(tx: Tx<ManageUnits>, paging: Paging<ImportFilters>) -> Result<Json<Page<ImportOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), ImportOut::from)))
}
