//! What is left to do with a tenant's shares: keys of before are wrapped anew, and who was erased is taken out of the tree. Every
//! step may be repeated, so whatever a crash interrupts is finished by the next run.

use futures::future::try_join_all;
use keystead_entities::{contact, subject_key};
use keystead_ids::{ContactId, TenantId};
use keystead_keys::{KeyError, TenantKeys, WrappedSubject, Wrapping};
use keystead_tenants::{
    SystemJob, TenantTx,
    orm::{ColumnTrait, DbErr, EntityTrait, Expr, Find, QueryFilter, QueryOrder, QuerySelect},
    platform::TenantState,
};
use uuid::Uuid;

use crate::{
    app::App,
    contacts,
    http::{OrNotFound, Problem},
    vault,
};

/// How many rows one transaction changes: it stays far below the statement time-out.
const BATCH: u64 = 500;

/// Takes the tenants that are due, and does what there is to do for each.
pub(super) async fn settle_due(app: &App) -> Result<(), Problem> {
    let worker = app.db.worker();
    for task in worker.take_share_tasks(10, app.clock.now()).await? {
        match settle(app, task.tenant).await {
            Ok(()) => worker.share_task_done(task.id).await?,
            Err(problem) => {
                tracing::warn!(tenant = %task.tenant, reason = problem.reason(), "shares are not settled and are tried again");
                worker.share_task_failed(task.id, problem.reason()).await?;
            }
        }
    }
    Ok(())
}

/// Wraps anew what is wrapped as before, then destroys the shares of who was erased.
async fn settle(app: &App, id: TenantId) -> Result<(), Problem> {
    let tenant = app.db.platform().tenant(id).await?.or_not_found()?;
    if !matches!(tenant.state, TenantState::Active | TenantState::Suspended) {
        return Ok(());
    }
    let (keys, tree) = vault::open_for_job(app, &tenant).await?;
    let mut after = ContactId(Uuid::nil());
    while let Some(last) = wrap_anew(app, &keys, after).await? {
        after = last;
    }
    while close_backups(app, &keys, &tree).await? {}
    Ok(())
}

/// Wraps some keys with their persons' shares; returns the last that was looked at, none when there was none.
async fn wrap_anew(app: &App, keys: &TenantKeys, after: ContactId) -> Result<Option<ContactId>, Problem> {
    let tx = begin(app, keys.tenant());
    let rows = subject_key::Entity::find()
        .filter(subject_key::Column::Wrapping.eq(i16::from(Wrapping::Pii.code())))
        .filter(subject_key::Column::Id.gt(after))
        .order_by_asc(subject_key::Column::Id)
        .limit(BATCH)
        .rows(&tx)
        .await?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut changes = Vec::with_capacity(rows.len());
    for row in &rows {
        match contacts::wrapped(row).and_then(|wrapped| keys.rewrap_subject(row.id.uuid(), &wrapped)) {
            Ok(wrapped) => changes.push(replace(&tx, row.id, wrapped)),
            // One that does not open is no reason to leave the others.
            Err(damage @ (KeyError::Corrupt | KeyError::MissingVersion { .. } | KeyError::Erased)) => {
                tracing::error!(tenant = %row.tenant_id, contact = %row.id, %damage, "a person's key cannot be wrapped anew");
            }
            Err(other) => return Err(other.into()),
        }
    }
    try_join_all(changes).await?;
    tx.commit().await?;
    Ok(Some(last))
}

/// Not where the person was erased in the meantime.
async fn replace(tx: &TenantTx, id: ContactId, key: WrappedSubject) -> Result<(), DbErr> {
    let version = i32::try_from(key.key_version).map_err(|_| DbErr::Custom("a key version does not fit".to_owned()))?;
    subject_key::Entity::update_many()
        .col_expr(subject_key::Column::KeyVersion, Expr::value(version))
        .col_expr(subject_key::Column::Wrapping, Expr::value(i16::from(key.wrapping.code())))
        .col_expr(subject_key::Column::Wrapped, Expr::value(key.wrapped))
        .filter(subject_key::Column::Id.eq(id))
        .filter(subject_key::Column::Wrapping.eq(i16::from(Wrapping::Pii.code())))
        .exec(tx)
        .await
        .map(drop)
}

/// Destroys the shares of some who were erased, and notes it once the bucket says that they are gone; false when there was nobody.
async fn close_backups(app: &App, keys: &TenantKeys, tree: &str) -> Result<bool, Problem> {
    use contact::Column as Contact;
    let tx = begin(app, keys.tenant());
    let waiting = contact::Entity::find()
        .filter(Contact::ErasedAt.is_not_null())
        .filter(Contact::BackupsClosedAt.is_null())
        .limit(BATCH)
        .rows(&tx)
        .await?;
    tx.commit().await?;
    let people: Vec<Uuid> = waiting.iter().map(|row| row.id.uuid()).collect();
    if people.is_empty() {
        return Ok(false);
    }
    app.keys.puncture(keys, tree, &people).await?;
    let tx = begin(app, keys.tenant());
    contact::Entity::update_many()
        .col_expr(Contact::BackupsClosedAt, Expr::value(app.clock.now()))
        .filter(Contact::Id.eq_any(waiting.iter().map(|row| row.id)))
        .filter(Contact::ErasedAt.is_not_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

fn begin(app: &App, id: TenantId) -> TenantTx {
    app.db.begin_job(id, SystemJob::Shares, app.clock.id())
}
