//! Read a home.

use keystead_ids::UnitId;

use super::{UnitOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadUnits, Tx, Versioned};

/// Read a home.
#[utoipa::path(get, path = "/{id}", tag = "units", operation_id = "read_unit", params(("id" = UnitId, Path)),
    responses((status = 200, body = UnitOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("units.read"))))]
pub(super) async fn read(tx: Tx<ReadUnits>, PathOf(id): PathOf<UnitId>) -> Result<Versioned<UnitOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.unit.row_version, body: row.into() })
}
