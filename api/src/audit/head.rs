//! Read the chain's head.

use axum::Json;

use super::{HeadOut, store};
use crate::http::{Problem, Problems, ReadAudit, Tx};

/// Read where the audit chain stands.
///
/// Keep it: an export that is verified later must contain this event with this hash.
#[utoipa::path(get, path = "/head", tag = "audit", operation_id = "read_audit_head",
    responses((status = 200, body = HeadOut), Problems), extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn head(tx: Tx<ReadAudit>) -> Result<Json<HeadOut>, Problem> {
    let head = store::head(&tx, tx.tenant()).await?;
    Ok(Json(HeadOut { n: head.n, hash: head.hash.to_string() }))
}
