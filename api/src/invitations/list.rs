//! List invitations.

use axum::Json;

use super::{InvitationOut, store};
use crate::http::{Fresh, Page, PageParams, Paging, Problem, Problems, ReadMembers, Tx};

/// List invitations, newest first.
#[utoipa::path(get, path = "/", tag = "invitations", operation_id = "list_invitations", params(PageParams),
    responses((status = 200, body = Page<InvitationOut>), Problems), extensions(("x-permission" = json!("members.read"))))]
pub(super) async fn list(
    tx: Tx<ReadMembers>,
    fresh: Fresh,
    paging: Paging,
) -> Result<Json<Page<InvitationOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    let roles = store::roles_of(&tx, &rows).await?;
    let now = fresh.now();
    let out = |row: keystead_entities::invitation::Model| {
        let role = roles.get(&row.role_id).cloned();
        InvitationOut::of(row, role, now)
    };
    Ok(Json(paging.page(rows, |row| row.id.uuid(), out)))
}
