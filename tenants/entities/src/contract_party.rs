//! A buyer's place in a contract.

use keystead_ids::{ContactId, ContractId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A buyer's place in a contract.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "contract_parties")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Project id.
    pub project_id: ProjectId,
    /// Contract id.
    pub contract_id: ContractId,
    /// Contact id.
    pub contact_id: ContactId,
    /// Role.
    pub role: String,
    /// Position.
    pub position: i16,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
