//! A buyer; every personal field is ciphertext.

use keystead_ids::{ContactId, ProjectId, TenantId};
use sea_orm::entity::prelude::*;

/// A buyer; every personal field is ciphertext.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "contacts")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    /// Project id.
    pub project_id: ProjectId,
    /// Name.
    pub name: Option<Vec<u8>>,
    /// Email.
    pub email: Option<Vec<u8>>,
    /// Phone.
    pub phone: Option<Vec<u8>>,
    /// Address.
    pub address: Option<Vec<u8>>,
    /// Date of birth.
    pub date_of_birth: Option<Vec<u8>>,
    /// Email bidx.
    pub email_bidx: Option<Vec<u8>>,
    /// Phone bidx.
    pub phone_bidx: Option<Vec<u8>>,
    /// When the person was erased; then no personal field is left.
    pub erased_at: Option<DateTimeUtc>,
    /// When backups of before stopped opening the erased person.
    pub backups_closed_at: Option<DateTimeUtc>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
