//! Read an import.

use keystead_ids::ImportId;

use super::{ImportOut, store};
use crate::http::{ManageUnits, OrNotFound, PathOf, Problem, Problems, Tx, Versioned};

/// Read an import: how far it is, and what came of it.
#[utoipa::path(get, path = "/{id}", tag = "imports", operation_id = "read_import", params(("id" = ImportId, Path)),
    responses((status = 200, body = ImportOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn read(tx: Tx<ManageUnits>, PathOf(id): PathOf<ImportId>) -> Result<Versioned<ImportOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
