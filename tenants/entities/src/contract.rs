//! A home-sale contract.

use keystead_ids::{ContractId, MemberId, ProjectId, TenantId, UnitId};
use sea_orm::entity::prelude::*;

/// A home-sale contract.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "app", table_name = "contracts")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    /// Project id.
    pub project_id: ProjectId,
    /// Unit id.
    pub unit_id: UnitId,
    /// Number.
    pub number: i32,
    /// State.
    pub state: String,
    /// List price minor.
    pub list_price_minor: i64,
    /// Price minor.
    pub price_minor: i64,
    /// Currency.
    pub currency: String,
    /// Created by.
    pub created_by: MemberId,
    /// Submitted by.
    pub submitted_by: Option<MemberId>,
    /// Submitted at.
    pub submitted_at: Option<DateTimeUtc>,
    /// Approved by.
    pub approved_by: Option<MemberId>,
    /// Approved at.
    pub approved_at: Option<DateTimeUtc>,
    /// Cancelled by.
    pub cancelled_by: Option<MemberId>,
    /// Cancelled at.
    pub cancelled_at: Option<DateTimeUtc>,
    /// Cancel reason.
    pub cancel_reason: Option<String>,
    /// Cancel note.
    pub cancel_note: Option<String>,
    /// Rises with every change; the ETag.
    pub row_version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
