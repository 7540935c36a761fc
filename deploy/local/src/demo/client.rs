//! A client of the API that says what was refused.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Body, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// Nothing that the demo asks for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The API, as nobody or as somebody who logged in.
#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Api {
    /// The API at `base`, as nobody.
    pub(super) fn new(base: &str) -> Result<Self> {
        // A proxy of the environment must not be asked for a loopback address.
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { http, base: base.to_owned(), token: None })
    }

    /// The same API with a session, or `None` when the login is refused. Without a tenant it is an operator's.
    pub(super) async fn log_in(&self, tenant: Option<&str>, email: &str, password: &str) -> Result<Option<Self>> {
        let body = json!({ "tenant": tenant, "email": email, "password": password, "client": "native" });
        let (status, tokens) = self.try_post("/v1/auth/login", &body).await?;
        if status == StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        let tokens = accepted("/v1/auth/login", status, tokens)?;
        let token = tokens["access_token"].as_str().context("a login without a token")?;
        Ok(Some(Self { token: Some(token.to_owned()), ..self.clone() }))
    }

    /// The items of a list that fits on one page.
    pub(super) async fn list(&self, path: &str, filters: &[(&str, &str)]) -> Result<Vec<Value>> {
        let request = self.http.get(self.url(path)).query(filters).query(&[("limit", "200")]);
        let (status, mut page) = self.send(request).await?;
        page = accepted(path, status, page)?;
        match page["items"].take() {
            Value::Array(items) => Ok(items),
            _ => bail!("{path} is no list"),
        }
    }

    /// Posts JSON and insists that it is accepted.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let (status, answer) = self.try_post(path, body).await?;
        accepted(path, status, answer)
    }

    /// Posts JSON; whatever the answer, it is the caller's to judge.
    pub(super) async fn try_post(&self, path: &str, body: &Value) -> Result<(StatusCode, Value)> {
        self.send(self.http.post(self.url(path)).json(body)).await
    }

    /// Posts a spreadsheet and insists that it is accepted.
    pub(super) async fn post_csv(&self, path: &str, query: &[(&str, &str)], csv: &'static str) -> Result<Value> {
        let request = self.http.post(self.url(path)).query(query).header("content-type", "text/csv").body(csv);
        let (status, answer) = self.send(request).await?;
        accepted(path, status, answer)
    }

    /// Sends a presigned upload: to the storage, so without our token.
    pub(super) async fn upload(&self, signed: &Value, bytes: &'static [u8]) -> Result<()> {
        let url = signed["url"].as_str().context("an upload without a URL")?;
        let mut request = self.http.put(url).body(Body::from(bytes));
        for (name, value) in signed["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let status = request.send().await?.status();
        if status.is_success() { Ok(()) } else { bail!("the storage refuses the upload ({status})") }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Value)> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response: Response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }
}

/// The answer, or an error with the problem's own words.
pub(super) fn accepted(path: &str, status: StatusCode, answer: Value) -> Result<Value> {
    if status.is_success() {
        return Ok(answer);
    }
    let title = answer["title"].as_str().unwrap_or("no problem document");
    let fields = answer.get("errors").map(|errors| format!(" {errors}")).unwrap_or_default();
    bail!("{path} answers {status}: {title}{fields}")
}

/// The `id` of what the API answers.
pub(super) fn id(answer: &Value) -> Result<String> {
    Ok(answer["id"].as_str().context("an answer without an id")?.to_owned())
}
