//! Choose another password.

use axum::{extract::State, http::StatusCode};
use keystead_tenants::platform::Attempt;
use secrecy::ExposeSecret;

use super::{check_new_password, hash_password, password_problem, too_many_failures, wire::PasswordIn};
use crate::{
    app::App,
    http::{Body, Caller, FieldCode, Fresh, Problem, Problems},
};

/// Choose another password.
///
/// Ends every other session of the person, wherever it is. Wrong guesses at the current password count as failed logins:
/// `too-many-failures`.
#[utoipa::path(post, path = "/password", tag = "sessions", operation_id = "change_password", request_body = PasswordIn,
    responses((status = 204), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn change(
    caller: Caller,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, .. }: Body<PasswordIn>,
) -> Result<StatusCode, Problem> {
    let (platform, session, now) = (app.db.platform(), &caller.session, fresh.now());
    let identity = match platform.take_attempt(&session.email, now).await? {
        Attempt::Allowed(identity) => identity.ok_or_else(Problem::unauthenticated)?,
        Attempt::Wait(until) => return Err(too_many_failures(until, now)),
    };
    let verdict = app.passwords.verify(Some(&identity.password_hash), &input.current_password).await;
    if !verdict.map_err(|error| password_problem(&error))?.ok {
        return Err(not_yours());
    }
    platform.attempt_succeeded(&identity, None).await?;
    if input.new_password.expose_secret() == input.current_password.expose_secret() {
        return Err(Problem::field("/new_password", FieldCode::Unchanged, "must be another one"));
    }
    check_new_password(&input.new_password, "/new_password", &[&session.name, &session.email]).await?;
    let hash = hash_password(&app, &input.new_password).await?;
    // Of two who change it at once, the second one's current password is not current any more.
    if platform.change_password(&identity, &hash, session.id, now).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_yours())
    }
}

fn not_yours() -> Problem {
    Problem::field("/current_password", FieldCode::NotMatching, "is not your password")
}
