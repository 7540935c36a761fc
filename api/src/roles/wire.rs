//! Roles on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::role;
use keystead_ids::{Permission, RoleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{Text, patch};

/// What may change about a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolePatch {
    /// A new name for people.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub title: Option<Text<1, 100>>,
    /// Everything that the role allows from now on.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub permissions: Option<Vec<Permission>>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleOut {
    /// Its id.
    pub id: RoleId,
    /// Its stable name, as in `sales_agent`.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// What it allows.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<role::Model> for RoleOut {
    fn from(row: role::Model) -> Self {
        let role::Model { id, key, title, permissions, created_at, .. } = row;
        Self { id, key, title, permissions, created_at }
    }
}

/// A role as others mention it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleRef {
    /// Its id.
    pub id: RoleId,
    /// Its stable name.
    pub key: String,
    /// Its name for people.
    pub title: String,
}

impl From<&role::Model> for RoleRef {
    fn from(row: &role::Model) -> Self {
        Self { id: row.id, key: row.key.clone(), title: row.title.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_permission_is_refused() {
        let read = |body| serde_json::from_value::<RolePatch>(body);
        assert!(read(json!({"permissions": ["units.read", "contacts.reveal"]})).is_ok());
        for bad in [json!({"permissions": ["units.fly"]}), json!({"permissions": null}), json!({"key": "boss"})] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
