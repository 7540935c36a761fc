//! A release phase.

use keystead_ids::{PhaseId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A release phase.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "phases")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PhaseId,
    /// Project id.
    pub project_id: ProjectId,
    /// Name.
    pub name: String,
    /// Released at.
    pub released_at: Option<DateTimeUtc>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
