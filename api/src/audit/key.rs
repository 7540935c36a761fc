//! Read the key that signs checkpoints.

use axum::{Json, extract::State};

use super::KeyOut;
use crate::{
    app::App,
    http::{Problem, Problems, ReadAudit, Tx},
};

/// Read the key that signs checkpoints.
///
/// Keep it apart from us: with it, and no service of ours, `keystead audit verify --key` shows that the checkpoints of an export
/// are those that were signed. It stays the same until the key is replaced; what was signed before needs the key of before.
#[utoipa::path(get, path = "/key", tag = "audit", operation_id = "read_audit_key",
    responses((status = 200, body = KeyOut), Problems), extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn key(_: Tx<ReadAudit>, State(app): State<App>) -> Result<Json<KeyOut>, Problem> {
    let signer = app.log_signer().await?;
    Ok(Json(KeyOut { key: signer.key.to_string() }))
}
