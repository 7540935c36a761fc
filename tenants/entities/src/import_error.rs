//! A row that an import refused.

use keystead_ids::{ImportId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A row that an import refused.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "import_errors")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Project id.
    pub project_id: ProjectId,
    /// Import id.
    pub import_id: ImportId,
    /// Row number.
    pub row_number: i64,
    /// Column name.
    pub column_name: Option<String>,
    /// Reason.
    pub reason: String,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
