//! A buyer's own data key, wrapped. Its id is the buyer's.

use keystead_ids::{ContactId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A buyer's own data key, wrapped. Its id is the buyer's.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "subject_keys")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    /// Project id.
    pub project_id: ProjectId,
    /// Key version.
    pub key_version: i32,
    /// Wrapped; none when the person was erased.
    pub wrapped: Option<Vec<u8>>,
    /// What wraps it: nothing (0), the tenant's key (1), that and the person's share (2).
    pub wrapping: i16,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
