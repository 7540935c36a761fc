//! Every query of the slice.

use keystead_entities::role::{ActiveModel, COLUMN, Entity, Model};
use keystead_ids::RoleId;
use keystead_tenants::{
    TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use crate::http::Paging;

pub(crate) async fn find(tx: &TenantTx, id: RoleId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Those of `ids` that exist.
pub(crate) async fn all(tx: &TenantTx, ids: impl IntoIterator<Item = RoleId>) -> Result<Vec<Model>, DbErr> {
    let ids: Vec<RoleId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(COLUMN.id.is_in(ids)).rows(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: RoleId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(RoleId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}
