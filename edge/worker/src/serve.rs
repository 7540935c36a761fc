//! One request from its head to its answer.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use keystead_edge::{
    Answer, Decision, Head, MAX_ROUNDS, Moment,
    public::{Class, class},
};
use worker::{
    Delay, Env, Result,
    web_sys::{Request, Response},
};

use crate::{files, forward, host, refresh, settings::Isolate};

/// The window of the `SHIELD` binding in seconds, as deploy/cloudflare configures it.
const SHIELD_WINDOW: i64 = 60;

/// A request's head, as `Head` borrows it.
pub struct Received {
    pub method: String,
    pub target: String,
    pub fields: Vec<(String, String)>,
    pub address: IpAddr,
}

/// Answers a request.
///
/// # Errors
/// When the runtime itself fails; the answer is a 500 without a word about it.
pub async fn serve(isolate: &'static Isolate, env: &Env, request: &Request) -> Result<Response> {
    let head = host::head(request.as_ref());
    let received = Received::new(request.method(), &request.url(), &head, host::has_body(request));
    let fields: Vec<(&str, &[u8])> =
        received.fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = Head { method: &received.method, target: &received.target, fields: &fields, address: received.address };
    if !shielded(env, &head).await {
        let moment = host::moment();
        return Ok(answer(&isolate.edge.shielded(&moment, SHIELD_WINDOW)));
    }
    let mut attempt = forward::Attempt::First;
    loop {
        let moment = host::moment();
        let forward = match decide(isolate, env, &head, moment).await {
            Decision::Forward(forward) => forward,
            Decision::Answer(refusal) => return Ok(answer(&refusal)),
            Decision::Asset(asset) => return files::serve(env, &asset).await,
            // More rounds than there is to refresh: whatever it is, it does not arrive.
            Decision::Refresh(_) => return Ok(answer(&isolate.edge.overtaxed(&moment))),
        };
        match forward::forward(isolate, env, request, &forward, &mut attempt).await? {
            forward::Outcome::Answer(response) => return Ok(response),
            forward::Outcome::Again(stale) => refresh::now(isolate, env, &stale).await,
        }
    }
}

async fn decide(isolate: &'static Isolate, env: &Env, head: &Head<'_>, mut moment: Moment) -> Decision {
    let mut decision = isolate.edge.decide(head, &moment);
    for _ in 1..MAX_ROUNDS {
        let Decision::Refresh(wanted) = &decision else { break };
        refresh::now(isolate, env, wanted).await;
        moment.now = host::now();
        decision = isolate.edge.decide(head, &moment);
    }
    decision
}

/// Cloudflare's approximate limiter, per location, before anything of ours is asked. It is for callers who show no token, which are
/// those that guess; the others have counters that know them.
async fn shielded(env: &Env, head: &Head<'_>) -> bool {
    let path = head.target.split('?').next().unwrap_or_default();
    let counted = path.starts_with("/v1/") && class(head.method, path) != Class::Renewal;
    if head.get("authorization").is_some() || !counted {
        return true;
    }
    let Ok(shield) = env.rate_limiter("SHIELD") else { return true };
    // It counts for nothing when it fails: the edge's own counters come next.
    shield.limit(head.address.to_string()).await.map_or(true, |outcome| outcome.success)
}

/// An answer of the edge's own.
pub fn answer(answer: &Answer) -> Response {
    host::answered(answer.status, &answer.fields, &answer.body)
}

impl Received {
    /// From what the runtime tells of a request; `head` is [`host::head`]'s.
    pub fn new(method: String, url: &str, head: &str, has_body: bool) -> Self {
        let mut lines = head.split('\n');
        let mut fields = Vec::with_capacity(24);
        while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
            apart(&mut fields, name, value);
        }
        let address = fields.iter().find(|(name, _)| name == "cf-connecting-ip");
        // Cloudflare says who calls. Without it, on a machine of one's own, all callers are one.
        let address =
            address.and_then(|(_, address)| address.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let framed = fields.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding");
        if !framed && has_body {
            // HTTP/2 has no chunks; a body without a length is one all the same.
            fields.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
        }
        Self { method, target: sendable(target(url)), fields, address }
    }
}

/// The runtime joins fields of one name with `, `. Those that may stand once, and cannot hold a comma, are taken apart again, so that
/// the checks see what came.
fn apart(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    const SINGLE: [&str; 8] = [
        "host",
        "authorization",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "upgrade",
        "origin",
    ];
    if SINGLE.contains(&name) {
        fields.extend(value.split(", ").map(|value| (name.to_owned(), value.to_owned())));
    } else {
        fields.push((name.to_owned(), value.to_owned()));
    }
}

/// The target as this runtime will send it: it spells an apostrophe in a query `%27` (URL standard, special-query percent-encode
/// set), which is the same to whoever reads it but not to a signature.
fn sendable(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) if query.contains('\'') => format!("{path}?{}", query.replace('\'', "%27")),
        _ => target.to_owned(),
    }
}

/// Path and query of a URL, as they stand there.
pub fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}

/// Waits so many milliseconds.
pub async fn pause(milliseconds: u64) {
    Delay::from(Duration::from_millis(milliseconds)).await;
}
