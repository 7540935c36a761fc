//! Every query of the slice.

use keystead_entities::project::{ActiveModel, COLUMN, Column, Entity, Model};
use keystead_ids::ProjectId;
use keystead_tenants::{
    TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, ExprTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{http::Paging, search::Sought};

pub(crate) async fn find(tx: &TenantTx, id: ProjectId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: ProjectId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(ProjectId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

/// Whose code or name has the text, by code.
pub(crate) async fn search(tx: &TenantTx, sought: &Sought) -> Result<Vec<Model>, DbErr> {
    let within = sought.within((Entity, Column::Code)).or(sought.within((Entity, Column::Name)));
    Entity::find().filter(within).order_by_asc(COLUMN.code).limit(sought.limit()).rows(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}
