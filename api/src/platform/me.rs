//! Which operator is logged in, and the end of it. What members do about their sessions is for another audience's tokens.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    auth::{self, MeOut},
    http::{Fresh, Operator, Problem, Problems, Versioned},
};

/// Say which operator is logged in.
#[utoipa::path(get, path = "/me", tag = "platform", operation_id = "read_operator",
    responses((status = 200, body = MeOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn me(operator: Operator) -> Result<Versioned<MeOut>, Problem> {
    Ok(auth::described(&operator.session))
}

/// Log out of the console.
///
/// Ends the session, its refresh tokens and, within five seconds everywhere, its access tokens.
#[utoipa::path(post, path = "/logout", tag = "platform", operation_id = "log_out_operator", responses((status = 204), Problems),
    extensions(("x-permission" = json!("operator"))))]
pub(super) async fn log_out(operator: Operator, State(app): State<App>, fresh: Fresh) -> Result<Response, Problem> {
    auth::end(&app, &operator.session, &fresh).await
}
