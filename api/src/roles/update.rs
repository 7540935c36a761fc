//! Change a role.

use keystead_entities::role;
use keystead_ids::{Permission, PermissionSet, PresetRole, RoleId};
use keystead_tenants::orm::Unchanged;

use super::{RoleOut, RolePatch, store};
use crate::http::{
    Body, FieldCode, IfMatch, ManageSettings, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, patch,
};

/// What the role `admin` always allows: without these, nobody could ever mend a mistake in the roles.
const KEPT_BY_ADMIN: [Permission; 4] =
    [Permission::SettingsRead, Permission::SettingsManage, Permission::MembersRead, Permission::MembersManage];

/// Change a role.
///
/// Whoever has the role has its new permissions within seconds. The role `admin` keeps the permissions to read and manage
/// settings and members. Fails with `version-conflict` when the role changed since it was read.
#[utoipa::path(patch, path = "/{id}", tag = "roles", operation_id = "update_role",
    params(("id" = RoleId, Path), ("If-Match" = String, Header)),
    request_body = RolePatch, responses((status = 200, body = RoleOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("settings.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageSettings>,
    PathOf(id): PathOf<RoleId>,
    seen: IfMatch,
    Body { input, .. }: Body<RolePatch>,
) -> Result<Versioned<RoleOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let permissions: Option<PermissionSet> = input.permissions.map(|list| list.into_iter().collect());
    if let Some(permissions) = permissions {
        may_have(&row.key, permissions)?;
    }
    let changes = role::ActiveModel {
        title: patch::set(input.title, |title| title.into_string()),
        permissions: patch::set(permissions, names),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}

/// In the catalogue's order and without repeats, so that the audit trail shows real changes only.
fn names(permissions: PermissionSet) -> Vec<String> {
    permissions.iter().map(|permission| permission.name().to_owned()).collect()
}

fn may_have(key: &str, permissions: PermissionSet) -> Result<(), Problem> {
    let kept: PermissionSet = KEPT_BY_ADMIN.into_iter().collect();
    if key != PresetRole::Admin.key() || permissions.covers(kept) {
        return Ok(());
    }
    Err(Problem::field(
        "/permissions",
        FieldCode::Contradicts,
        format!("must include {} in the role admin", names(kept).join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_cannot_be_locked_out() {
        let preset = PresetRole::Admin.permissions();
        assert!(may_have("admin", preset).is_ok());
        for lost in KEPT_BY_ADMIN {
            let rest: PermissionSet = preset.iter().filter(|permission| *permission != lost).collect();
            assert!(may_have("admin", rest).is_err(), "{lost}");
            assert!(may_have("viewer", rest).is_ok());
        }
        assert!(may_have("viewer", PermissionSet::default()).is_ok());
    }

    #[test]
    fn names_are_in_order_and_once() {
        let given = [Permission::AuditRead, Permission::UnitsRead, Permission::AuditRead];
        assert_eq!(names(given.into_iter().collect()), ["units.read", "audit.read"]);
    }
}
