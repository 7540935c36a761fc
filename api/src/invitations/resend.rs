//! Send an invitation again.

use axum::extract::State;
use keystead_ids::{InvitationId, ProjectId};

use super::{
    InvitationOut,
    create::written,
    store::{self, State as Stands},
};
use crate::{
    app::App,
    http::{Created, Fresh, ManageMembers, OrNotFound, PathOf, Problem, Problems, Tx},
    members::{self, ProjectScope},
    roles, usage,
};

/// Send an invitation again, with a new link.
///
/// The answer is the new invitation; the link of the old one stops working. Fails with `invitation-accepted` when the person has
/// joined, and with `invitation-revoked` when it was revoked.
#[utoipa::path(post, path = "/{id}/resend", tag = "invitations", operation_id = "resend_invitation",
    params(("id" = InvitationId, Path)),
    responses((status = 201, body = InvitationOut), Problems), extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn resend(
    tx: Tx<ManageMembers>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<InvitationId>,
) -> Result<Created<InvitationOut>, Problem> {
    let room = usage::room(&app, &tx).await?;
    // As whoever invites: two at once leave one open, not two.
    members::store::locked_administrators(&tx).await?;
    let old = store::locked(&tx, id).await?.or_not_found()?;
    match Stands::of(&old) {
        Stands::Accepted => return Err(Problem::conflict("invitation-accepted", "The person has joined already")),
        Stands::Revoked => return Err(Problem::conflict("invitation-revoked", "This invitation was revoked")),
        Stands::Open => {}
    }
    let scope = ProjectScope::read(old.all_projects, old.project_ids.iter().copied().map(ProjectId).collect())?;
    scope.check(&tx).await?;
    let role = roles::find(&tx, old.role_id).await?.or_not_found()?;
    store::end(&tx, &old, Stands::Revoked).await?;
    // One that expired counts for nothing; sent again it does.
    if old.expires_at <= fresh.now() {
        room.for_members(1)?;
    }
    let (row, mail) = written(&tx, &app, &fresh, old.email, &role, &scope)?;
    let row = store::insert(&tx, row).await?;
    store::queue_mail(&tx, vec![mail]).await?;
    let out = InvitationOut::of(row, Some((&role).into()), fresh.now());
    tx.commit().await?;
    Ok(Created(out))
}
