//! How far a tenant's audit chain had come, as it was signed; read only.

use keystead_ids::TenantId;
use sea_orm::entity::prelude::*;

/// How far a tenant's audit chain had come, as it was signed; read only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "audit", table_name = "checkpoints")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// How many events were chained.
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    /// The hash of the last one.
    pub hash: Vec<u8>,
    /// When it was stated.
    pub at: DateTimeUtc,
    /// The leaf hash of the statement before it; zeros for the first.
    pub previous: Vec<u8>,
    /// The entry's place in the cell's log, once it is signed.
    pub position: Option<i64>,
    /// Its inclusion proof, 32 bytes a node.
    pub path: Option<Vec<u8>>,
    /// The log's signed checkpoint.
    pub note: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
