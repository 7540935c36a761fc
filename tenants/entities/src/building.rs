//! A building.

use keystead_ids::{BuildingId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A building.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "buildings")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BuildingId,
    /// Project id.
    pub project_id: ProjectId,
    /// Name.
    pub name: String,
    /// Floors.
    pub floors: Option<i16>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
