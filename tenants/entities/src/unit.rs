//! A home.

use keystead_ids::{BuildingId, ElevationId, PhaseId, PlanId, ProjectId, TenantId, UnitId};
use sea_orm::entity::prelude::*;

/// A home.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "units")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UnitId,
    /// Project id.
    pub project_id: ProjectId,
    /// Phase id.
    pub phase_id: PhaseId,
    /// Building id.
    pub building_id: Option<BuildingId>,
    /// Plan id.
    pub plan_id: Option<PlanId>,
    /// Elevation id.
    pub elevation_id: Option<ElevationId>,
    /// Number.
    pub number: String,
    /// Floor.
    pub floor: Option<i16>,
    /// Address.
    pub address: Option<String>,
    /// Parcel.
    pub parcel: Option<String>,
    /// Bedrooms.
    pub bedrooms: Option<i16>,
    /// Square feet.
    pub square_feet: Option<i32>,
    /// Price minor.
    pub price_minor: i64,
    /// Currency.
    pub currency: String,
    /// Not for sale reason.
    pub not_for_sale_reason: Option<String>,
    /// Sale stage.
    pub sale_stage: Option<String>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
