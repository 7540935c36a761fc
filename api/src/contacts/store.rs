//! Every query of the slice.

use chrono::{DateTime, Utc};
use futures::try_join;
use keystead_entities::{
    contact::{ActiveModel, COLUMN, Column, Entity, Model},
    erasure, reveal, search_token, share_task, subject_key,
};
use keystead_ids::ContactId;
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityName, EntityTrait, Expr, ExprTrait, Find,
        JoinType, Query, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Set, Unchanged,
        sea_query::{Func, FunctionCall, SelectStatement, Value},
    },
};

use super::{list::Search, person};
use crate::http::{Paging, Problem};

/// A contact with their key, which is missing only where data was lost.
pub(super) type Row = (Model, Option<subject_key::Model>);

pub(super) async fn find(tx: &TenantTx, id: ContactId) -> Result<Option<Row>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).find_also_related(subject_key::Entity).first(tx).await
}

pub(super) async fn find_all(tx: &TenantTx, ids: &[ContactId]) -> Result<Vec<Row>, DbErr> {
    Entity::find().filter(Column::Id.eq_any(ids.iter().copied())).find_also_related(subject_key::Entity).rows(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: ContactId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Why [`locked`] has no row: an erased contact is there to be read, not to be changed.
pub(super) async fn absent(tx: &TenantTx, id: ContactId) -> Problem {
    match find(tx, id).await {
        Ok(Some((row, _))) if row.erased_at.is_some() => Problem::erased(),
        Ok(_) => Problem::not_found(),
        Err(error) => error.into(),
    }
}

pub(super) async fn key(tx: &TenantTx, id: ContactId) -> Result<Option<subject_key::Model>, DbErr> {
    subject_key::Entity::find().filter(subject_key::COLUMN.id.eq(id)).first(tx).await
}

/// Newest first.
pub(super) async fn page<F>(tx: &TenantTx, paging: &Paging<F>, search: &Search) -> Result<Vec<Row>, Problem> {
    let mut query = matching(search)?;
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(ContactId(after)));
    }
    let query = query.order_by_desc(COLUMN.id).limit(paging.fetch());
    Ok(query.find_also_related(subject_key::Entity).rows(tx).await?)
}

/// The newest that a search finds.
pub(super) async fn newest(tx: &TenantTx, search: &Search, limit: u64) -> Result<Vec<Row>, Problem> {
    let query = matching(search)?.order_by_desc(COLUMN.id).limit(limit);
    Ok(query.find_also_related(subject_key::Entity).rows(tx).await?)
}

/// Selects the ids of what a search finds.
pub(super) fn ids(search: &Search) -> Result<SelectStatement, Problem> {
    Ok(matching(search)?.select_only().column(Column::Id).into_query())
}

fn matching(search: &Search) -> Result<Select<Entity>, Problem> {
    let mut query = Entity::find();
    if let Some(project) = search.project {
        query = query.filter(COLUMN.project_id.eq(project));
    }
    if let Some((_, digest)) = &search.email {
        query = query.filter(Column::EmailBidx.eq(digest.to_vec()));
    }
    if let Some((_, digest)) = &search.phone {
        query = query.filter(Column::PhoneBidx.eq(digest.to_vec()));
    }
    if let Some(tokens) = &search.name {
        query = named(query, tokens)?;
    }
    Ok(query)
}

/// Those who have every one of the tokens; a contact has a token once. The index has the contacts of a token in order, so a page
/// of them takes no look at the rest, however many share a name.
fn named(query: Select<Entity>, tokens: &[i64]) -> Result<Select<Entity>, Problem> {
    use search_token::Column as Token;
    let (first, others) = tokens.split_first().ok_or_else(|| Problem::internal("a search for no name"))?;
    let field = person::name_field()?;
    let of_token = Entity::belongs_to(search_token::Entity).from(Column::Id).to(Token::ContactId).into();
    let query =
        query.join(JoinType::InnerJoin, of_token).filter(Token::Field.eq(field)).filter(Token::Token.eq(*first));
    let all = i64::try_from(others.len()).map_err(|_| Problem::internal("a name has too many tokens"))?;
    if all == 0 {
        return Ok(query);
    }
    let how_many = Query::select()
        .expr(Token::Token.count())
        .from(search_token::Entity.table_ref())
        .and_where(Expr::col((search_token::Entity, Token::ContactId)).equals((Entity, Column::Id)))
        .and_where(Token::Field.eq(field))
        .and_where(Token::Token.eq_any(others.iter().copied()))
        .to_owned();
    Ok(query.filter(Expr::from(how_many).eq(all)))
}

