//! One request: decided by the library, carried out here.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::PathBuf,
    sync::{Mutex, OnceLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{HeaderName, HeaderValue},
    http::request::Parts,
    upgrade::OnUpgrade,
};
use keystead_edge::{
    Answer, Asset, BodyRule, Decision, EPOCH_HEADER, Edge, Forward, Head, MAX_ROUNDS, Moment, Payload, Reaction,
    authority::Authority,
};
use keystead_ids::TenantId;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;

use crate::{
    files,
    refresh::Flights,
    settings::Settings,
    tunnel,
    upstream::{Body, Upstream},
};

/// What serves requests.
pub(crate) struct Host {
    pub(crate) edge: Edge,
    pub(crate) upstream: Upstream,
    pub(crate) flights: Flights,
    pub(crate) authorities: Mutex<HashMap<TenantId, Authority>>,
    pub(crate) figures: PrometheusHandle,
    keys: Vec<keystead_edge::sign::EdgeKey>,
    ui: Option<PathBuf>,
    patience: Duration,
}

impl Host {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let config = settings.config()?;
        Ok(Self {
            keys: config.keys.clone(),
            edge: Edge::new(config),
            upstream: Upstream::new(settings.origins()?),
            flights: Flights::default(),
            authorities: Mutex::default(),
            figures: figures()?,
            ui: settings.ui.clone(),
            patience: Duration::from_secs(settings.client_seconds),
        })
    }

    /// Answers a request of `address`.
    pub(crate) async fn answer(&self, request: Request<Incoming>, address: IpAddr) -> Response<Body> {
        let started = Instant::now();
        let (response, outcome) = self.served(request, address).await;
        metrics::histogram!("keystead_edge_request_seconds", "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        metrics::counter!("keystead_edge_requests", "outcome" => outcome, "status" => response.status().as_u16().to_string())
            .increment(1);
        response
    }

    async fn served(&self, mut request: Request<Incoming>, address: IpAddr) -> (Response<Body>, &'static str) {
        let caller = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        match self.decide(&parts, address).await {
            Decision::Answer(answer) => {
                let reason = answer.reason;
                (whole(*answer), reason)
            }
            Decision::Asset(asset) => (self.asset(&asset).await, "asset"),
            Decision::Forward(forward) => {
                let response = match forward.body {
                    BodyRule::None => self.whole_body(*forward, &parts, Bytes::new(), address).await,
                    BodyRule::Whole(limit) => self.read(*forward, &parts, body, limit, address).await,
                    BodyRule::Stream => self.stream(&forward, body).await,
                    BodyRule::WebSocket => self.websocket(&forward, caller).await,
                };
                (response, "forward")
            }
            // As often as there are things to refresh, and then once more: a mistake of ours, not the caller's.
            Decision::Refresh(refresh) => {
                tracing::error!(?refresh, "a decision does not come to an end");
                (respond(StatusCode::SERVICE_UNAVAILABLE, Vec::new(), full(Bytes::new())), "undecided")
            }
        }
    }

    async fn decide(&self, parts: &Parts, address: IpAddr) -> Decision {
        // An absolute target keeps its scheme, and is refused for it.
        let target = match (parts.uri.scheme(), parts.uri.path_and_query()) {
            (None, Some(target)) => target.as_str().to_owned(),
            _ => parts.uri.to_string(),
        };
        let fields: Vec<_> = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let head = Head { method: parts.method.as_str(), target: &target, fields: &fields, address };
        let moment = moment();
        for _ in 1..MAX_ROUNDS {
            match self.edge.decide(&head, &Moment { now: now(), ..moment }) {
                Decision::Refresh(refresh) => self.refresh(&refresh).await,
                decided => return decided,
            }
        }
        self.edge.decide(&head, &Moment { now: now(), ..moment })
    }

    async fn asset(&self, asset: &Asset) -> Response<Body> {
        let found = match &self.ui {
            Some(folder) => files::find(folder, asset).await,
            None => None,
        };
        let Some(found) = found else { return whole(asset.missing()) };
        let status = if found.content.is_some() { StatusCode::OK } else { StatusCode::NOT_MODIFIED };
        let content = found.content.filter(|_| !asset.head_only).unwrap_or_default();
        respond(status, found.fields, full(content))
    }

    async fn read(
        &self,
        forward: Forward,
        parts: &Parts,
        body: Incoming,
        limit: u64,
        address: IpAddr,
    ) -> Response<Body> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        match timeout(self.patience, Limited::new(body, limit).collect()).await {
            Ok(Ok(body)) => self.whole_body(forward, parts, body.to_bytes(), address).await,
            Ok(Err(error)) if error.is::<LengthLimitError>() => whole(forward.too_large()),
            Ok(Err(_)) | Err(_) => whole(forward.broken()),
        }
    }

    /// Sends a body that is at hand; once more, to where a newer directory leads, if the cell says that ours was old.
    async fn whole_body(&self, forward: Forward, parts: &Parts, body: Bytes, address: IpAddr) -> Response<Body> {
        let (mut forward, mut again) = (forward, false);
        loop {
            let Some(answer) = self.send(&forward, Payload::Whole(&body), full(body.clone())).await else {
                return whole(forward.unreachable());
            };
            let epoch = answer.headers().get(EPOCH_HEADER).and_then(|epoch| epoch.to_str().ok());
            match self.edge.judge(&forward, answer.status().as_u16(), epoch, again, now()) {
                Reaction::Pass => return passed(&forward, answer),
                Reaction::Answer(answer) => return whole(*answer),
                Reaction::Again(refresh) => self.refresh(&refresh).await,
            }
            again = true;
            match self.decide(parts, address).await {
                Decision::Forward(anew) => forward = *anew,
                Decision::Answer(answer) => return whole(*answer),
                Decision::Asset(_) | Decision::Refresh(_) => return whole(forward.unreachable()),
            }
        }
    }

    async fn stream(&self, forward: &Forward, body: Incoming) -> Response<Body> {
        let body = TimeoutBody::new(self.patience, body).boxed();
        match self.send(forward, Payload::Stream, body).await {
            Some(answer) => self.once(forward, answer),
            None => whole(forward.unreachable()),
        }
    }

    async fn websocket(&self, forward: &Forward, caller: OnUpgrade) -> Response<Body> {
        let Some(answer) = self.send(forward, Payload::None, full(Bytes::new())).await else {
            return whole(forward.unreachable());
        };
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return self.once(forward, answer);
        }
        let mut fields = finished(forward, &answer);
        fields.extend([("connection", "upgrade"), ("upgrade", "websocket")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        tunnel::join(caller, answer);
        respond(StatusCode::SWITCHING_PROTOCOLS, fields, full(Bytes::new()))
    }

    /// The answer to what cannot be sent twice.
    fn once(&self, forward: &Forward, answer: Response<Incoming>) -> Response<Body> {
        match self.edge.judge(forward, answer.status().as_u16(), None, true, now()) {
            Reaction::Answer(answer) => whole(*answer),
            Reaction::Pass | Reaction::Again(_) => passed(forward, answer),
        }
    }

    async fn send(&self, forward: &Forward, payload: Payload<'_>, body: Body) -> Option<Response<Incoming>> {
        let mut fields = forward.headers(&self.keys, payload, &moment()).ok()?;
        if forward.body == BodyRule::WebSocket {
            fields.extend([("connection", "upgrade"), ("upgrade", "websocket")].map(|(n, v)| (n.to_owned(), v.into())));
        }
        self.upstream.send(&forward.cell, forward.method(), forward.target(), forward.host(), fields, body).await
    }
}

