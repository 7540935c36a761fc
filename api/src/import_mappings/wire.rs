//! Import mappings on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::import_mapping;
use keystead_ids::MappingId;
use keystead_sheets::{Mapping, MappingError, MappingFault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{FieldCode, FieldError, Problem, Text};

/// A mapping to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingIn {
    /// What people call it; unique in the tenant.
    pub name: Text<1, 100>,
    /// From columns to the fields of a home.
    pub mapping: Mapping,
}

impl MappingIn {
    /// The mapping as it is stored.
    pub(super) fn checked(&self) -> Result<Value, Problem> {
        self.mapping.check().map_err(|error| faults(&error))?;
        serde_json::to_value(&self.mapping).map_err(|_| Problem::internal("a mapping does not serialise"))
    }
}

/// A saved mapping.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MappingOut {
    /// Its id.
    pub id: MappingId,
    /// Its name.
    pub name: String,
    /// From columns to the fields of a home.
    #[schema(value_type = Mapping)]
    pub mapping: Value,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<import_mapping::Model> for MappingOut {
    fn from(row: import_mapping::Model) -> Self {
        let import_mapping::Model { id, name, mapping, created_at, .. } = row;
        Self { id, name, mapping, created_at }
    }
}

fn faults(error: &MappingError) -> Problem {
    let field = |fault: &MappingFault| FieldError {
        pointer: pointer(fault),
        code: FieldCode::Malformed,
        message: fault.to_string(),
    };
    Problem::fields(error.faults.iter().map(field).collect())
}

fn pointer(fault: &MappingFault) -> String {
    match fault {
        MappingFault::Unmapped(field)
        | MappingFault::BadTemplate(field)
        | MappingFault::BadSource(field)
        | MappingFault::MissingColumn { field, .. } => format!("/mapping/columns/{field}"),
        MappingFault::BadEmptyValues => "/mapping/empty_values".to_owned(),
    }
}
