//! Verify the address of an application.

use axum::{Json, extract::State, http::StatusCode};
use keystead_identity::Opaque;
use keystead_tenants::platform::{Signup, SignupState};
use secrecy::ExposeSecret;

use super::{SignupOut, VerifyIn};
use crate::{
    app::App,
    http::{Body, Problem, Problems, Visitor},
    jobs::provision,
};

/// Verify the address of an application.
///
/// Fails with `verification-not-valid` when the token is unknown or too old. Repeating it is harmless.
#[utoipa::path(post, path = "/verify", tag = "sign-up", operation_id = "verify_signup",
    request_body = VerifyIn, security(()),
    responses((status = 200, body = SignupOut), Problems), extensions(("x-permission" = json!("public"))))]
pub(super) async fn verify(
    State(app): State<App>,
    visitor: Visitor,
    Body { input, .. }: Body<VerifyIn>,
) -> Result<Json<SignupOut>, Problem> {
    app.limits.anonymous(&visitor.0)?;
    Ok(Json(verified(&app, input.token.expose_secret()).await?.into()))
}

async fn verified(app: &App, token: &str) -> Result<Signup, Problem> {
    let not_valid = || Problem::new(StatusCode::NOT_FOUND, "verification-not-valid", "This link is not valid any more");
    let hash = Opaque::hash(token).ok_or_else(not_valid)?;
    let platform = app.db.platform();
    let signup = platform.verify_signup(&hash, app.clock.now()).await?.ok_or_else(not_valid)?;
    if !(app.config.auto_approve && signup.state == SignupState::Verified) {
        return Ok(signup);
    }
    provision::approve(app, signup.id, None).await?;
    platform.signup(signup.id).await?.ok_or_else(not_valid)
}
