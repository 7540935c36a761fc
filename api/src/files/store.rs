//! Every query of the slice.

use keystead_entities::file::{ActiveModel, COLUMN, Entity, Model};
use keystead_ids::FileId;
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
    },
};

use super::{FileFilters, FileState};
use crate::http::Paging;

pub(super) async fn find(tx: &TenantTx, id: FileId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row: who saw its state is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: FileId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first, without those that were removed.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<FileFilters>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find().filter(COLUMN.state.ne(FileState::Removed.name()));
    if let Some(project) = paging.filters.project_id {
        query = query.filter(COLUMN.project_id.eq(project));
    }
    if let Some(plan) = paging.filters.plan_id {
        query = query.filter(COLUMN.plan_id.eq(plan));
    }
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(FileId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn set_state(
    tx: &TenantTx,
    row: &Model,
    state: FileState,
    rejected_because: Option<String>,
) -> Result<Model, DbErr> {
    let changes = ActiveModel {
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        state: Set(state.name().to_owned()),
        rejected_because: Set(rejected_because),
        ..Default::default()
    };
    changes.update(tx).await
}
