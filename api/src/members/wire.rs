//! Members on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::member;
use keystead_ids::{MemberId, ProjectId, RoleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{Text, patch},
    roles::RoleRef,
};

/// What may change about a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    /// Another role.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub role_id: Option<RoleId>,
    /// Whether the member works in every project.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub all_projects: Option<bool>,
    /// The projects that the member works in, instead of those before.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    #[schema(max_items = 200)]
    pub project_ids: Option<Vec<ProjectId>>,
    /// Suspended and removed members cannot log in.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub state: Option<MemberState>,
    /// The name that colleagues see.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 200>>,
}

/// Whether a member may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// May.
    Active,
    /// May not for now.
    Suspended,
    /// May no more; kept for the record.
    Removed,
}

impl MemberState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }

    pub(super) const fn why_sessions_end(self) -> &'static str {
        match self {
            Self::Active => "member readmitted",
            Self::Suspended => "member suspended",
            Self::Removed => "member removed",
        }
    }
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberOut {
    /// Their id.
    pub id: MemberId,
    /// The name that colleagues see.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    #[schema(required)]
    pub role: Option<RoleRef>,
    /// Whether they work in every project.
    pub all_projects: bool,
    /// The projects that they work in, when not in all.
    pub project_ids: Vec<ProjectId>,
    /// `active`, `suspended` or `removed`.
    pub state: String,
    /// When they joined.
    pub created_at: DateTime<Utc>,
}

impl MemberOut {
    pub(super) fn of(row: member::Model, role: Option<RoleRef>, project_ids: Vec<ProjectId>) -> Self {
        let member::Model { id, name, email, all_projects, state, created_at, .. } = row;
        Self { id, name, email, role, all_projects, project_ids, state, created_at }
    }
}
