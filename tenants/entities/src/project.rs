//! A community that the builder sells.

use keystead_ids::{ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A community that the builder sells.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "projects")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProjectId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Time zone.
    pub time_zone: String,
    /// Currency.
    pub currency: String,
    /// State.
    pub state: String,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
