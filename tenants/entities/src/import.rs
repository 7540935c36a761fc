//! A run of a spreadsheet import.

use keystead_ids::{ImportId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A run of a spreadsheet import.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "imports")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    /// Project id.
    pub project_id: ProjectId,
    /// File name.
    pub file_name: String,
    /// Mapping.
    pub mapping: Json,
    /// Dry run.
    pub dry_run: bool,
    /// State.
    pub state: String,
    /// Failed because.
    pub failed_because: Option<String>,
    /// Rows read.
    pub rows_read: i64,
    /// Rows imported.
    pub rows_imported: i64,
    /// Rows refused.
    pub rows_refused: i64,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
