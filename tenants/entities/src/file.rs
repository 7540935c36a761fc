//! An uploaded file.

use keystead_ids::{FileId, PlanId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// An uploaded file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "files")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    /// Project id.
    pub project_id: ProjectId,
    /// Plan id.
    pub plan_id: Option<PlanId>,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Content type.
    pub content_type: String,
    /// Length.
    pub length: i64,
    /// Sha256.
    pub sha256: Vec<u8>,
    /// Storage key.
    pub storage_key: String,
    /// State.
    pub state: String,
    /// Rejected because.
    pub rejected_because: Option<String>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
