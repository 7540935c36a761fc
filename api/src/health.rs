//! Is it alive, can it serve, what does it count, and which keys does it sign with?

use std::time::Duration;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::{Value, json};

use crate::app::App;

/// With less free space than this the server does not call itself ready.
const MIN_FREE_BYTES: u64 = 256 * 1024 * 1024;

/// A signed context is good for 30 s by the database's clock: with a larger difference than this, requests begin to fail.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_secs(15);

/// Operational routes, outside the documented API.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/health/live", get(|| async { Json(json!({ "status": "live" })) }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/.well-known/jwks.json", get(jwks))
}

/// One thing that the server needs.
pub(crate) struct Check {
    /// Its name.
    pub(crate) name: &'static str,
    /// Is it there and well?
    pub(crate) up: bool,
}

/// Asks everything that the server needs how it is.
pub(crate) async fn checks(app: &App) -> [Check; 5] {
    let (database, kms, files) = tokio::join!(app.db.platform().ping(), app.keys.kms().health(), app.blobs.health());
    let disk = fs4::available_space(&app.config.state_folder).is_ok_and(|free| free >= MIN_FREE_BYTES);
    let clock = database.as_ref().is_ok_and(|difference| *difference <= MAX_CLOCK_DIFFERENCE);
    [("database", database.is_ok()), ("clock", clock), ("kms", kms.is_ok()), ("files", files.is_ok()), ("disk", disk)]
        .map(|(name, up)| Check { name, up })
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let checks = checks(&app).await;
    let ready = checks.iter().all(|check| check.up);
    let named: serde_json::Map<String, Value> =
        checks.iter().map(|check| (check.name.to_owned(), json!(if check.up { "up" } else { "down" }))).collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "status": if ready { "ready" } else { "not ready" }, "checks": named })))
}

async fn metrics(State(app): State<App>) -> String {
    for (cache, entries) in app.cached().await {
        metrics::gauge!("keystead_cache_entries", "cache" => cache)
            .set(f64::from(u32::try_from(entries).unwrap_or(u32::MAX)));
    }
    app.figures.render()
}

async fn jwks(State(app): State<App>) -> impl IntoResponse {
    ([(axum::http::header::CACHE_CONTROL, "public, max-age=300")], Json(app.ring().jwks()))
}
