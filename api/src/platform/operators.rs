//! The people who run the platform: who they are, asking another, letting one go.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Duration, Utc};
use keystead_identity::Opaque;
use keystead_ids::{IdentityId, OperatorInvitationId};
use keystead_tenants::platform::{NewOperatorInvitation, OperatorEnded, QueuedMail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::ReasonIn;
use crate::{
    app::App,
    http::{Body, EmailAddress, Fresh, Operator, PathOf, Problem, Problems},
};

/// An invitation can be accepted this long.
const LIFE: Duration = Duration::hours(24);

/// Who runs the platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorsOut {
    /// Everybody, by name.
    pub items: Vec<OperatorOut>,
    /// Who is asked and did not accept yet.
    pub invited: Vec<OperatorInvitationOut>,
}

/// Somebody who runs the platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorOut {
    /// The login.
    pub id: IdentityId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Is it you?
    pub you: bool,
    /// When they last logged in or refreshed.
    #[schema(required)]
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Somebody who is asked to run the platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorInvitationOut {
    /// Its id.
    pub id: OperatorInvitationId,
    /// Where the link went.
    pub email: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When the link stops working.
    pub expires_at: DateTime<Utc>,
}

/// Whom to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorIn {
    /// Where the link goes.
    pub email: EmailAddress,
}

/// List the operators, and who is asked to become one.
#[utoipa::path(get, path = "/operators", tag = "platform", operation_id = "list_operators",
    responses((status = 200, body = OperatorsOut), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn list(operator: Operator, State(app): State<App>) -> Result<Json<OperatorsOut>, Problem> {
    let platform = app.db.platform();
    let (operators, invited) = futures::try_join!(platform.operators(), platform.operator_invitations())?;
    let you = operator.session.identity;
    let items = operators.into_iter().map(|row| OperatorOut {
        you: row.id == you,
        id: row.id,
        name: row.name,
        email: row.email,
        last_seen_at: row.last_seen_at,
    });
    let invited = invited.into_iter().map(|row| OperatorInvitationOut {
        id: row.id,
        email: row.email,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    Ok(Json(OperatorsOut { items: items.collect(), invited: invited.collect() }))
}

/// Ask somebody to become an operator.
///
/// The link goes to the address by mail, is shown nowhere else and works for a day. An open invitation to the same address is
/// replaced. Fails with `already-operator` when an operator has the address.
#[utoipa::path(post, path = "/operators", tag = "platform", operation_id = "invite_operator", request_body = OperatorIn,
    responses((status = 202, body = OperatorInvitationOut), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn invite(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, .. }: Body<OperatorIn>,
) -> Result<(StatusCode, Json<OperatorInvitationOut>), Problem> {
    let (platform, now) = (app.db.platform(), fresh.now());
    let email = input.email.into_string();
    if platform.identity_by_email(&email).await?.is_some_and(|identity| identity.is_operator) {
        return Err(Problem::conflict("already-operator", "An operator has this address"));
    }
    let (token, token_hash) = Opaque::mint(Opaque::OPERATOR).map_err(|error| Problem::internal(error.to_string()))?;
    let expires_at = now + LIFE;
    let link = format!("{}/operator-invitation#{token}", app.config.public_url);
    let message = json!({ "template": "operator_invitation", "inviter": operator.session.name, "link": link });
    let mail = QueuedMail { id: fresh.id(), tenant: None, recipient: email.clone(), message };
    let id = fresh.id();
    let by = operator.session.identity;
    let new = NewOperatorInvitation { id, email: email.clone(), token_hash, by, expires_at, mail };
    platform.invite_operator(&new, now).await?;
    Ok((StatusCode::ACCEPTED, Json(OperatorInvitationOut { id, email, created_at: now, expires_at })))
}

/// Take the console from an operator.
///
/// Their sessions there end at once; what they are in tenants stays. Fails with `own-account` for oneself, and with
/// `last-operator` when nobody would remain.
#[utoipa::path(post, path = "/operators/{id}/disable", tag = "platform", operation_id = "disable_operator",
    params(("id" = IdentityId, Path)), request_body = ReasonIn,
    responses((status = 204), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn disable(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<IdentityId>,
    Body { input, .. }: Body<ReasonIn>,
) -> Result<StatusCode, Problem> {
    let by = operator.session.identity;
    if id == by {
        return Err(Problem::conflict("own-account", "Another operator has to do this"));
    }
    match app.db.platform().disable_operator(id, by, input.reason.as_str(), fresh.now()).await? {
        OperatorEnded::Done => Ok(StatusCode::NO_CONTENT),
        OperatorEnded::Unknown => Err(Problem::not_found()),
        OperatorEnded::Last => Err(Problem::conflict("last-operator", "Nobody would remain to run the platform")),
    }
}
