//! Log out.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use keystead_tenants::platform::Session;

use super::tokens;
use crate::{
    app::App,
    http::{Caller, Fresh, Problem, Problems},
};

/// Log out.
///
/// Ends the session, its refresh tokens and, within five seconds everywhere, its access tokens.
#[utoipa::path(post, path = "/logout", tag = "sessions", operation_id = "log_out", responses((status = 204), Problems),
    extensions(("x-permission" = json!("session"))))]
pub(super) async fn logout(caller: Caller, State(app): State<App>, fresh: Fresh) -> Result<Response, Problem> {
    end(&app, &caller.session, &fresh).await
}

/// Ends a session, and has its browser forget it.
pub(crate) async fn end(app: &App, session: &Session, fresh: &Fresh) -> Result<Response, Problem> {
    app.db.platform().revoke_session(session.id, "logged out", fresh.now()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""));
    if let Some(cookie) = tokens::no_cookie() {
        headers.insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
