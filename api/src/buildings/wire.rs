//! Buildings on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::building;
use keystead_ids::{BuildingId, ProjectId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{Patch, Text, Whole, patch};

/// A building to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildingIn {
    /// The project that it stands in.
    pub project_id: ProjectId,
    /// Its name or number; unique in the project.
    pub name: Text<1, 100>,
    /// How many floors it has.
    #[serde(default)]
    pub floors: Option<Whole<i16, 1, 200>>,
}

/// What may change about a building.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildingPatch {
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 100>>,
    /// How many floors it has.
    #[serde(default)]
    pub floors: Patch<Whole<i16, 1, 200>>,
}

/// Which buildings to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BuildingFilters {
    /// The project.
    pub project_id: ProjectId,
}

/// A building.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BuildingOut {
    /// Its id.
    pub id: BuildingId,
    /// The project that it stands in.
    pub project_id: ProjectId,
    /// Its name or number.
    pub name: String,
    /// How many floors it has.
    #[schema(required)]
    pub floors: Option<i16>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<building::Model> for BuildingOut {
    fn from(row: building::Model) -> Self {
        let building::Model { id, project_id, name, floors, created_at, .. } = row;
        Self { id, project_id, name, floors, created_at }
    }
}
