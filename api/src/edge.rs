//! What edges ask a cell for: whom to route where, and whom not to let in any more. Both are signed, because an edge believes
//! nothing that merely arrived.
//!
//! These routes are for edges: through an edge nobody reaches them, and a cell that trusts only edges answers nobody else.

mod directory;
mod documents;
mod revocations;

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::DateTime;
use serde::Deserialize;

use crate::{app::App, http::Problem};
pub(crate) use directory::Routing;
pub use documents::{Documents, edge_config, edge_keys};

/// Routes for edges, outside the documented API.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/edge/directory", get(directory)).route("/edge/revocations", get(revocations))
}

#[derive(Deserialize)]
struct Known {
    epoch: Option<u64>,
}

/// The directory, or nothing if the edge has it.
async fn directory(State(app): State<App>, Query(known): Query<Known>) -> Result<Response, Problem> {
    let directory = app.routing.newest(&app).await?;
    if known.epoch == Some(directory.epoch) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    document(app.documents.sign(keystead_edge::directory::TYPE, &directory.snapshot)?)
}

#[derive(Deserialize)]
struct Since {
    since: Option<i64>,
}

/// What was revoked, from a little before `since` on.
async fn revocations(State(app): State<App>, Query(Since { since }): Query<Since>) -> Result<Response, Problem> {
    let since = since.and_then(DateTime::from_timestamp_millis);
    document(app.documents.sign(keystead_edge::revocation::TYPE, &revocations::feed(&app, since).await?)?)
}

fn document(text: String) -> Result<Response, Problem> {
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/jose"))], text).into_response())
}
