//! Plans on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::plan;
use keystead_ids::{PlanId, ProjectId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{Patch, Text, Whole, patch};

/// A plan to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanIn {
    /// The project that offers it.
    pub project_id: ProjectId,
    /// Its code; unique in the project.
    pub code: Text<1, 60>,
    /// The name that buyers know.
    pub name: Text<1, 100>,
    /// Bedrooms.
    #[serde(default)]
    pub bedrooms: Option<Whole<i16, 0, 50>>,
    /// Full bathrooms.
    #[serde(default)]
    pub bathrooms: Option<Whole<i16, 0, 50>>,
    /// Bathrooms without bath or shower.
    #[serde(default)]
    pub half_bathrooms: Option<Whole<i16, 0, 50>>,
    /// Living area, in square feet.
    #[serde(default)]
    pub square_feet: Option<Whole<i32, 1, 1_000_000>>,
}

/// What may change about a plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPatch {
    /// A new code.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub code: Option<Text<1, 60>>,
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 100>>,
    /// Bedrooms.
    #[serde(default)]
    pub bedrooms: Patch<Whole<i16, 0, 50>>,
    /// Full bathrooms.
    #[serde(default)]
    pub bathrooms: Patch<Whole<i16, 0, 50>>,
    /// Bathrooms without bath or shower.
    #[serde(default)]
    pub half_bathrooms: Patch<Whole<i16, 0, 50>>,
    /// Living area, in square feet.
    #[serde(default)]
    pub square_feet: Patch<Whole<i32, 1, 1_000_000>>,
}

/// Which plans to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PlanFilters {
    /// The project.
    pub project_id: ProjectId,
}

/// A plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PlanOut {
    /// Its id.
    pub id: PlanId,
    /// The project that offers it.
    pub project_id: ProjectId,
    /// Its code.
    pub code: String,
    /// The name that buyers know.
    pub name: String,
    /// Bedrooms.
    #[schema(required)]
    pub bedrooms: Option<i16>,
    /// Full bathrooms.
    #[schema(required)]
    pub bathrooms: Option<i16>,
    /// Bathrooms without bath or shower.
    #[schema(required)]
    pub half_bathrooms: Option<i16>,
    /// Living area, in square feet.
    #[schema(required)]
    pub square_feet: Option<i32>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<plan::Model> for PlanOut {
    fn from(row: plan::Model) -> Self {
        let plan::Model {
            id,
            project_id,
            code,
            name,
            bedrooms,
            bathrooms,
            half_bathrooms,
            square_feet,
            created_at,
            ..
        } = row;
        Self { id, project_id, code, name, bedrooms, bathrooms, half_bathrooms, square_feet, created_at }
    }
}
