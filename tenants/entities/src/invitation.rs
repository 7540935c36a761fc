//! An invitation to join the tenant.

use keystead_ids::{InvitationId, MemberId, RoleId, TenantId};
use sea_orm::entity::prelude::*;

/// An invitation to join the tenant.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "invitations")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// Email.
    pub email: String,
    /// Role id.
    pub role_id: RoleId,
    /// All projects.
    pub all_projects: bool,
    /// Project ids.
    pub project_ids: Vec<Uuid>,
    /// Token hash.
    pub token_hash: Vec<u8>,
    /// Invited by.
    pub invited_by: MemberId,
    /// State.
    pub state: String,
    /// Expires at.
    pub expires_at: DateTimeUtc,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
