//! List mappings.

use axum::Json;

use super::{MappingOut, store};
use crate::http::{ManageUnits, Page, PageParams, Paging, Problem, Problems, Tx};

/// List import mappings, newest first.
#[utoipa::path(get, path = "/", tag = "imports", operation_id = "list_import_mappings", params(PageParams),
    responses((status = 200, body = Page<MappingOut>), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn list(tx: Tx<ManageUnits>, paging: Paging) -> Result<Json<Page<MappingOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), MappingOut::from)))
}
