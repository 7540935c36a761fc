//! The project that a request names.

use keystead_entities::project;
use keystead_ids::ProjectId;
use keystead_tenants::TenantTx;

use super::store;
use crate::http::{FieldCode, Problem};

/// The project that the field at `pointer` names.
///
/// # Errors
/// 422 when it does not exist, is another tenant's, or is not assigned to the caller: they look the same.
pub(crate) async fn named(tx: &TenantTx, id: ProjectId, pointer: &str) -> Result<project::Model, Problem> {
    store::find(tx, id).await?.ok_or_else(|| Problem::field(pointer, FieldCode::Unknown, "is not one of your projects"))
}
