//! Every query of the slice.

use keystead_entities::{
    contact,
    contract::{ActiveModel, COLUMN, Column, Entity, Model},
    contract_party, subject_key, unit,
};
use keystead_ids::{ContactId, ContractId, UnitId};
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, Condition, DbErr, EntityName, EntityTrait, Expr, ExprTrait, Find, Order, Query,
        QueryFilter, QueryOrder, QuerySelect, sea_query::SelectStatement,
    },
};

use super::{ContractFilters, Sort, State};
use crate::{
    http::Paging,
    search::{Sought, number},
};

/// A contract with its home, which is missing for those who may not see homes.
pub(crate) type Row = (Model, Option<unit::Model>);

pub(super) async fn find(tx: &TenantTx, id: ContractId) -> Result<Option<Row>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).find_also_related(unit::Entity).first(tx).await
}

/// Locks the row, so that whoever checked its state is the one who moves it.
pub(super) async fn locked(tx: &TenantTx, id: ContractId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// In the wanted order. `people` selects the contacts whom the text finds, if it may be a person's.
pub(super) async fn page(
    tx: &TenantTx,
    paging: &Paging<ContractFilters>,
    people: Option<SelectStatement>,
) -> Result<Vec<Row>, DbErr> {
    let ContractFilters { project_id, unit_id, state, created_by, q, sort } = &paging.filters;
    let found = q.as_ref().map(|q| numbered(number(q.as_str()), q.as_str()).add_option(people.map(with_party)));
    let matching = Condition::all()
        .add_option(project_id.map(|project| COLUMN.project_id.eq(project)))
        .add_option(unit_id.map(|unit| COLUMN.unit_id.eq(unit)))
        .add_option(state.map(|state| COLUMN.state.eq(state.name())))
        .add_option(created_by.map(|member| COLUMN.created_by.eq(member)))
        .add_option(found)
        .add_option(paging.after.map(|after| beyond(*sort, ContractId(after))));
    let (column, order) = by(*sort);
    let query = Entity::find().filter(matching).order_by(column, order.clone()).order_by(COLUMN.id, order);
    query.limit(paging.fetch()).find_also_related(unit::Entity).rows(tx).await
}

/// What an order goes by, and which way; the id decides between equals.
const fn by(sort: Sort) -> (Column, Order) {
    match sort {
        Sort::Newest => (Column::Id, Order::Desc),
        Sort::Oldest => (Column::Id, Order::Asc),
        Sort::LastChanged => (Column::UpdatedAt, Order::Desc),
        Sort::HighestPrice => (Column::PriceMinor, Order::Desc),
        Sort::LowestPrice => (Column::PriceMinor, Order::Asc),
    }
}

/// What comes after a contract in an order: where it stands is asked of the contract itself, so that a cursor stays an id.
fn beyond(sort: Sort, last: ContractId) -> Expr {
    let (column, order) = by(sort);
    let column_of = |column: Column| Expr::col((Entity, column));
    let stands =
        Query::select().columns([column, Column::Id]).from(Entity.table_ref()).and_where(COLUMN.id.eq(last)).to_owned();
    let place = Expr::tuple([column_of(column), column_of(Column::Id)]);
    let stands = Expr::SubQuery(None, Box::new(stands.into()));
    if order == Order::Asc { place.gt(stands) } else { place.lt(stands) }
}

fn numbered(number: Option<i32>, text: &str) -> Condition {
    Condition::any()
        .add_option(number.map(|number| COLUMN.number.eq(number)))
        .add(Expr::col((unit::Entity, unit::Column::Number)).eq(text))
}

fn with_party(people: SelectStatement) -> Expr {
    let theirs = Query::select()
        .column(contract_party::Column::ContractId)
        .from(contract_party::Entity.table_ref())
        .and_where(contract_party::Column::ContactId.in_subquery(people))
        .to_owned();
    Column::Id.in_subquery(theirs)
}

/// With this number, or on a home with it; newest first.
pub(crate) async fn search(tx: &TenantTx, sought: &Sought) -> Result<Vec<Row>, DbErr> {
    let numbered = numbered(sought.number(), sought.text());
    let newest = Entity::find().filter(numbered).order_by_desc(COLUMN.id).limit(sought.limit());
    newest.find_also_related(unit::Entity).rows(tx).await
}

/// A party, the contact behind it and their key; those two are missing for who may not see contacts.
pub(super) type PartyRow = (contract_party::Model, Option<contact::Model>, Option<subject_key::Model>);

/// The parties of several contracts, in their order.
pub(super) async fn parties(tx: &TenantTx, contracts: &[ContractId]) -> Result<Vec<PartyRow>, DbErr> {
    contract_party::Entity::find()
        .filter(contract_party::Column::ContractId.eq_any(contracts.iter().copied()))
        .order_by_asc(contract_party::Column::Position)
        .find_also_related(contact::Entity)
        .and_also_related(subject_key::Entity)
        .rows(tx)
        .await
}

/// Contracts of a contact that are not cancelled, the oldest first.
pub(super) async fn live_with(tx: &TenantTx, contact: ContactId) -> Result<Vec<Model>, DbErr> {
    let named = Query::select()
        .column(contract_party::Column::ContractId)
        .from(contract_party::Entity.table_ref())
        .and_where(contract_party::Column::ContactId.eq(contact))
        .to_owned();
    Entity::find()
        .filter(Column::Id.in_subquery(named))
        .filter(COLUMN.state.ne(State::Cancelled.name()))
        .order_by_asc(COLUMN.id)
        .rows(tx)
        .await
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
