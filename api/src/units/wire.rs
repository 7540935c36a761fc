//! Homes on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::unit;
use keystead_ids::{BuildingId, ElevationId, PhaseId, PlanId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::UnitRow;
use crate::http::{FieldCode, Money, Patch, Problem, Text, Whole, patch};

/// A home to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitIn {
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The phase with which it is released.
    pub phase_id: PhaseId,
    /// The building that it is in.
    #[serde(default)]
    pub building_id: Option<BuildingId>,
    /// Its plan.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// Its elevation, which is one of its plan's.
    #[serde(default)]
    pub elevation_id: Option<ElevationId>,
    /// Its unit or lot number; unique in the project.
    pub number: Text<1, 60>,
    /// The floor that it is on; 0 is the ground.
    #[serde(default)]
    pub floor: Option<Whole<i16, -20, 200>>,
    /// Its postal address.
    #[serde(default)]
    pub address: Option<Text<1, 300>>,
    /// The assessor's parcel number.
    #[serde(default)]
    pub parcel: Option<Text<1, 60>>,
    /// Bedrooms, where they differ from the plan's or there is no plan.
    #[serde(default)]
    pub bedrooms: Option<Whole<i16, 0, 50>>,
    /// Living area in square feet, where it differs from the plan's or there is no plan.
    #[serde(default)]
    pub square_feet: Option<Whole<i32, 1, 1_000_000>>,
    /// The price, in the project's currency.
    pub price: Money,
    /// Why it is kept from sale.
    #[serde(default)]
    pub not_for_sale_reason: Option<Text<1, 200>>,
}

/// What may change about a home.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitPatch {
    /// Another phase of the project.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub phase_id: Option<PhaseId>,
    /// The building that it is in.
    #[serde(default)]
    pub building_id: Patch<BuildingId>,
    /// Its plan.
    #[serde(default)]
    pub plan_id: Patch<PlanId>,
    /// Its elevation, which is one of its plan's.
    #[serde(default)]
    pub elevation_id: Patch<ElevationId>,
    /// A new number.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub number: Option<Text<1, 60>>,
    /// The floor that it is on.
    #[serde(default)]
    pub floor: Patch<Whole<i16, -20, 200>>,
    /// Its postal address.
    #[serde(default)]
    pub address: Patch<Text<1, 300>>,
    /// The assessor's parcel number.
    #[serde(default)]
    pub parcel: Patch<Text<1, 60>>,
    /// Bedrooms, where they differ from the plan's.
    #[serde(default)]
    pub bedrooms: Patch<Whole<i16, 0, 50>>,
    /// Living area in square feet, where it differs from the plan's.
    #[serde(default)]
    pub square_feet: Patch<Whole<i32, 1, 1_000_000>>,
    /// A new price, in the project's currency. Contracts that exist keep theirs.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub price: Option<Money>,
    /// Why it is kept from sale; null puts it on sale again.
    #[serde(default)]
    pub not_for_sale_reason: Patch<Text<1, 200>>,
}

/// Which homes to list. Filters combine: a home matches all of them.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UnitFilters {
    /// Homes of this project.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// Homes of this phase.
    #[serde(default)]
    pub phase_id: Option<PhaseId>,
    /// Homes in this building.
    #[serde(default)]
    pub building_id: Option<BuildingId>,
    /// Homes of this plan.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// Homes that stand here.
    #[serde(default)]
    pub status: Option<Status>,
    /// Homes with exactly this number.
    #[serde(default)]
    pub number: Option<Text<1, 60>>,
}

/// Where a home stands on its way to being sold. Derived, never typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A contract is being drawn up.
    Offer,
    /// A contract is approved and waits for signatures.
    PendingSignature,
    /// Kept from sale, for a reason.
    NotForSale,
    /// Its phase is not released yet.
    Unreleased,
    /// For sale.
    Available,
}

impl Status {
    const ALL: [Self; 5] = [Self::Offer, Self::PendingSignature, Self::NotForSale, Self::Unreleased, Self::Available];

    /// The name in the API and in queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::PendingSignature => "pending_signature",
            Self::NotForSale => "not_for_sale",
            Self::Unreleased => "unreleased",
            Self::Available => "available",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A home.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UnitOut {
    /// Its id.
    pub id: UnitId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The phase with which it is released.
    pub phase_id: PhaseId,
    /// The building that it is in.
    #[schema(required)]
    pub building_id: Option<BuildingId>,
    /// Its plan.
    #[schema(required)]
    pub plan_id: Option<PlanId>,
    /// Its elevation.
    #[schema(required)]
    pub elevation_id: Option<ElevationId>,
    /// Its unit or lot number.
    pub number: String,
    /// The floor that it is on.
    #[schema(required)]
    pub floor: Option<i16>,
    /// Its postal address.
    #[schema(required)]
    pub address: Option<String>,
    /// The assessor's parcel number.
    #[schema(required)]
    pub parcel: Option<String>,
    /// Bedrooms, where they differ from the plan's.
    #[schema(required)]
    pub bedrooms: Option<i16>,
    /// Living area in square feet, where it differs from the plan's.
    #[schema(required)]
    pub square_feet: Option<i32>,
    /// The price.
    pub price: Money,
    /// Where it stands.
    pub status: Status,
    /// Why it is kept from sale.
    #[schema(required)]
    pub not_for_sale_reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<UnitRow> for UnitOut {
    fn from(UnitRow { unit, status }: UnitRow) -> Self {
        let unit::Model { id, project_id, phase_id, building_id, plan_id, elevation_id, .. } = unit;
        let unit::Model { number, floor, address, parcel, bedrooms, square_feet, not_for_sale_reason, .. } = unit;
        Self {
            id,
            project_id,
            phase_id,
            building_id,
            plan_id,
            elevation_id,
            number,
            floor,
            address,
            parcel,
            bedrooms,
            square_feet,
            price: Money { amount_minor: unit.price_minor, currency: unit.currency },
            status,
            not_for_sale_reason,
            created_at: unit.created_at,
        }
    }
}

/// An elevation means nothing without its plan. That it is that plan's is for the database to say.
pub(super) fn elevation_has_plan(elevation: Option<ElevationId>, plan: Option<PlanId>) -> Result<(), Problem> {
    match (elevation, plan) {
        (Some(_), None) => Err(Problem::field("/elevation_id", FieldCode::Contradicts, "needs a plan")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{IntoDeserializer, value::Error};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_name_of_a_status_is_its_wire_form() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(status));
            let read: Result<Status, Error> = Status::deserialize(status.name().into_deserializer());
            assert_eq!(read.expect("reads"), status);
        }
        assert_eq!(Status::from_name("sold"), None);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let named = |query: &str| {
            let pairs = serde_html_form::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
            let read: Result<UnitFilters, _> = serde_path_to_error::deserialize(pairs);
            read.err().map(|error| error.path().to_string())
        };
        assert_eq!(named("status=available&number=12"), None);
        assert_eq!(named(""), None);
        assert_eq!(named("status=sold").as_deref(), Some("status"));
        assert_eq!(named("number=%00").as_deref(), Some("number"));
        assert_eq!(named("plan_id=prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6").as_deref(), Some("plan_id"));
        assert!(named("colour=red").is_some());
    }

    #[test]
    fn an_elevation_needs_a_plan() {
        let (elevation, plan) = (ElevationId(Uuid::from_u128(1)), PlanId(Uuid::from_u128(2)));
        assert!(elevation_has_plan(Some(elevation), None).is_err());
        assert!(elevation_has_plan(Some(elevation), Some(plan)).is_ok());
        assert!(elevation_has_plan(None, None).is_ok());
    }
}
