//! The page behind the link in the mail. Opening it changes nothing, because mail scanners open links; the button does.

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use keystead_tenants::platform::SignupState;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::verify::verified;
use crate::{app::App, http::Visitor};

#[derive(Deserialize)]
struct Link {
    token: SecretString,
}

/// The page's routes.
pub(crate) fn pages() -> Router<App> {
    Router::new().route("/verify-email", get(ask).post(confirm))
}

async fn ask(Query(link): Query<Link>) -> Response {
    // Tokens have no character that HTML or a URL would need escaped; anything else is no token.
    let token = link.token.expose_secret();
    if !token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return page(StatusCode::NOT_FOUND, "This link is not valid", "");
    }
    let form = format!(
        "<form method=\"post\" action=\"/verify-email\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <button>Confirm my address</button></form>"
    );
    page(StatusCode::OK, "Confirm your e-mail address", &form)
}

async fn confirm(State(app): State<App>, visitor: Visitor, Form(link): Form<Link>) -> Response {
    if let Err(problem) = app.limits.anonymous(&visitor.0) {
        return page(problem.status(), "Too many requests; try again in a minute", "");
    }
    match verified(&app, link.token.expose_secret()).await {
        Ok(signup) if signup.state == SignupState::Approved => {
            page(StatusCode::OK, "Your workspace is ready", "<p>You can log in now.</p>")
        }
        Ok(_) => page(
            StatusCode::OK,
            "Thank you",
            "<p>Your address is confirmed. We tell you by mail as soon as your workspace is ready.</p>",
        ),
        Err(problem) => {
            page(problem.status(), "This link is not valid any more", "<p>Sign up again to get a new one.</p>")
        }
    }
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}\
        button{font:inherit;padding:.6rem 1.2rem;border-radius:.4rem;border:0;background:#1c5d3a;color:#fff;cursor:pointer}";
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    );
    let mut response = (status, Html(html)).into_response();
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}
