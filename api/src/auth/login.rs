//! Log in.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use chrono::Duration;
use keystead_identity::{Actor, Opaque};
use keystead_ids::{MemberId, SessionId, Slug, TenantHost, TenantId};
use keystead_tenants::platform::{Attempt, Identity, NewSession, TenantState};

use super::{LoginIn, TokensOut, device, password_problem, tokens, too_many_failures, wire::ClientKind};
use crate::{
    app::App,
    http::{Body, Fresh, Problem, Problems, Visitor},
};

/// Log in.
///
/// Fails with `login-failed` whatever is wrong, and with `too-many-failures` after repeated failures for one address.
#[utoipa::path(post, path = "/login", tag = "sessions", operation_id = "log_in", request_body = LoginIn, security(()),
    responses((status = 200, body = TokensOut), Problems), extensions(("x-permission" = json!("public"))))]
pub(super) async fn login(
    State(app): State<App>,
    visitor: Visitor,
    fresh: Fresh,
    headers: HeaderMap,
    Body { input, .. }: Body<LoginIn>,
) -> Result<Response, Problem> {
    app.limits.anonymous(&visitor.0)?;
    let wanted = wanted_tenant(&app, &visitor, &headers, input.tenant.as_deref())?;
    let now = fresh.now();
    let platform = app.db.platform();
    let identity = match platform.take_attempt(input.email.as_str(), now).await? {
        Attempt::Allowed(identity) => identity,
        Attempt::Wait(until) => return Err(too_many_failures(until, now)),
    };
    let stored = identity.as_ref().map(|identity| identity.password_hash.as_str());
    let verdict = app.passwords.verify(stored, &input.password).await.map_err(|error| password_problem(&error))?;
    let identity = identity.filter(|_| verdict.ok).ok_or_else(failed)?;
    let (actor, lifetime) = seat(&app, &identity, wanted).await?.ok_or_else(failed)?;
    let rehashed = if verdict.needs_rehash { app.passwords.hash(&input.password).await.ok() } else { None };
    platform.attempt_succeeded(&identity, rehashed.as_deref()).await?;

    let (refresh_token, refresh_hash) =
        Opaque::mint(Opaque::REFRESH).map_err(|error| Problem::internal(error.to_string()))?;
    let session: SessionId = fresh.id();
    let member = match actor {
        Actor::Member { tenant, member } => Some((tenant, member)),
        Actor::Operator { .. } => None,
    };
    let new = NewSession {
        id: session,
        identity: identity.id,
        password_version: identity.password_version,
        member,
        refresh_hash,
        expires_at: now + lifetime.absolute,
        idle: lifetime.idle,
        user_agent: device::user_agent(&headers),
        network: visitor.0.address().map(device::network),
    };
    if !platform.open_session(&new, now).await? {
        return Err(failed());
    }
    let access_token = tokens::access(&app, actor, session, &fresh)?;
    Ok(tokens::answer(input.client == ClientKind::Browser, access_token, refresh_token, lifetime.absolute))
}

fn failed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "login-failed", "Address, password or tenant is wrong")
}

/// How long a session lasts.
struct Lifetime {
    idle: Duration,
    absolute: Duration,
}

impl Lifetime {
    /// Who can do more is asked for the password more often.
    const fn of(powerful: bool) -> Self {
        let (minutes, hours) = if powerful { (15, 8) } else { (30, 7 * 24) };
        Self { idle: Duration::minutes(minutes), absolute: Duration::hours(hours) }
    }
}

/// The tenant that the host or the body names; both must agree.
fn wanted_tenant(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
    named: Option<&str>,
) -> Result<Option<Slug>, Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = named.map(str::parse::<Slug>).transpose().map_err(|_| failed())?;
    let routed = visitor.0.routed().and_then(|(_, slug)| slug.parse().ok()).map(TenantHost::Tenant);
    match (routed.unwrap_or_else(|| app.hosts.read(host)), named) {
        (TenantHost::Unknown, _) => Err(Problem::not_found()),
        (TenantHost::Platform, named) => Ok(named),
        (TenantHost::Tenant(host), Some(named)) if host != named => Err(failed()),
        (TenantHost::Tenant(host), _) => Ok(Some(host)),
    }
}

/// Where the person may sit down: in the tenant as an active member, or at the console as an operator.
async fn seat(app: &App, identity: &Identity, wanted: Option<Slug>) -> Result<Option<(Actor, Lifetime)>, Problem> {
    let Some(slug) = wanted else {
        let operator = Actor::Operator { identity: identity.id };
        return Ok(identity.is_operator.then(|| (operator, Lifetime::of(true))));
    };
    let Some((tenant, member, role)) = membership(app, identity, &slug).await? else { return Ok(None) };
    Ok(Some((Actor::Member { tenant, member }, Lifetime::of(role == "admin"))))
}

async fn membership(
    app: &App,
    identity: &Identity,
    slug: &Slug,
) -> Result<Option<(TenantId, MemberId, String)>, Problem> {
    let platform = app.db.platform();
    let Some(tenant) = platform.tenant_by_slug(slug).await?.filter(|tenant| tenant.state == TenantState::Active) else {
        return Ok(None);
    };
    let membership = platform.membership(tenant.id, identity.id).await?.filter(|membership| membership.active);
    Ok(membership.map(|membership| (tenant.id, membership.member, membership.role)))
}
