//! Every query of the slice.

use keystead_entities::elevation::{ActiveModel, COLUMN, Entity, Model};
use keystead_ids::ElevationId;
use keystead_tenants::{
    Refused, TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use super::ElevationFilters;
use crate::http::{FieldCode, Paging, Problem};

pub(super) async fn find(tx: &TenantTx, id: ElevationId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: ElevationId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Oldest first: the order in which a project is laid out.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<ElevationFilters>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find().filter(COLUMN.project_id.eq(paging.filters.project_id));
    if let Some(plan) = paging.filters.plan_id {
        query = query.filter(COLUMN.plan_id.eq(plan));
    }
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.gt(ElevationId(after)));
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
            Problem::conflict("elevation-code-taken", "Another elevation of the plan has this code")
        }
        // The key to plans leads through the project.
        Some(refusal) if refusal.is_missing_reference() => {
            Problem::field("/plan_id", FieldCode::Unknown, "is not a plan of the project")
        }
        _ => error.into(),
    }
}
