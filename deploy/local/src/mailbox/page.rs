//! The mails as a page, as text and as JSON.

use std::fmt::Write as _;

use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::store::{Store, StoredMail};

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
}

pub(super) async fn serve(listener: TcpListener, store: Store) {
    let app = Router::new()
        .route("/", get(list))
        .route("/api/mails", get(list_as_json))
        .route("/mails/{id}", get(read))
        .route("/api/refusals/{address}", put(refuse).delete(take_again))
        .layer(middleware::from_fn(only_local))
        .with_state(store);
    if let Err(error) = axum::serve(listener, app).await {
        tracing::warn!(%error, "the page of the mailbox ended");
    }
}

/// Mails hold invitation links. A foreign web page that lets its name resolve to 127.0.0.1 must not read them.
async fn only_local(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

async fn list(State(store): State<Store>, Query(filter): Query<Filter>) -> Response {
    match store.list(filter.to.as_deref()) {
        Ok(mails) => Html(page(&mails)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn list_as_json(State(store): State<Store>, Query(filter): Query<Filter>) -> Response {
    match store.list(filter.to.as_deref()) {
        Ok(mails) => Json(mails).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn refuse(State(store): State<Store>, Path(address): Path<String>) -> StatusCode {
    store.refuse(&address, true);
    StatusCode::NO_CONTENT
}

async fn take_again(State(store): State<Store>, Path(address): Path<String>) -> StatusCode {
    store.refuse(&address, false);
    StatusCode::NO_CONTENT
}

async fn read(State(store): State<Store>, Path(id): Path<String>) -> Response {
    match store.read(&id) {
        Some(mail) => as_text(&mail).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn as_text(mail: &StoredMail) -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    let StoredMail { to, subject, text, received_at, .. } = mail;
    (headers, format!("To: {to}\nSubject: {subject}\nReceived: {received_at}\n\n{text}"))
}

fn page(mails: &[StoredMail]) -> String {
    let mut rows = String::new();
    for mail in mails {
        let (at, to, subject) = (escaped(&mail.received_at), escaped(&mail.to), escaped(&mail.subject));
        let _ = writeln!(
            rows,
            "<article><h2><a href=\"/mails/{}\">{subject}</a></h2><p>{at} to <b>{to}</b></p><pre>{}</pre></article>",
            mail.id,
            linked(&mail.text)
        );
    }
    if rows.is_empty() {
        rows.push_str("<p>No mail yet. Whatever the platform sends arrives here.</p>");
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"5\"><style>\
         body{{font:15px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em}}\
         article{{border-top:1px solid #ccc}}h2{{font-size:1.1em}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}\
         </style></head><body><h1>Mailbox</h1>\n{rows}</body></html>\n"
    )
}

/// Escapes the text and makes its web addresses clickable.
fn linked(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let link = word.trim_end();
            let is_link = link.starts_with("http://") || link.starts_with("https://");
            let safe = escaped(link);
            let space = &word[link.len()..];
            if is_link { format!("<a href=\"{safe}\">{safe}</a>{space}") } else { format!("{safe}{space}") }
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::{StoredMail, page};

    #[test]
    fn mails_cannot_bring_markup() {
        let html = page(&[StoredMail {
            id: "1-1".into(),
            to: "<i>ada@builder.test".into(),
            subject: "<script>".into(),
            text: "see https://x.test/?a=1&b=\"2\" <b>\nbye".into(),
            received_at: "now".into(),
        }]);
        assert!(!html.contains("<script>") && !html.contains("<i>") && !html.contains("<b>\n"), "{html}");
        assert!(html.contains("<a href=\"https://x.test/?a=1&amp;b=&quot;2&quot;\">"), "{html}");
    }
}
