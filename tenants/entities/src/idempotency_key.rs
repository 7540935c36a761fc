//! The answer to a write that may be repeated.

use keystead_ids::{MemberId, TenantId};
use sea_orm::entity::prelude::*;

/// The answer to a write that may be repeated.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "idempotency_keys")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Member id.
    pub member_id: MemberId,
    /// Key.
    pub key: String,
    /// Fingerprint.
    pub fingerprint: Vec<u8>,
    /// Status.
    pub status: i16,
    /// Body.
    pub body: Json,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
