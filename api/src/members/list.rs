//! List members.

use axum::Json;

use super::{MemberOut, store};
use crate::http::{Page, PageParams, Paging, Problem, Problems, ReadMembers, Tx};

/// List members, newest first.
///
/// Suspended and removed members are listed too; their `state` says so.
#[utoipa::path(get, path = "/", tag = "members", operation_id = "list_members", params(PageParams),
    responses((status = 200, body = Page<MemberOut>), Problems), extensions(("x-permission" = json!("members.read"))))]
pub(super) async fn list(tx: Tx<ReadMembers>, paging: Paging) -> Result<Json<Page<MemberOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    let known = store::surroundings(&tx, &rows).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), |row| known.describe(row))))
}
