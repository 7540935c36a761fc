//! Delete a mapping.

use axum::http::StatusCode;
use keystead_ids::MappingId;

use super::store;
use crate::http::{ManageUnits, PathOf, Problem, Problems, Tx};

/// Delete an import mapping.
///
/// Imports that began with it are not touched.
#[utoipa::path(delete, path = "/{id}", tag = "imports", operation_id = "delete_import_mapping",
    params(("id" = MappingId, Path)),
    responses((status = 204), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn delete(tx: Tx<ManageUnits>, PathOf(id): PathOf<MappingId>) -> Result<StatusCode, Problem> {
    if !store::delete(&tx, id).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
