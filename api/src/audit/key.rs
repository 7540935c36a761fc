//! Read the key that signs checkpoints.

use axum::{Json, extract::State};
use keystead_keys::KeyError;

use super::KeyOut;
use crate::{
    app::App,
    http::{Problem, Problems, ReadAudit, Tx},
};

/// Read the key that signs checkpoints.
///
/// Keep it apart from us: with it, and no service of ours, `keystead audit verify --key` shows that the checkpoints of an export
/// are those that were signed. It stays the same until the key or the platform's domain is replaced; what was signed before needs
/// the key of before. Fails with `kms-unavailable` while the server has not learnt it, right after it started.
#[utoipa::path(get, path = "/key", tag = "audit", operation_id = "read_audit_key",
    responses((status = 200, body = KeyOut), Problems), extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn key(_: Tx<ReadAudit>, State(app): State<App>) -> Result<Json<KeyOut>, Problem> {
    let signer = app.known_log_signer().ok_or(KeyError::Unavailable)?;
    Ok(Json(KeyOut { key: signer.key.to_string() }))
}
