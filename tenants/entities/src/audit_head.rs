//! Where a tenant's audit chain stands; read only.

use keystead_ids::TenantId;
use sea_orm::entity::prelude::*;

/// Where a tenant's audit chain stands; read only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "audit", table_name = "heads")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// How many events are chained.
    pub n: i64,
    /// The hash of the last one.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
