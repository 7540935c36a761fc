//! A person's membership in the tenant.

use keystead_ids::{IdentityId, MemberId, RoleId, TenantId};
use sea_orm::entity::prelude::*;

/// A person's membership in the tenant.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "members")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// Identity id.
    pub identity_id: IdentityId,
    /// Name.
    pub name: String,
    /// Email.
    pub email: String,
    /// Role id.
    pub role_id: RoleId,
    /// All projects.
    pub all_projects: bool,
    /// State.
    pub state: String,
    /// Language and region of this person's choice.
    pub locale: Option<String>,
    /// Time zone of this person's choice.
    pub time_zone: Option<String>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
