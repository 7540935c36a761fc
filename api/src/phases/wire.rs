//! Phases on the wire.

use chrono::{DateTime, Datelike, Utc};
use keystead_entities::phase;
use keystead_ids::{PhaseId, ProjectId};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::{
    document,
    http::{Patch, Text, patch},
};

/// A phase to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseIn {
    /// The project that it is a part of.
    pub project_id: ProjectId,
    /// Its name; unique in the project.
    pub name: Text<1, 100>,
    /// When its homes go on sale; a time to come plans the release. Not released without one.
    #[serde(default)]
    pub released_at: Option<ReleaseTime>,
}

/// What may change about a phase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhasePatch {
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 100>>,
    /// When its homes go on sale; null takes them off sale.
    #[serde(default)]
    pub released_at: Patch<ReleaseTime>,
}

/// Which phases to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PhaseFilters {
    /// The project.
    pub project_id: ProjectId,
}

/// A phase.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PhaseOut {
    /// Its id.
    pub id: PhaseId,
    /// The project that it is a part of.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// When its homes went, or will go, on sale; null while they are not to.
    #[schema(required)]
    pub released_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<phase::Model> for PhaseOut {
    fn from(row: phase::Model) -> Self {
        let phase::Model { id, project_id, name, released_at, created_at, .. } = row;
        Self { id, project_id, name, released_at, created_at }
    }
}

/// A moment with a year of four digits: RFC 3339 writes no other, and the database does not hold all that chrono reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseTime(DateTime<Utc>);

impl ReleaseTime {
    /// The moment.
    #[must_use]
    pub const fn get(self) -> DateTime<Utc> {
        self.0
    }
}

impl<'de> Deserialize<'de> for ReleaseTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let at = DateTime::<Utc>::deserialize(deserializer)?;
        if (1..=9999).contains(&at.year()) {
            Ok(Self(at))
        } else {
            Err(D::Error::custom("must be a year from 0001 to 9999"))
        }
    }
}

impl PartialSchema for ReleaseTime {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).extensions(document::inline()).into()
    }
}

impl ToSchema for ReleaseTime {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_tells_absent_from_null_from_a_time() {
        let read = |value| serde_json::from_value::<PhasePatch>(value).map(|patch| patch.released_at);
        let noon = DateTime::from_timestamp(1_750_000_000, 0).expect("time");
        assert_eq!(read(json!({})).expect("absent"), Patch::Absent);
        assert_eq!(read(json!({"released_at": null})).expect("null"), Patch::Null);
        assert_eq!(read(json!({"released_at": noon})).expect("a time"), Patch::Value(ReleaseTime(noon)));
    }

    #[test]
    fn times_that_the_database_cannot_hold_are_refused() {
        for bad in ["-5000-01-01T00:00:00Z", "+200000-01-01T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01", "soon"] {
            assert!(serde_json::from_value::<ReleaseTime>(json!(bad)).is_err(), "{bad}");
        }
    }
}
