//! Every query of the slice.

use keystead_entities::import_mapping::{ActiveModel, COLUMN, Entity, Model};
use keystead_ids::MappingId;
use keystead_tenants::{
    TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use crate::http::Paging;

pub(crate) async fn find(tx: &TenantTx, id: MappingId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(MappingId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

/// Was there one?
pub(super) async fn delete(tx: &TenantTx, id: MappingId) -> Result<bool, DbErr> {
    Ok(Entity::delete_many().filter(COLUMN.id.eq(id)).exec(tx).await?.rows_affected > 0)
}
