//! Refresh a session.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use axum_extra::extract::CookieJar;
use chrono::Duration;
use keystead_identity::{Actor, Opaque};
use keystead_tenants::platform::{RefreshOutcome, Session, SessionScope};
use secrecy::ExposeSecret;

use super::{TokensOut, tokens, wire::RefreshIn};
use crate::{
    app::App,
    http::{Body, Fresh, Problem, Problems, Visitor},
};

/// Refresh a session.
///
/// A refresh token is good once. Presenting a used one again within ten seconds gives the same successor, for clients that
/// lost the answer; later it ends the session with `session-ended`, because somebody else may hold it.
#[utoipa::path(post, path = "/refresh", tag = "sessions", operation_id = "refresh_session",
    request_body = RefreshIn, security(()),
    responses((status = 200, body = TokensOut), Problems), extensions(("x-permission" = json!("public"))))]
pub(super) async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    fresh: Fresh,
    headers: HeaderMap,
    jar: CookieJar,
    Body { input, .. }: Body<RefreshIn>,
) -> Result<Response, Problem> {
    app.limits.anonymous(&visitor.0)?;
    let (presented, browser) = presented(&headers, &jar, &input)?;
    let hash = Opaque::hash(&presented).ok_or_else(ended)?;
    let (successor, successor_hash) = Opaque::successor(Opaque::REFRESH, &app.root.derive("api/refresh"), &presented);
    let now = fresh.now();
    let platform = app.db.platform();
    let session = match platform.rotate_refresh(&hash, &successor_hash, now).await? {
        RefreshOutcome::Rotated(session) => session,
        RefreshOutcome::Reused(session) => {
            tracing::warn!(session = %session, "a used refresh token was presented: session ended");
            return Err(ended());
        }
        RefreshOutcome::Refused => return Err(ended()),
    };
    let session = platform.session(session, now).await?.ok_or_else(ended)?;
    let access_token = tokens::access(&app, actor(&session), session.id, &fresh)?;
    Ok(tokens::answer(browser, access_token, successor, Duration::days(7)))
}

fn ended() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "session-ended", "The session has ended; log in again")
}

pub(super) fn actor(session: &Session) -> Actor {
    match &session.scope {
        SessionScope::Tenant { grant, .. } => Actor::Member { tenant: grant.tenant(), member: grant.member() },
        SessionScope::Operator => Actor::Operator { identity: session.identity },
    }
}

/// The token from the body, or from the cookie if the browser says that our own page asks.
fn presented(headers: &HeaderMap, jar: &CookieJar, input: &RefreshIn) -> Result<(String, bool), Problem> {
    if let Some(token) = &input.refresh_token {
        return Ok((token.expose_secret().to_owned(), false));
    }
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if !matches!(site, None | Some("same-origin" | "none")) {
        return Err(Problem::forbidden().log("a refresh from another site"));
    }
    let cookie = jar.get(tokens::REFRESH_COOKIE).ok_or_else(ended)?;
    Ok((cookie.value().to_owned(), true))
}
