//! Requests that say what they expect.

use reqwest::{Method, header::HeaderMap};
use serde::Serialize;
use serde_json::Value;

/// A request to be sent.
#[must_use = "a call does nothing until it is sent"]
#[derive(Debug)]
pub struct Call {
    request: reqwest::RequestBuilder,
    what: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Call {
    /// A request without credentials.
    pub fn new(http: &reqwest::Client, method: &str, url: &str) -> Self {
        let parsed: Method = method.parse().unwrap();
        Self { request: http.request(parsed, url), what: format!("{method} {url}") }
    }

    /// With a session.
    pub fn bearer(self, token: &str) -> Self {
        Self { request: self.request.bearer_auth(token), ..self }
    }

    /// With a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With a JSON body.
    pub fn json(self, body: &impl Serialize) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    /// With any body.
    pub fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { request: self.request.header("content-type", content_type).body(body), ..self }
    }

    /// The same once more.
    pub fn again(&self) -> Self {
        Self { request: self.request.try_clone().expect("a body that is no stream"), what: self.what.clone() }
    }

    /// Sends it; whatever status comes is fine.
    pub async fn send(self) -> Answer {
        let response = self.request.send().await.unwrap_or_else(|error| panic!("{}: {error}", self.what));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_default();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }

    /// Sends it; the answer or that there was none.
    pub async fn try_send(self) -> Option<Answer> {
        let response = self.request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.ok()?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Answer { status, headers, text, json })
    }

    /// Sends it and insists on a status.
    pub async fn expect(self, status: u16) -> Answer {
        let what = self.what.clone();
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{what} answered {}", answer.text);
        answer
    }

    /// Sends it and insists on a problem: its status, the last part of its type, and a field that it names (`""` for any).
    pub async fn refused(self, status: u16, kind: &str, pointer: &str) -> Answer {
        let what = self.what.clone();
        let answer = self.expect(status).await;
        let content_type = answer.headers.get("content-type").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(content_type.as_deref(), Some("application/problem+json"), "{what}");
        assert_eq!(answer.json["type"], format!("urn:keystead:problem:{kind}"), "{what}: {}", answer.text);
        assert!(answer.json["instance"].as_str().is_some_and(|id| id.starts_with("req_")), "{what}: {}", answer.text);
        if !pointer.is_empty() {
            assert!(answer.names(pointer), "{what} should name {pointer}: {}", answer.text);
        }
        answer
    }
}

impl Answer {
    /// The `id` of the body.
    #[must_use]
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().unwrap_or_else(|| panic!("no items in {}", self.text))
    }

    /// The ETag.
    #[must_use]
    pub fn etag(&self) -> String {
        self.headers.get("etag").and_then(|value| value.to_str().ok()).expect("an ETag").to_owned()
    }

    /// Does the problem name this field?
    #[must_use]
    pub fn names(&self, pointer: &str) -> bool {
        self.json["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["pointer"] == pointer))
    }
}
