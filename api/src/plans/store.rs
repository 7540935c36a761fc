//! Every query of the slice.

use keystead_entities::plan::{ActiveModel, COLUMN, Column, Entity, Model};
use keystead_ids::PlanId;
use keystead_tenants::{
    Refused, TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, ExprTrait, Find, QueryFilter, QueryOrder, QuerySelect},
};

use super::PlanFilters;
use crate::{
    http::{Paging, Problem},
    search::Sought,
};

pub(crate) async fn find(tx: &TenantTx, id: PlanId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: PlanId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Oldest first: the order in which a project is laid out.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<PlanFilters>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find().filter(COLUMN.project_id.eq(paging.filters.project_id));
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.gt(PlanId(after)));
    }
    query.order_by_asc(COLUMN.id).limit(paging.fetch()).rows(tx).await
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

/// Why the database did not take a row.
pub(super) fn refused(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_duplicate() => {
            Problem::conflict("plan-code-taken", "Another plan of the project has this code")
        }
        _ => error.into(),
    }
}
