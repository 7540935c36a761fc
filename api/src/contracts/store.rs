//! Every query of the slice.

use keystead_entities::{
    contract::{ActiveModel, COLUMN, Column, Entity, Model},
    contract_party, unit,
};
use keystead_ids::{ContractId, UnitId};
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, Condition, DbErr, EntityName, EntityTrait, Expr, ExprTrait, Find, JoinType,
        Query, QueryFilter, QueryOrder, QuerySelect, sea_query::SelectStatement,
    },
};

use super::ContractFilters;
use crate::{http::Paging, search::Sought};

/// A contract with its home, which is missing for those who may not see homes.
pub(crate) type Row = (Model, Option<unit::Model>);

macro_rules! with_units {
    ($query:expr) => {{
        let home = Entity::belongs_to(unit::Entity)
            .from((Column::TenantId, Column::UnitId))
            .to((unit::Column::TenantId, unit::Column::Id));
        $query.join(JoinType::LeftJoin, home.into()).select_also(unit::Entity)
    }};
}

pub(super) async fn find(tx: &TenantTx, id: ContractId) -> Result<Option<Row>, DbErr> {
    with_units!(Entity::find().filter(COLUMN.id.eq(id))).first(tx).await
}

/// Locks the row, so that whoever checked its state is the one who moves it.
pub(super) async fn locked(tx: &TenantTx, id: ContractId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<ContractFilters>) -> Result<Vec<Row>, DbErr> {
    let ContractFilters { project_id, unit_id, state } = &paging.filters;
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(ContractId(after)));
    }
    if let Some(project) = project_id {
        query = query.filter(COLUMN.project_id.eq(*project));
    }
    if let Some(unit) = unit_id {
        query = query.filter(COLUMN.unit_id.eq(*unit));
    }
    if let Some(state) = state {
        query = query.filter(COLUMN.state.eq(state.name()));
    }
    let query = query.order_by_desc(COLUMN.id).limit(paging.fetch());
    with_units!(query).rows(tx).await
}

/// With this number, or on a home with it; newest first.
pub(crate) async fn search(tx: &TenantTx, sought: &Sought) -> Result<Vec<Row>, DbErr> {
    let numbered = Condition::any()
        .add_option(sought.number().map(|number| COLUMN.number.eq(number)))
        .add(Expr::col((unit::Entity, unit::Column::Number)).eq(sought.text()));
    with_units!(Entity::find().filter(numbered).order_by_desc(COLUMN.id).limit(sought.limit())).rows(tx).await
}

/// The parties of several contracts, in their order.
pub(super) async fn parties(tx: &TenantTx, contracts: &[ContractId]) -> Result<Vec<contract_party::Model>, DbErr> {
    contract_party::Entity::find()
        .filter(contract_party::Column::ContractId.eq_any(contracts.iter().copied()))
        .order_by_asc(contract_party::Column::Position)
        .rows(tx)
        .await
}

/// The contacts that are parties of several contracts.
pub(super) fn people(contracts: &[ContractId]) -> SelectStatement {
    Query::select()
        .column(contract_party::Column::ContactId)
        .from(contract_party::Entity.table_ref())
        .and_where(contract_party::Column::ContractId.eq_any(contracts.iter().copied()))
        .to_owned()
}

/// The home of a contract, for those who may see it.
pub(super) async fn unit(tx: &TenantTx, id: UnitId) -> Result<Option<unit::Model>, DbErr> {
    unit::Entity::find().filter(unit::COLUMN.id.eq(id)).first(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn insert_parties(tx: &TenantTx, rows: Vec<contract_party::ActiveModel>) -> Result<(), DbErr> {
    contract_party::Entity::insert_many(rows).exec_without_returning(tx).await.map(drop)
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}
