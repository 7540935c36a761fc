//! Every query of the slice.

use keystead_entities::building::{ActiveModel, COLUMN, Entity, Model};
use keystead_ids::BuildingId;
use keystead_tenants::{
    Refused, TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use super::BuildingFilters;
use crate::http::{Paging, Problem};

pub(crate) async fn find(tx: &TenantTx, id: BuildingId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: BuildingId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Oldest first: the order in which a project is laid out.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<BuildingFilters>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find().filter(COLUMN.project_id.eq(paging.filters.project_id));
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.gt(BuildingId(after)));
    }
    query.order_by_asc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}

/// Why the database did not take a row.
pub(super) fn refused(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_duplicate() => {
            Problem::conflict("building-name-taken", "Another building of the project has this name")
        }
        _ => error.into(),
    }
}
