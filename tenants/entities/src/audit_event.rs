//! An entry of the audit trail; read only.

use keystead_ids::{EventId, ProjectId, RequestId, TenantId};
use sea_orm::{FromQueryResult, entity::prelude::*};

/// An entry of the audit trail; read only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "audit", table_name = "events")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// At.
    pub at: DateTimeUtc,
    /// Actor kind.
    pub actor_kind: String,
    /// Actor id.
    pub actor_id: Uuid,
    /// Action.
    pub action: String,
    /// Object kind.
    pub object_kind: String,
    /// Object id.
    pub object_id: Uuid,
    /// Project id.
    pub project_id: Option<ProjectId>,
    /// Request id.
    pub request_id: RequestId,
    /// Before.
    pub before: Option<Json>,
    /// After.
    pub after: Option<Json>,
    /// N.
    pub n: Option<i64>,
    /// Hash.
    pub hash: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// An event as the chain holds it, for exports.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Link {
    /// Its number.
    pub n: i64,
    /// Its link of the chain.
    pub hash: Vec<u8>,
    /// The exact text that the hash covers: `audit.leaf`.
    pub leaf: String,
}
