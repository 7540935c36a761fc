//! Who may speak to a cell: edges, by their signature (docs/adr/0007). What an edge says about a request is believed; what
//! anybody else says in the same words is refused.
//!
//! The signature makes nobody a user: the access token is verified here again.

use std::time::Duration;

use aws_lc_rs::digest::{Context as Digest, SHA256};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
};
use futures::{StreamExt as _, stream::try_unfold};
use keystead_edge::{
    headers::speaks_for_us,
    public,
    sign::{self, BodyMark, EdgeKey, SignatureError, Vouch, WINDOW},
};
use keystead_ids::{RequestId, TenantId};
use moka::sync::Cache;

use super::Problem;
use crate::app::App;

const SIGNATURE: HeaderName = HeaderName::from_static(sign::HEADER);

/// Whom this cell believes.
pub struct Origin {
    keys: Vec<EdgeKey>,
    only_edges: bool,
    nonces: Cache<[u8; 16], ()>,
}

/// What an edge says about a request.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The request's id.
    pub(super) request: RequestId,
    /// Who called the edge.
    pub(super) address: std::net::IpAddr,
    /// The tenant that the edge routed for, with its host label.
    pub(super) tenant: Option<(TenantId, String)>,
}

impl Origin {
    /// Believes who signs with one of `keys`, and with `only_edges` nobody else.
    #[must_use]
    pub fn new(keys: Vec<EdgeKey>, only_edges: bool) -> Self {
        // Older numbers are refused by their time.
        let life = Duration::from_secs(2 * WINDOW.unsigned_abs() + 5);
        Self { keys, only_edges, nonces: Cache::builder().max_capacity(2_000_000).time_to_live(life).build() }
    }

    /// How many numbers of edges are remembered.
    pub(crate) fn cached(&self) -> u64 {
        self.nonces.run_pending_tasks();
        self.nonces.entry_count()
    }

    /// Looks at a request before anything else does. Takes the edge's word for host, caller's address and tenant.
    ///
    /// # Errors
    /// 403 for who is no edge, always in the same words; 421 for a tenant that is not here, or not any more.
    pub(super) async fn admit(&self, app: &App, request: Request) -> Result<(Request, Option<Signed>), Problem> {
        let (mut parts, body) = request.into_parts();
        let Some(value) = only(&parts.headers) else {
            let open = !self.only_edges && !parts.headers.contains_key(SIGNATURE);
            return if open || is_probe(&parts) {
                Ok((Request::from_parts(parts, body), None))
            } else {
                Err(no_edge("unsigned"))
            };
        };
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let now = app.clock.now();
        let said = sign::verify(&self.keys, parts.method.as_str(), target, value, now.timestamp()).map_err(refused)?;
        self.refuse_forged(&parts.headers, &said)?;
        self.first_use(app, &parts.method, &said).await?;
        let body = checked_body(&parts, body, said.body)?;
        let tenant = here(app, &said).await?;
        parts.headers.remove(SIGNATURE);
        let host = HeaderValue::from_str(&said.host).map_err(|_| no_edge("host"))?;
        parts.headers.insert(header::HOST, host);
        let signed = Signed { request: said.request, address: said.address, tenant };
        Ok((Request::from_parts(parts, body), Some(signed)))
    }

    /// An edge has stripped what only edges say, so it comes from somebody else; and the token is the one that it saw.
    fn refuse_forged(&self, headers: &HeaderMap, said: &Vouch) -> Result<(), Problem> {
        let forged = headers.keys().any(|name| name != SIGNATURE && speaks_for_us(name.as_str()));
        let mut credentials = headers.get_all(header::AUTHORIZATION).iter();
        let subject = credentials.next().map(|value| sign::digest(value.as_bytes()));
        if forged || subject != said.subject || credentials.next().is_some() {
            return Err(no_edge("forged"));
        }
        Ok(())
    }

    /// A request is good once: in this process always, and for writes in the whole cell.
    async fn first_use(&self, app: &App, method: &Method, said: &Vouch) -> Result<(), Problem> {
        if !self.nonces.entry(said.nonce).or_insert(()).is_fresh() {
            return Err(no_edge("replayed"));
        }
        if method.is_safe() || app.db.platform().first_use(&said.nonce, app.clock.now()).await? {
            return Ok(());
        }
        Err(no_edge("replayed"))
    }
}

/// The one value of the header.
fn only(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(SIGNATURE).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Load balancers and collectors of figures ask the cell itself.
fn is_probe(parts: &Parts) -> bool {
    parts.method == Method::GET && matches!(parts.uri.path(), "/health/live" | "/health/ready" | "/metrics")
}

/// Constant: who is no edge learns nothing about what was wrong.
fn no_edge(reason: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not-from-edge", "This address is not for clients")
        .log(format!("origin: {reason}"))
}

fn refused(error: SignatureError) -> Problem {
    no_edge(&error.to_string())
}

/// Is the request for this cell, and did the edge know where its tenant is?
async fn here(app: &App, said: &Vouch) -> Result<Option<(TenantId, String)>, Problem> {
    let misdirected = |epoch| {
        Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", "This tenant is not here").directory_epoch(epoch)
    };
    if said.cell != app.config.cell {
        return Err(misdirected(0));
    }
    let Some(tenant) = said.tenant else { return Ok(None) };
    let directory = app.routing.at_least(app, said.epoch).await?;
    let slug = directory.slug(tenant, said.epoch).ok_or_else(|| misdirected(directory.epoch))?;
    Ok(Some((tenant, slug.to_owned())))
}

fn checked_body(parts: &Parts, body: Body, mark: BodyMark) -> Result<Body, Problem> {
    match mark {
        BodyMark::None if announces_none(&parts.headers) => Ok(body),
        BodyMark::None => Err(no_edge("body")),
        BodyMark::Stream if public::streams(parts.method.as_str(), parts.uri.path()) => Ok(body),
        BodyMark::Stream => Err(no_edge("stream")),
        BodyMark::Digest(sum) => Ok(digested(body, sum)),
    }
}

/// A request without either field has no body (RFC 9112, 6.3).
fn announces_none(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    !headers.contains_key(header::TRANSFER_ENCODING) && length.is_none_or(|length| length == "0")
}

/// A body whose digest is known: another one breaks off at its end, so that nobody takes it for whole.
fn digested(body: Body, sum: [u8; 32]) -> Body {
    let state = (body.into_data_stream(), Digest::new(&SHA256));
    Body::from_stream(try_unfold(state, move |(mut body, mut seen)| async move {
        match body.next().await {
            Some(Ok(bytes)) => {
                seen.update(&bytes);
                Ok(Some((bytes, (body, seen))))
            }
            Some(Err(error)) => Err(error),
            None if seen.finish().as_ref() == sum => Ok(None),
            None => Err(axum::Error::new("the body is not the one that was signed")),
        }
    }))
}
