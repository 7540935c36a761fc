//! A floor plan.

use keystead_ids::{PlanId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A floor plan.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "plans")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    /// Project id.
    pub project_id: ProjectId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Bedrooms.
    pub bedrooms: Option<i16>,
    /// Bathrooms.
    pub bathrooms: Option<i16>,
    /// Half bathrooms.
    pub half_bathrooms: Option<i16>,
    /// Square feet.
    pub square_feet: Option<i32>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
