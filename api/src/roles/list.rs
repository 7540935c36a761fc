//! List roles.

use axum::Json;

use super::{RoleOut, store};
use crate::http::{Page, PageParams, Paging, Problem, Problems, ReadSettings, Tx};

/// List roles, newest first.
#[utoipa::path(get, path = "/", tag = "roles", operation_id = "list_roles", params(PageParams),
    responses((status = 200, body = Page<RoleOut>), Problems), extensions(("x-permission" = json!("settings.read"))))]
pub(super) async fn list(tx: Tx<ReadSettings>, paging: Paging) -> Result<Json<Page<RoleOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), RoleOut::from)))
}
