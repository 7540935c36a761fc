//! Elevations on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::elevation;
use keystead_ids::{ElevationId, PlanId, ProjectId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{Text, patch};

/// An elevation to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElevationIn {
    /// The project that offers the plan.
    pub project_id: ProjectId,
    /// The plan that it is a façade of.
    pub plan_id: PlanId,
    /// Its code; unique in the plan.
    pub code: Text<1, 60>,
    /// The name that buyers know.
    pub name: Text<1, 100>,
}

/// What may change about an elevation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElevationPatch {
    /// A new code.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub code: Option<Text<1, 60>>,
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 100>>,
}

/// Which elevations to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ElevationFilters {
    /// The project.
    pub project_id: ProjectId,
    /// Only those of this plan.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
}

/// An elevation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ElevationOut {
    /// Its id.
    pub id: ElevationId,
    /// The project that offers the plan.
    pub project_id: ProjectId,
    /// The plan that it is a façade of.
    pub plan_id: PlanId,
    /// Its code.
    pub code: String,
    /// The name that buyers know.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<elevation::Model> for ElevationOut {
    fn from(row: elevation::Model) -> Self {
        let elevation::Model { id, project_id, plan_id, code, name, created_at, .. } = row;
        Self { id, project_id, plan_id, code, name, created_at }
    }
}
