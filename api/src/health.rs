//! Is it alive, can it serve, what does it count, and which keys does it sign with?

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::{Value, json};

use crate::{app::App, signups};

/// With less free space than this the server does not call itself ready.
const MIN_FREE_BYTES: u64 = 256 * 1024 * 1024;

/// Operational routes, outside the documented API.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/health/live", get(|| async { Json(json!({ "status": "live" })) }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(|State(app): State<App>| async move { app.figures.render() }))
        .route("/.well-known/jwks.json", get(jwks))
        .merge(signups::pages())
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let (database, kms, files) = tokio::join!(app.db.platform().ping(), app.keys.kms().health(), app.blobs.health());
    let disk = fs4::available_space(&app.config.state_folder).is_ok_and(|free| free >= MIN_FREE_BYTES);
    let checks = [("database", database.is_ok()), ("kms", kms.is_ok()), ("files", files.is_ok()), ("disk", disk)];
    let ready = checks.iter().all(|(_, good)| *good);
    let named: serde_json::Map<String, Value> =
        checks.iter().map(|(name, good)| ((*name).to_owned(), json!(if *good { "up" } else { "down" }))).collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "status": if ready { "ready" } else { "not ready" }, "checks": named })))
}

async fn jwks(State(app): State<App>) -> impl IntoResponse {
    ([(axum::http::header::CACHE_CONTROL, "public, max-age=300")], Json(app.ring().jwks()))
}
