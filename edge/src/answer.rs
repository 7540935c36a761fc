//! What the edge answers by itself, and what it sees to on every answer.

use keystead_ids::RequestId;
use serde::Serialize;

use crate::limits::Told;

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its fields, names in lower case.
    pub fields: Vec<(String, String)>,
    /// Its body.
    pub body: String,
    /// Why, for figures and logs: a word or two, never a part of the request.
    pub reason: &'static str,
}

/// The kinds of problem that the edge answers with (RFC 9457).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The request is malformed, or of a shape that parsers disagree about.
    Malformed,
    /// There is no valid token.
    Unauthenticated,
    /// The token is another tenant's than the host, or a page of another site asks.
    Forbidden,
    /// No such host or page. The same for every host that is not ours.
    NotFound,
    /// The body is too large.
    TooLarge,
    /// Too many requests.
    TooMany,
    /// Nobody can tell who may what: keys, directory or counter are out of reach.
    Unavailable,
    /// The tenant is on its way to another cell.
    Moving,
    /// The cell does not answer.
    Origin,
}

impl Problem {
    const fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Malformed => (400, "malformed", "The request does not read"),
            Self::Unauthenticated => (401, "unauthenticated", "Log in to do this"),
            Self::Forbidden => (403, "forbidden", "Your role does not allow this"),
            Self::NotFound => (404, "not-found", "There is no such resource"),
            Self::TooLarge => (413, "too-large", "The body is too large"),
            Self::TooMany => (429, "too-many-requests", "Too many requests; slow down"),
            Self::Unavailable => (503, "edge-unavailable", "Not possible right now; try again soon"),
            Self::Moving => (503, "tenant-moving", "This workspace is being moved; try again soon"),
            Self::Origin => (503, "origin-unavailable", "Not possible right now; try again soon"),
        }
    }
}

#[derive(Serialize)]
struct Body<'b> {
    r#type: String,
    title: &'b str,
    status: u16,
    instance: String,
}

/// What is seen to on every answer to one request.
#[derive(Debug, Clone)]
pub struct Dress {
    /// The request's id.
    pub request: RequestId,
    /// The origin that may read the answer across sites, if it asked and may.
    pub cors: Option<String>,
    /// What the caller is told about its limit.
    pub told: Option<Told>,
    /// Browsers may be told to come by HTTPS only.
    pub secure: bool,
}

impl Dress {
    /// A problem.
    #[must_use]
    pub fn problem(&self, problem: Problem, reason: &'static str, retry_after: Option<i64>) -> Answer {
        let (status, kind, title) = problem.parts();
        // The same whatever the host: who asks for a name that is not ours learns nothing, not even an id to compare.
        let body =
            Body { r#type: format!("urn:keystead:problem:{kind}"), title, status, instance: self.request.to_string() };
        let body = serde_json::to_string(&body).unwrap_or_default();
        let mut fields = vec![("content-type".to_owned(), "application/problem+json".to_owned())];
        if let Some(seconds) = retry_after {
            fields.push(("retry-after".to_owned(), seconds.max(1).to_string()));
        }
        if status == 401 {
            fields.push(("www-authenticate".to_owned(), "Bearer".to_owned()));
        }
        self.answer(status, fields, body, reason)
    }

    /// An answer of the edge's own.
    #[must_use]
    pub fn answer(&self, status: u16, mut fields: Vec<(String, String)>, body: String, reason: &'static str) -> Answer {
        self.put_on(status, &mut fields, API_POLICY);
        Answer { status, fields, body, reason }
    }

    /// Adds what is missing to the fields of an answer. `policy` is the content security policy where the answer has none.
    pub(crate) fn put_on(&self, status: u16, fields: &mut Vec<(String, String)>, policy: &str) {
        let has = |fields: &[(String, String)], name: &str| fields.iter().any(|(field, _)| field == name);
        let mut set = |name: &str, value: String| {
            fields.retain(|(field, _)| field != name);
            fields.push((name.to_owned(), value));
        };
        set("x-request-id", self.request.to_string());
        for (name, value) in ALWAYS {
            set(name, value.to_owned());
        }
        if self.secure {
            set("strict-transport-security", "max-age=63072000; includeSubDomains".to_owned());
        }
        if let Some(told) = &self.told {
            set("ratelimit-policy", told.policy());
            set("ratelimit", told.state());
        }
        if let Some(origin) = &self.cors {
            set("access-control-allow-origin", origin.clone());
            set("access-control-expose-headers", EXPOSED.to_owned());
            vary(fields, "origin");
        }
        if !has(fields, "content-security-policy") {
            fields.push(("content-security-policy".to_owned(), policy.to_owned()));
        }
        if !has(fields, "cache-control") && status != 304 {
            fields.push(("cache-control".to_owned(), PRIVATE.to_owned()));
        }
    }
}

/// Answers of tenants are kept by nobody.
pub const PRIVATE: &str = "private, no-store";
/// JSON is not to be shown as a page.
pub const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The reference brings its own scripts and styles; the latter inline.
pub const REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// What scripts of other origins may read of an answer.
const EXPOSED: &str = "etag, location, retry-after, ratelimit, ratelimit-policy, x-request-id";

fn vary(fields: &mut Vec<(String, String)>, name: &str) {
    match fields.iter_mut().find(|(field, _)| field == "vary") {
        Some((_, value)) if value == "*" || value.split(',').any(|known| known.trim().eq_ignore_ascii_case(name)) => {}
        Some((_, value)) => *value = format!("{value}, {name}"),
        None => fields.push(("vary".to_owned(), name.to_owned())),
    }
}