/// The cell's answer, its body passed on while it arrives.
fn passed(forward: &Forward, answer: Response<Incoming>) -> Response<Body> {
    let (status, fields) = (answer.status(), finished(forward, &answer));
    respond(status, fields, answer.into_body().map_err(Into::into).boxed())
}

fn finished(forward: &Forward, answer: &Response<Incoming>) -> Vec<(String, String)> {
    let fields = answer.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    forward.finish(answer.status().as_u16(), fields)
}

fn whole(answer: Answer) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    respond(status, answer.fields, full(answer.body.into()))
}

fn respond(status: StatusCode, fields: Vec<(String, String)>, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in fields {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn full(content: Bytes) -> Body {
    if content.is_empty() {
        return Empty::new().map_err(|never| match never {}).boxed();
    }
    Full::new(content).map_err(|never| match never {}).boxed()
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn moment() -> Moment {
    let mut entropy = [0; 32];
    // Without randomness an id repeats, and the cell refuses the second request with it.
    let _ = aws_lc_rs::rand::fill(&mut entropy);
    let now = now();
    Moment { now, began: now, entropy }
}

/// The process's one recorder: a second edge in the same process shares it.
fn figures() -> anyhow::Result<PrometheusHandle> {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = FIGURES.get() {
        return Ok(handle.clone());
    }
    let recorder =
        PrometheusBuilder::new().set_buckets(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0])?;
    let recorder = recorder.build_recorder();
    let handle = recorder.handle();
    // In a test the server's own recorder is there already, and counts for both.
    let _taken = metrics::set_global_recorder(recorder).context("a recorder is installed already");
    Ok(FIGURES.get_or_init(|| handle).clone())
}
