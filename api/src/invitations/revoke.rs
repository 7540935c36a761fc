//! Revoke an invitation.

use axum::http::StatusCode;
use keystead_ids::InvitationId;

use super::store::{self, State};
use crate::http::{ManageMembers, OrNotFound, PathOf, Problem, Problems, Tx};

/// Revoke an invitation.
///
/// Its link stops working. Repeating it is harmless. Fails with `invitation-accepted` when the person has joined.
#[utoipa::path(delete, path = "/{id}", tag = "invitations", operation_id = "revoke_invitation",
    params(("id" = InvitationId, Path)),
    responses((status = 204), Problems), extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn revoke(tx: Tx<ManageMembers>, PathOf(id): PathOf<InvitationId>) -> Result<StatusCode, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    match State::of(&row) {
        State::Revoked => return Ok(StatusCode::NO_CONTENT),
        State::Accepted => return Err(Problem::conflict("invitation-accepted", "The person has joined already")),
        State::Open => store::end(&tx, &row, State::Revoked).await?,
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
