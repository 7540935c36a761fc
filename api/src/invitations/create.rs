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
    http::{Body, Created, Fresh, ManageMembers, Problem, Problems, Tx},
    members::{self, ProjectScope},
    roles,
};

/// An invitation can be accepted this long.
const LIFE: Duration = Duration::hours(72);

/// Invite a colleague.
///
/// The link goes to the address by mail and is shown nowhere else. An open invitation to the same address is revoked. Fails
/// with `already-member` when a member has the address.
#[utoipa::path(post, path = "/", tag = "invitations", operation_id = "create_invitation", request_body = InvitationIn,
    responses((status = 201, body = InvitationOut), Problems), extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageMembers>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<InvitationIn>,
) -> Result<Created<InvitationOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let scope = ProjectScope::read(input.all_projects, input.project_ids)?;
    if !scope.is_all() && scope.listed().next().is_none() {
        return Err(Problem::field("/project_ids", "must name a project unless all_projects is true"));
    }
    scope.check(&tx).await?;
    let role =
        roles::find(&tx, input.role_id).await?.ok_or_else(|| Problem::field("/role_id", "is not one of your roles"))?;
    // Whoever invites takes these locks first: two invitations to one address at once leave one open, not two.
    members::store::locked_administrators(&tx).await?;
    let email = input.email.into_string();
    if members::store::with_email(&tx, &email).await?.is_some() {
        return Err(Problem::conflict("already-member", "A member has this address"));
    }
    store::revoke_open(&tx, &email).await?;

    let (token, token_hash) = Opaque::mint(Opaque::INVITATION).map_err(|error| Problem::internal(error.to_string()))?;
    let now = fresh.now();
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
    let row = store::insert(&tx, row).await?;
    store::queue_mail(&tx, mail(&tx, &app, &fresh, &row, &role, &token)).await?;
    let out = InvitationOut::of(row, Some((&role).into()), now);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

/// The token is in the fragment of the link: browsers send it to no server, so no log of any proxy has it.
fn mail(
    tx: &Tx<ManageMembers>,
    app: &App,
    fresh: &Fresh,
    row: &invitation::Model,
    role: &role::Model,
    token: &str,
) -> outbox_mail::ActiveModel {
    let company = match &tx.session().scope {
        SessionScope::Tenant { tenant_name, .. } => tenant_name.as_str(),
        SessionScope::Operator => "",
    };
    let now = fresh.now();
    outbox_mail::ActiveModel {
        tenant_id: Set(row.tenant_id),
        id: Set(fresh.id()),
        recipient: Set(row.email.clone()),
        message: Set(
            json!({ "template": "invitation", "company": company, "inviter": tx.session().name, "role": role.title,
            "link": format!("{}/invitation#{token}", app.config.public_url) }),
        ),
        next_at: Set(now),
        created_at: Set(now),
    }
}
