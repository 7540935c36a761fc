//! Every query of the slice.

use std::collections::{BTreeSet, HashSet};

use keystead_entities::{elevation, import, import_error, unit};
use keystead_ids::{ImportId, PlanId, ProjectId, UnitId};
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, Find, IntoActiveModel,
        OnConflict, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, TryIntoModel,
        sea_query::{Expr, InsertStatement},
    },
};

use super::ImportFilters;
use crate::http::Paging;

pub(super) async fn find(tx: &TenantTx, id: ImportId) -> Result<Option<import::Model>, DbErr> {
    import::Entity::find().filter(import::COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row: of two requests that go on with one import, the second sees what the first did.
pub(super) async fn locked(tx: &TenantTx, id: ImportId) -> Result<Option<import::Model>, DbErr> {
    import::Entity::find().filter(import::COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<ImportFilters>) -> Result<Vec<import::Model>, DbErr> {
    let mut query = import::Entity::find();
    if let Some(project) = paging.filters.project_id {
        query = query.filter(import::COLUMN.project_id.eq(project));
    }
    if let Some(after) = paging.after {
        query = query.filter(import::COLUMN.id.lt(ImportId(after)));
    }
    query.order_by_desc(import::COLUMN.id).limit(paging.fetch()).rows(tx).await
}

/// In the order of the file, which is that of the ids.
pub(super) async fn errors_page(
    tx: &TenantTx,
    id: ImportId,
    paging: &Paging,
) -> Result<Vec<import_error::Model>, DbErr> {
    let mut query = import_error::Entity::find().filter(import_error::COLUMN.import_id.eq(id));
    if let Some(after) = paging.after {
        query = query.filter(import_error::COLUMN.id.gt(after));
    }
    query.order_by_asc(import_error::COLUMN.id).limit(paging.fetch()).rows(tx).await
}

/// In the order of the file.
pub(super) async fn first_errors(tx: &TenantTx, id: ImportId, count: u64) -> Result<Vec<import_error::Model>, DbErr> {
    let query = import_error::Entity::find().filter(import_error::COLUMN.import_id.eq(id));
    query.order_by_asc(import_error::COLUMN.id).limit(count).rows(tx).await
}

pub(super) async fn insert(tx: &TenantTx, row: import::ActiveModel) -> Result<import::Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: import::ActiveModel) -> Result<import::Model, DbErr> {
    row.update(tx).await
}

pub(super) async fn insert_errors(tx: &TenantTx, rows: Vec<import_error::ActiveModel>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let insert = import_error::Entity::insert_many(rows).into_query();
    tx.execute(&insert).await?;
    Ok(())
}

/// Which of the numbers homes of the project have.
pub(super) async fn taken_numbers(
    tx: &TenantTx,
    project: ProjectId,
    numbers: Vec<String>,
) -> Result<HashSet<String>, DbErr> {
    if numbers.is_empty() {
        return Ok(HashSet::new());
    }
    let query = unit::Entity::find()
        .select_only()
        .column(unit::Column::Number)
        .filter(unit::COLUMN.project_id.eq(project))
        .filter(unit::Column::Number.eq_any(numbers))
        .into_query();
    let rows = tx.query_all(&query).await?;
    rows.iter().map(|row| row.try_get("", "number")).collect()
}

/// Inserts the homes whose numbers are free, and tells which.
pub(super) async fn insert_units(tx: &TenantTx, rows: Vec<unit::ActiveModel>) -> Result<HashSet<UnitId>, DbErr> {
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let key = [unit::Column::TenantId, unit::Column::ProjectId, unit::Column::Number];
    let free = OnConflict::columns(key).do_nothing().to_owned();
    let mut insert = unit::Entity::insert_many(rows).on_conflict(free).into_query();
    insert.returning_col(unit::Column::Id);
    let rows = tx.query_all(&insert).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// How often names are tried that somebody gives other names to, between their being there already and their being looked for.
const TRIES: usize = 5;

/// Inserts those of `rows` that are new by `key` (tenant, project, name), and finds all of `names`.
pub(super) async fn find_or_create<E: EntityTrait>(
    tx: &TenantTx,
    key: [E::Column; 3],
    project: ProjectId,
    names: Vec<String>,
    rows: Vec<E::ActiveModel>,
) -> Result<Vec<E::Model>, DbErr>
where
    E::ActiveModel: ActiveModelTrait<Entity = E> + TryIntoModel<E::Model> + Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let [_, project_column, name_column] = key;
    let new = OnConflict::columns(key).do_nothing().to_owned();
    let insert = E::insert_many(rows).on_conflict(new).into_query();
    let wanted = names.len();
    let named = E::find().filter(project_column.eq(project)).filter(name_column.eq_any(names));
    insert_until_found(tx, &insert, &named, wanted).await
}

/// Kind after kind: whoever came back to one after the next would wait for another import that waits for them.
async fn insert_until_found<E: EntityTrait>(
    tx: &TenantTx,
    insert: &InsertStatement,
    named: &Select<E>,
    wanted: usize,
) -> Result<Vec<E::Model>, DbErr>
where
    E::ActiveModel: TryIntoModel<E::Model> + Send,
{
    let mut found = Vec::new();
    for _ in 0..TRIES {
        tx.execute(insert).await?;
        found = named.clone().rows(tx).await?;
        if found.len() == wanted {
            break;
        }
    }
    Ok(found)
}

/// The same for elevations, whose codes are unique within their plan.
pub(super) async fn find_or_create_elevations(
    tx: &TenantTx,
    keys: BTreeSet<(PlanId, String)>,
    rows: Vec<elevation::ActiveModel>,
) -> Result<Vec<elevation::Model>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let key = [elevation::Column::TenantId, elevation::Column::PlanId, elevation::Column::Code];
    let new = OnConflict::columns(key).do_nothing().to_owned();
    let insert = elevation::Entity::insert_many(rows).on_conflict(new).into_query();
    let wanted = keys.len();
    let pair = Expr::tuple([Expr::col(elevation::Column::PlanId), Expr::col(elevation::Column::Code)]);
    let keys = keys.into_iter().map(|(plan, code)| (plan.uuid(), code));
    let named = elevation::Entity::find().filter(pair.in_tuples(keys));
    insert_until_found(tx, &insert, &named, wanted).await
}
