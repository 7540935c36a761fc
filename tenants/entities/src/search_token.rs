//! A keyed hash of a part of a name.

use keystead_ids::{ContactId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A keyed hash of a part of a name.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "search_tokens")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Project id.
    pub project_id: ProjectId,
    /// Contact id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
    /// Field.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: i16,
    /// Token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: i64,
}

impl ActiveModelBehavior for ActiveModel {}
