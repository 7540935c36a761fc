//! Every query of the slice. A tenant has one row.

use keystead_entities::settings::{ActiveModel, Entity, Model};
use keystead_tenants::{
    TenantTx,
    orm::{ActiveModelTrait, DbErr, EntityTrait, Find, QuerySelect},
};

pub(super) async fn find(tx: &TenantTx) -> Result<Option<Model>, DbErr> {
    Entity::find().first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx) -> Result<Option<Model>, DbErr> {
    Entity::find().lock_exclusive().first(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}
