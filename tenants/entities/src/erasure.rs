//! One erasure of a buyer.

use keystead_ids::{ContactId, ErasureId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// One erasure of a buyer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "erasures")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ErasureId,
    /// Project id.
    pub project_id: ProjectId,
    /// Contact id.
    pub contact_id: ContactId,
    /// Reason.
    pub reason: String,
    /// What was typed to confirm it.
    pub confirmation: String,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
