//! One request: its id, what becomes known about it, and the line in the log.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State},
    http::{Extensions, HeaderName, HeaderValue, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use keystead_ids::{IdentityId, MemberId, RequestId, TenantId};
use keystead_tenants::Outcome;

use super::{Problem, Signed, limits::Remaining};
use crate::app::App;

tokio::task_local! {
    static REQUEST: RequestId;
}

/// The id of the request at hand, for problems.
pub(super) fn current_id() -> String {
    REQUEST.try_with(ToString::to_string).unwrap_or_default()
}

/// What becomes known while a request is served.
#[derive(Debug, Clone)]
pub struct RequestInfo(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    id: RequestId,
    address: Option<std::net::IpAddr>,
    tenant: Option<(TenantId, String)>,
    known: Mutex<Known>,
}

impl Shared {
    /// With an edge's word for id, address and tenant, where an edge spoke.
    fn new(app: &App, peer: Option<std::net::IpAddr>, signed: Option<Signed>) -> Self {
        let known = Mutex::default();
        match signed {
            Some(Signed { request, address, tenant }) => Self { id: request, address: Some(address), tenant, known },
            None => Self { id: app.clock.id(), address: peer, tenant: None, known },
        }
    }
}

#[derive(Debug, Default)]
struct Known {
    tenant: Option<TenantId>,
    member: Option<MemberId>,
    operator: Option<IdentityId>,
    outcome: Option<Outcome>,
    remaining: Option<Remaining>,
}

impl RequestInfo {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> RequestId {
        self.0.id
    }

    /// Who is at the other end of the connection.
    #[must_use]
    pub fn address(&self) -> Option<std::net::IpAddr> {
        self.0.address
    }

    /// The tenant that an edge routed for, with its host label; `None` if no edge did, or for none.
    #[must_use]
    pub fn routed(&self) -> Option<&(TenantId, String)> {
        self.0.tenant.as_ref()
    }

    /// Remembers who calls.
    pub fn is_member(&self, tenant: TenantId, member: MemberId) {
        let mut known = self.known();
        (known.tenant, known.member) = (Some(tenant), Some(member));
    }

    /// Remembers that an operator calls.
    pub fn is_operator(&self, operator: IdentityId) {
        self.known().operator = Some(operator);
    }

    /// Remembers the transaction, so that no answer acknowledges what was not committed.
    pub fn watch(&self, outcome: Outcome) {
        self.known().outcome = Some(outcome);
    }

    /// Remembers what is left of the caller's quota.
    pub fn quota(&self, remaining: Remaining) {
        self.known().remaining = Some(remaining);
    }
}

/// What only this request has: time and new ids, for handlers.
#[derive(Debug, Clone)]
pub struct Fresh(pub keystead_tenants::Clock);

impl axum::extract::FromRequestParts<App> for Fresh {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut axum::http::request::Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(app.clock.clone()))
    }
}

impl std::ops::Deref for Fresh {
    type Target = keystead_tenants::Clock;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Whoever calls, with or without a session: for what anybody may ask.
#[derive(Debug, Clone)]
pub struct Visitor(pub RequestInfo);

impl axum::extract::FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &App) -> Result<Self, Problem> {
        super::caller::info(parts).map(Self)
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The path as it was asked for. A nested router sees its own part of it only, which is the same for many resources.
pub(super) fn whole_path<'r>(extensions: &'r Extensions, uri: &'r Uri) -> &'r str {
    extensions.get::<OriginalUri>().map_or(uri, |original| &original.0).path()
}

/// The outermost layer: id, log line, figures, security headers.
pub async fn track(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let method = request.method().clone();
    // The template, never the path: ids in logs are enough, and a query string may hold anything.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let (admitted, signed) = match app.origin.admit(&app, request).await {
        Ok((request, signed)) => (Ok(request), signed),
        Err(problem) => (Err(problem), None),
    };
    let info = RequestInfo(Arc::new(Shared::new(&app, peer, signed)));

    let response = REQUEST.scope(info.id(), async {
        let mut request = match admitted {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
        request.extensions_mut().insert(info.clone());
        let response = next.run(request).await;
        refuse_lost_writes(&info, response)
    });
    let mut response = response.await;

    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let known = info.known();
    tracing::info!(
        request = %info.id(),
        tenant = known.tenant.map(tracing::field::display),
        member = known.member.map(tracing::field::display),
        operator = known.operator.map(tracing::field::display),
        method = %method,
        route,
        status,
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    metrics::histogram!("keystead_request_seconds", "method" => method.to_string(), "route" => route, "status" => status.to_string())
        .record(elapsed.as_secs_f64());
    let headers = response.headers_mut();
    if let Some(remaining) = &known.remaining {
        remaining.write(headers);
    }
    if let Ok(id) = HeaderValue::from_str(&info.id().to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// A handler that wrote and did not commit must not be believed.
fn refuse_lost_writes(info: &RequestInfo, response: Response) -> Response {
    let lost = info.known().outcome.as_ref().is_some_and(Outcome::lost_writes);
    if lost && response.status().is_success() {
        return Problem::internal("a handler answered with success and left its writes uncommitted").into_response();
    }
    response
}
