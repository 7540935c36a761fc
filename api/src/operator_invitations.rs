//! Becoming an operator: the one thing of the console that is done without a session there.

use axum::{extract::State, http::StatusCode};
use keystead_identity::Opaque;
use keystead_tenants::platform::{Attempt, Identity, NewIdentity, OperatorJoined};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::{check_new_password, hash_password, password_problem, too_many_failures},
    http::{Body, Fresh, Problem, Problems, Text, Visitor},
};

/// The slice's operation.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(accept))
}

/// The redemption of an operator's invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptOperatorIn {
    /// What follows `#` in the link.
    #[schema(value_type = String)]
    pub token: SecretString,
    /// The name that other operators will see; a login that exists keeps its own.
    pub name: Text<1, 200>,
    /// The login's password, or the one that a new login gets.
    #[schema(value_type = String, format = Password, max_length = 256)]
    pub password: SecretString,
}

/// Become an operator.
///
/// Fails with `invitation-not-valid` when the invitation is used, replaced or expired, or its sender is no operator any more,
/// and with `wrong-password` when the address has a login with another password.
#[utoipa::path(post, path = "/accept", tag = "platform", operation_id = "accept_operator_invitation",
    request_body = AcceptOperatorIn, security(()),
    responses((status = 204), Problems), extensions(("x-permission" = json!("public"))))]
async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    fresh: Fresh,
    Body { input, .. }: Body<AcceptOperatorIn>,
) -> Result<StatusCode, Problem> {
    app.limits.anonymous(&visitor.0)?;
    let (platform, now) = (app.db.platform(), fresh.now());
    let hash = Opaque::hash(input.token.expose_secret()).ok_or_else(not_valid)?;
    let invitation = platform.operator_invitation(&hash, now).await?.ok_or_else(not_valid)?;
    let existing = platform.identity_by_email(&invitation.email).await?.is_some();
    let (id, password_hash) = if existing {
        let login = proven(&app, &invitation.email, &input, &fresh).await?;
        (login.id, login.password_hash)
    } else {
        (fresh.id(), chosen(&app, &invitation.email, &input).await?)
    };
    let login = NewIdentity { id, email: invitation.email, name: input.name.into_string(), password_hash };
    match platform.accept_operator(invitation.id, &login, now).await? {
        OperatorJoined::Done => Ok(StatusCode::NO_CONTENT),
        OperatorJoined::NotValid => Err(not_valid()),
        OperatorJoined::Unproven => {
            Err(Problem::conflict("in-progress", "This is being done already; repeat it to see what came of it"))
        }
    }
}

/// One answer for every reason, so that nobody learns which tokens once existed.
fn not_valid() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "invitation-not-valid", "This invitation is not valid any more")
}

/// Counted like a login: an invitation is no way around the limit on guesses.
async fn proven(app: &App, email: &str, input: &AcceptOperatorIn, fresh: &Fresh) -> Result<Identity, Problem> {
    let (platform, now) = (app.db.platform(), fresh.now());
    let identity = match platform.take_attempt(email, now).await? {
        Attempt::Allowed(identity) => identity.ok_or_else(not_valid)?,
        Attempt::Wait(until) => return Err(too_many_failures(until, now)),
    };
    let verdict = app.passwords.verify(Some(&identity.password_hash), &input.password).await;
    if !verdict.map_err(|error| password_problem(&error))?.ok {
        let title = "You have a login already, with another password";
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong-password", title));
    }
    platform.attempt_succeeded(&identity, None).await?;
    Ok(identity)
}

async fn chosen(app: &App, email: &str, input: &AcceptOperatorIn) -> Result<String, Problem> {
    check_new_password(&input.password, "/password", &[email, input.name.as_str()]).await?;
    hash_password(app, &input.password).await
}
