//! One disclosure of a buyer's personal data.

use keystead_ids::{ContactId, ProjectId, RevealId, TenantId};
use sea_orm::entity::prelude::*;

/// One disclosure of a buyer's personal data.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "reveals")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RevealId,
    /// Project id.
    pub project_id: ProjectId,
    /// Contact id.
    pub contact_id: ContactId,
    /// Fields.
    pub fields: Vec<String>,
    /// Purpose.
    pub purpose: String,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
