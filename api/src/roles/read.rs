//! Read a role.

use keystead_ids::RoleId;

use super::{RoleOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadSettings, Tx, Versioned};

/// Read a role.
#[utoipa::path(get, path = "/{id}", tag = "roles", operation_id = "read_role", params(("id" = RoleId, Path)),
    responses((status = 200, body = RoleOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("settings.read"))))]
pub(super) async fn read(tx: Tx<ReadSettings>, PathOf(id): PathOf<RoleId>) -> Result<Versioned<RoleOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
