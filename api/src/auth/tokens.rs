//! Tokens on their way out.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::Duration;
use keystead_identity::{Actor, Claims};
use keystead_ids::SessionId;

use super::TokensOut;
use crate::{
    app::App,
    http::{Fresh, Problem},
};

/// `__Host-` binds the cookie to this host, to HTTPS and to the root path (RFC 6265bis, 4.1.3.2).
pub(super) const REFRESH_COOKIE: &str = "__Host-keystead_refresh";

pub(super) fn access(app: &App, actor: Actor, session: SessionId, fresh: &Fresh) -> Result<(String, i64), Problem> {
    let now = fresh.now();
    let claims = Claims::issue(actor, session, 0, fresh.id(), now);
    let lifetime = (claims.expires_at - now).num_seconds();
    let token = app.ring().sign(&claims).map_err(|error| Problem::internal(error.to_string()))?;
    Ok((token, lifetime))
}

pub(super) fn answer(browser: bool, access: (String, i64), refresh_token: String, lifetime: Duration) -> Response {
    let (access_token, expires_in_seconds) = access;
    let (cookie, in_body) =
        if browser { (Some(cookie(refresh_token, lifetime)), None) } else { (None, Some(refresh_token)) };
    let body = TokensOut { access_token, token_type: "Bearer", expires_in_seconds, refresh_token: in_body };
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie.to_string()).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The cookie that ends the one before.
pub(super) fn no_cookie() -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie(String::new(), Duration::zero()).to_string()).ok()
}

fn cookie(value: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build((REFRESH_COOKIE, value))
        .http_only(true)
        .secure(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::seconds(lifetime.num_seconds()))
        .build()
}
