//! Invite a colleague.

use axum::extract::State;
use chrono::Duration;
use keystead_entities::{invitation, outbox_mail, role};
use keystead_identity::Opaque;
use keystead_tenants::{orm::Set, platform::SessionScope};
use serde_json::json;

use super::{InvitationIn, InvitationOut, store};
use crate::{
    app::App,
    http::{Body, Created, FieldCode, Fresh, ManageMembers, Problem, Problems, Tx},
    members::{self, ProjectScope},
    roles, usage,
};

/// An invitation can be accepted this long.
const LIFE: Duration = Duration::hours(72);

/// Invite a colleague.
///
/// The link goes to the address by mail and is shown nowhere else. An open invitation to the same address is revoked. Fails
/// with `already-member` when a member has the address, and with `limit-reached` when the tenant has as many members and
/// invitations as operators let it have.
#[utoipa::path(post, path = "/", tag = "invitations", operation_id = "create_invitation", request_body = InvitationIn,
    responses((status = 201, body = InvitationOut), Problems), extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageMembers>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<InvitationIn>,
) -> Result<Created<InvitationOut>, Problem> {
    let room = usage::room(&app, &tx).await?;
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let scope = ProjectScope::of_invitation(input.all_projects, input.project_ids)?;
    scope.check(&tx).await?;
    let role = roles::find(&tx, input.role_id)
        .await?
        .ok_or_else(|| Problem::field("/role_id", FieldCode::Unknown, "is not one of your roles"))?;
    let email = input.email.into_string();
    let (now, open) = (fresh.now(), store::revoke_for(&tx, &[&email]).await?);
    if members::store::with_email(&tx, &email).await?.is_some() {
        return Err(Problem::conflict("already-member", "A member has this address"));
    }
    // The one in whose place it comes is no other one.
    room.for_members(1_u64.saturating_sub(store::acceptable(&open, now)))?;

    let (row, mail) = written(&tx, &app, &fresh, email, &role, &scope)?;
    let row = store::insert(&tx, row).await?;
    store::queue_mail(&tx, vec![mail]).await?;
    let out = InvitationOut::of(row, Some((&role).into()), now);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

/// An invitation, and the mail with its link. The token is in the fragment of the link: browsers send it to no server, so no log
/// of any proxy has it.
pub(super) fn written(
    tx: &Tx<ManageMembers>,
    app: &App,
    fresh: &Fresh,
    email: String,
    role: &role::Model,
    scope: &ProjectScope,
) -> Result<(invitation::ActiveModel, outbox_mail::ActiveModel), Problem> {
    let (token, token_hash) = Opaque::mint(Opaque::INVITATION).map_err(|error| Problem::internal(error.to_string()))?;
    let now = fresh.now();
    let company = match &tx.session().scope {
        SessionScope::Tenant { tenant_name, .. } => tenant_name.as_str(),
        SessionScope::Operator => "",
    };
    let link = format!("{}/invitation#{token}", app.config.public_url);
    let mail = outbox_mail::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        recipient: Set(email.clone()),
        message: Set(json!({ "template": "invitation", "company": company, "inviter": tx.session().name,
            "role": role.title, "link": link })),
        next_at: Set(now),
        created_at: Set(now),
    };
    let row = invitation::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        email: Set(email),
        role_id: Set(role.id),
        all_projects: Set(scope.is_all()),
        project_ids: Set(scope.listed().map(|project| project.uuid()).collect()),
        token_hash: Set(token_hash.to_vec()),
        invited_by: Set(tx.member()),
        expires_at: Set(now + LIFE),
        ..Default::default()
    };
    Ok((row, mail))
}
