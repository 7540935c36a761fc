//! Every query of the slice.

use std::collections::{BTreeSet, HashMap};

use futures::try_join;
use keystead_audit::{Attestation, ChainHash, Proof, genesis};
use keystead_entities::{
    audit_checkpoint,
    audit_event::{COLUMN, Column, Entity, Link, Model},
    audit_head, erasure, reveal,
};
use keystead_ids::{EventId, MemberId, ProjectId, TenantId};
use keystead_tenants::{
    TenantTx,
    orm::{
        ColumnTrait, DbErr, EntityName, EntityTrait, Expr, ExprTrait, Find, Query, QueryFilter, QueryOrder,
        QuerySelect, QueryTrait, Select, sea_query,
    },
};
use uuid::Uuid;

use super::{EventFilters, EventOut};
use crate::{
    http::{Paging, Problem},
    members,
};

/// How many checkpoints an export names, the newest: the last alone vouches for all before it.
pub(super) const CHECKPOINTS: u64 = 100;

/// How many events are in memory at once during an export.
pub(super) const EXPORT_PAGE: i64 = 1_000;

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<EventFilters>) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    let EventFilters { object_id, object_kind, actor, action } = &paging.filters;
    if let Some(object) = object_id {
        query = query.filter(COLUMN.object_id.in_subquery(object_and_what_is_about_it(object.0)));
    }
    if let Some(kind) = object_kind {
        query = query.filter(COLUMN.object_kind.eq(kind.as_str()));
    }
    if let Some(actor) = actor {
        // The platform's own actors have ids, too, which are no members'.
        query = query.filter(COLUMN.actor_kind.eq("member")).filter(COLUMN.actor_id.eq(actor.uuid()));
    }
    if let Some(action) = action {
        query = query.filter(COLUMN.action.eq(action.as_str()));
    }
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(EventId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

/// Whoever saw a contact's data, and whoever erased it, made a record of their own: it belongs to the contact's story.
fn object_and_what_is_about_it(object: Uuid) -> sea_query::SelectStatement {
    let disclosures = Query::select()
        .column(reveal::Column::Id)
        .from(reveal::Entity.table_ref())
        .and_where(reveal::Column::ContactId.eq(object))
        .take();
    let erasures = Query::select()
        .column(erasure::Column::Id)
        .from(erasure::Entity.table_ref())
        .and_where(erasure::Column::ContactId.eq(object))
        .take();
    let itself = Expr::value(object).cast_as("uuid");
    Query::select()
        .expr(itself)
        .union(sea_query::UnionType::All, disclosures)
        .union(sea_query::UnionType::All, erasures)
        .take()
}

/// The names of those who acted, as far as the caller may know them; one query.
pub(super) async fn names_of_actors(tx: &TenantTx, rows: &[Model]) -> Result<HashMap<Uuid, String>, DbErr> {
    let actors: BTreeSet<MemberId> =
        rows.iter().filter(|row| row.actor_kind == "member").map(|row| MemberId(row.actor_id)).collect();
    let known = members::store::all(tx, actors).await?;
    Ok(known.into_iter().map(|member| (member.id.uuid(), member.name)).collect())
}

/// The newest events, of a project or of all, with the names of those who acted: two queries in one round trip.
pub(crate) async fn newest(tx: &TenantTx, project: Option<ProjectId>, limit: u64) -> Result<Vec<EventOut>, Problem> {
    let newest = |query: Select<Entity>| {
        let query = match project {
            Some(project) => query.filter(COLUMN.project_id.eq(project)),
            None => query,
        };
        query.order_by_desc(COLUMN.id).limit(limit)
    };
    let actors = newest(Entity::find().select_only().column(Column::ActorId)).into_query();
    let (rows, members) = try_join!(newest(Entity::find()).rows(tx), members::store::among(tx, actors))?;
    let names: HashMap<Uuid, String> = members.into_iter().map(|member| (member.id.uuid(), member.name)).collect();
    Ok(rows.into_iter().map(|row| EventOut::of(row, &names)).collect())
}

/// Where a tenant's chain stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChainHead {
    pub(super) n: i64,
    pub(super) hash: ChainHash,
}

/// The chain's head; the chain of a tenant whose first event is not chained yet stands at its start.
pub(super) async fn head(tx: &TenantTx, tenant: TenantId) -> Result<ChainHead, Problem> {
    match audit_head::Entity::find().first(tx).await? {
        None => Ok(ChainHead { n: 0, hash: genesis(tenant) }),
        Some(head) => Ok(ChainHead { n: head.n, hash: chain_hash(&head.hash)? }),
    }
}

/// The newest `limit` signed statements about the first `upto` events, in order.
pub(super) async fn signed(tx: &TenantTx, upto: i64, limit: u64) -> Result<Vec<Proof>, Problem> {
    let newest = audit_checkpoint::Entity::find()
        .filter(audit_checkpoint::Column::Note.is_not_null())
        .filter(audit_checkpoint::Column::N.lte(upto))
        .order_by_desc(audit_checkpoint::Column::N)
        .limit(limit)
        .rows(tx)
        .await?;
    newest.into_iter().rev().map(proof).collect()
}

fn proof(row: audit_checkpoint::Model) -> Result<Proof, Problem> {
    let damaged = || Problem::internal("a stored checkpoint is damaged");
    let (Some(index), Some(path), Some(note)) = (row.position, row.path, row.note) else { return Err(damaged()) };
    let (path, rest) = path.as_chunks::<32>();
    let statement = Attestation {
        tenant: row.tenant_id,
        n: row.n.unsigned_abs(),
        hash: chain_hash(&row.hash)?,
        at: row.at,
        previous: chain_hash(&row.previous)?,
    };
    let proof = Proof { statement, index: index.unsigned_abs(), path: path.to_vec(), note };
    if rest.is_empty() { Ok(proof) } else { Err(damaged()) }
}

/// Events `from` to `to` of the chain, in order, at most [`EXPORT_PAGE`].
pub(super) async fn links(tx: &TenantTx, from: i64, to: i64) -> Result<Vec<Link>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::N)
        .column(Column::Hash)
        .expr_as(Expr::cust("audit.leaf(events)"), "leaf")
        .filter(COLUMN.n.between(from, to))
        .order_by_asc(COLUMN.n)
        .limit(EXPORT_PAGE.unsigned_abs())
        .into_model::<Link>()
        .all(tx)
        .await
}

pub(super) fn chain_hash(stored: &[u8]) -> Result<ChainHash, Problem> {
    stored.try_into().map(ChainHash).map_err(|_| Problem::internal("a stored hash has not 32 bytes"))
}
