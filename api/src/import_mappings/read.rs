//! Read a mapping.

use keystead_ids::MappingId;

use super::{MappingOut, store};
use crate::http::{ManageUnits, OrNotFound, PathOf, Problem, Problems, Tx, Versioned};

/// Read an import mapping.
#[utoipa::path(get, path = "/{id}", tag = "imports", operation_id = "read_import_mapping",
    params(("id" = MappingId, Path)),
    responses((status = 200, body = MappingOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn read(tx: Tx<ManageUnits>, PathOf(id): PathOf<MappingId>) -> Result<Versioned<MappingOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