/// Writes new contacts, in one round trip: keys first, as the contacts refer to them.
pub(super) async fn insert(
    tx: &TenantTx,
    keys: Vec<subject_key::ActiveModel>,
    contacts: Vec<ActiveModel>,
    tokens: &[search_token::Model],
) -> Result<Vec<Model>, DbErr> {
    let keys = subject_key::Entity::insert_many(keys).exec_without_returning(tx);
    let contacts = Entity::insert_many(contacts).exec_with_returning(tx);
    let (_, written, ()) = try_join!(keys, contacts, insert_tokens(tx, tokens))?;
    Ok(written)
}

/// A list for each column, so that it is one statement, prepared once, however many tokens there are.
async fn insert_tokens(tx: &TenantTx, tokens: &[search_token::Model]) -> Result<(), DbErr> {
    use search_token::Column::{ContactId, Field, ProjectId, TenantId, Token};
    let rows = Query::select()
        .expr(each(tokens, "uuid[]", |row| row.tenant_id.uuid()))
        .expr(each(tokens, "uuid[]", |row| row.project_id.uuid()))
        .expr(each(tokens, "uuid[]", |row| row.contact_id.uuid()))
        .expr(each(tokens, "smallint[]", |row| row.field))
        .expr(each(tokens, "bigint[]", |row| row.token))
        .to_owned();
    let mut insert = Query::insert();
    insert.into_table(search_token::Entity.table_ref()).columns([TenantId, ProjectId, ContactId, Field, Token]);
    insert.select_from(rows).map_err(|_| DbErr::Custom("a column too many".to_owned()))?;
    tx.execute(&insert).await.map(drop)
}

/// One column of rows that are written, as PostgreSQL takes a list apart.
fn each<R, T>(rows: &[R], list: &'static str, column: impl Fn(&R) -> T) -> FunctionCall
where
    Vec<T>: Into<Value>,
{
    let values: Vec<T> = rows.iter().map(column).collect();
    Func::cust("unnest").arg(Expr::value(values).cast_as(list))
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}

/// Puts other tokens in the place of a contact's tokens.
pub(super) async fn replace_tokens(tx: &TenantTx, id: ContactId, tokens: &[search_token::Model]) -> Result<(), DbErr> {
    search_token::Entity::delete_many().filter(search_token::COLUMN.contact_id.eq(id)).exec(tx).await?;
    insert_tokens(tx, tokens).await
}

/// Empties a contact that was [`locked`], destroys their key and what finds them, and asks for their share to be destroyed.
pub(super) async fn erase(
    tx: &TenantTx,
    row: &Model,
    record: erasure::ActiveModel,
    task: share_task::ActiveModel,
    now: DateTime<Utc>,
) -> Result<Model, DbErr> {
    let emptied = ActiveModel {
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        name: Set(None),
        email: Set(None),
        phone: Set(None),
        address: Set(None),
        date_of_birth: Set(None),
        email_bidx: Set(None),
        phone_bidx: Set(None),
        erased_at: Set(Some(now)),
        ..Default::default()
    };
    let emptied = emptied.update(tx).await?;
    search_token::Entity::delete_many().filter(search_token::COLUMN.contact_id.eq(row.id)).exec(tx).await?;
    subject_key::Entity::update_many()
        .col_expr(subject_key::Column::Wrapped, Expr::value(None::<Vec<u8>>))
        .col_expr(subject_key::Column::Wrapping, Expr::value(0_i16))
        .filter(subject_key::COLUMN.id.eq(row.id))
        .exec(tx)
        .await?;
    erasure::Entity::insert(record).exec_without_returning(tx).await?;
    share_task::Entity::insert(task).exec_without_returning(tx).await?;
    Ok(emptied)
}

pub(super) async fn insert_reveal(tx: &TenantTx, row: reveal::ActiveModel) -> Result<(), DbErr> {
    reveal::Entity::insert(row).exec_without_returning(tx).await.map(drop)
}
