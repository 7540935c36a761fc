//! Change the settings.

use keystead_entities::settings;
use keystead_tenants::orm::Unchanged;

use super::{SettingsOut, SettingsPatch, store};
use crate::http::{Body, IfMatch, ManageSettings, OrNotFound, Problem, Problems, Tx, Versioned, patch};

/// Change the tenant's settings.
///
/// Projects keep the time zone and currency that they were made with. Fails with `version-conflict` when the settings
/// changed since they were read.
#[utoipa::path(patch, path = "/", tag = "settings", operation_id = "update_settings",
    params(("If-Match" = String, Header)), request_body = SettingsPatch,
    responses((status = 200, body = SettingsOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("settings.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageSettings>,
    seen: IfMatch,
    Body { input, .. }: Body<SettingsPatch>,
) -> Result<Versioned<SettingsOut>, Problem> {
    let row = store::locked(&tx).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = settings::ActiveModel {
        name: patch::set(input.name, |name| name.into_string()),
        time_zone: patch::set(input.time_zone, |zone| zone),
        currency: patch::set(input.currency, |code| code),
        locale: patch::set(input.locale, |tag| tag),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
