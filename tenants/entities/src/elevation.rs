//! An elevation of a plan.

use keystead_ids::{ElevationId, PlanId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// An elevation of a plan.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "elevations")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ElevationId,
    /// Project id.
    pub project_id: ProjectId,
    /// Plan id.
    pub plan_id: PlanId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
