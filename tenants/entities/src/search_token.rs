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
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Project id.
    pub project_id: ProjectId,
    /// Contact id.
    pub contact_id: ContactId,
    /// Field.
    pub field: i16,
    /// Token.
    pub token: i64,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
