//! A key-encryption key, wrapped by the tenant's KMS key.

use keystead_ids::TenantId;
use sea_orm::entity::prelude::*;

/// A key-encryption key, wrapped by the tenant's KMS key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "tenant_keys")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Purpose.
    pub purpose: String,
    /// Version.
    pub version: i32,
    /// Kms key.
    pub kms_key: String,
    /// Wrapped.
    pub wrapped: Vec<u8>,
    /// State.
    pub state: String,
    /// Where the tree of shares is, once there was one; of PII keys only.
    pub shares: Option<String>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
