//! Read the settings.

use super::{SettingsOut, store};
use crate::http::{OrNotFound, Problem, Problems, ReadSettings, Tx, Versioned};

/// Read the tenant's settings.
#[utoipa::path(get, path = "/", tag = "settings", operation_id = "read_settings",
    responses((status = 200, body = SettingsOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("settings.read"))))]
pub(super) async fn read(tx: Tx<ReadSettings>) -> Result<Versioned<SettingsOut>, Problem> {
    let row = store::find(&tx).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
