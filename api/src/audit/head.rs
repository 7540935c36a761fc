//! Read the chain's head.

use axum::Json;
use futures::try_join;

use super::{CheckpointOut, HeadOut, store};
use crate::http::{Problem, Problems, ReadAudit, Tx};

/// Read where the audit chain stands.
///
/// Keep it, and the checkpoint: an export that is verified later must contain these events with these hashes.
#[utoipa::path(get, path = "/head", tag = "audit", operation_id = "read_audit_head",
    responses((status = 200, body = HeadOut), Problems), extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn head(tx: Tx<ReadAudit>) -> Result<Json<HeadOut>, Problem> {
    let (head, mut signed) = try_join!(store::head(&tx, tx.tenant()), store::signed(&tx, i64::MAX, 1))?;
    let checkpoint = signed.pop().map(|proof| CheckpointOut {
        n: proof.statement.n.cast_signed(),
        hash: proof.statement.hash.to_string(),
        at: proof.statement.at,
        proof: proof.to_string(),
    });
    Ok(Json(HeadOut { n: head.n, hash: head.hash.to_string(), checkpoint }))
}
