//! Destroy what opens a tenant's data, when it leaves. Every step may be repeated, so whatever a crash interrupts is finished
//! by the next run.

use chrono::Duration;
use keystead_entities::{audit_head, contact, search_token, tenant_key};
use keystead_ids::TenantId;
use keystead_keys::{Denial, KeyError};
use keystead_tenants::{
    SystemJob, TenantTx,
    orm::{ColumnTrait, EntityName, EntityTrait, Expr, ExprTrait, Find, Query, QueryFilter},
    platform::{Tenant, TenantState},
};

use crate::{
    app::App,
    http::{OrNotFound, Problem},
    shares,
};

/// Days until KMS forgets the key: the shortest that AWS has. It is of no use from the first moment.
const KMS_DAYS: i32 = 7;

/// Far longer than any request goes on, or a permission to upload is good: files that cannot be deleted for hours are deleted, too.
const OF_LATE: Duration = Duration::days(1);

/// How many rows one transaction changes: it stays far below the statement time-out.
const BATCH: u64 = 2_000;

/// Does what is left to do for a tenant that leaves. The work goes on when the caller hangs up.
pub(crate) async fn finish(app: &App, tenant: TenantId) -> Result<(), Problem> {
    let app = app.clone();
    let work = tokio::spawn(async move { steps(&app, tenant).await });
    work.await.map_err(|_| Problem::internal("offboarding panicked"))?
}

/// Finishes every tenant that a crash left half gone.
pub(super) async fn resume(app: &App) -> Result<(), Problem> {
    for tenant in app.db.platform().leaving_tenants().await? {
        if let Err(problem) = finish(app, tenant).await {
            tracing::warn!(tenant = %tenant, reason = problem.reason(), "offboarding failed and is tried again");
        }
    }
    Ok(())
}

async fn steps(app: &App, id: TenantId) -> Result<(), Problem> {
    let tenant = app.db.platform().tenant(id).await?.or_not_found()?;
    if tenant.state != TenantState::Offboarding {
        return Ok(());
    }
    // First what reaches every backup; then what is here.
    destroy_kms_key(app, &tenant).await?;
    app.keys.forget(id).await;
    app.blobs.delete(&tree(app, id).await?).await?;
    let head = destroy_data_keys(app, id).await?;
    sweep(app, &tenant).await?;
    Ok(app.db.platform().offboarded(id, &head, app.clock.now()).await?)
}

/// Sweeps again behind tenants that left of late: a request that was let in before, or an upload that was permitted, can be
/// behind the first time.
pub(super) async fn sweep_again(app: &App) -> Result<(), Problem> {
    for tenant in app.db.platform().tenants_left_since(app.clock.now() - OF_LATE).await? {
        let (id, app) = (tenant.id, app.clone());
        let work = tokio::spawn(async move { sweep(&app, &tenant).await });
        let swept = work.await.unwrap_or_else(|_| Err(Problem::internal("a sweep panicked")));
        if let Err(problem) = swept {
            tracing::warn!(tenant = %id, reason = problem.reason(), "sweeping behind a leaver failed and is tried again");
        }
    }
    Ok(())
}

/// Removes what is of a person and needs no key to be read, and all files.
async fn sweep(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    while forget_tokens(app, tenant.id).await? > 0 {}
    while forget_digests(app, tenant.id).await? > 0 {}
    if let Some(prefix) = &tenant.storage_prefix {
        app.blobs.delete_prefix(&format!("{prefix}/")).await?;
    }
    Ok(())
}

async fn destroy_kms_key(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let Some(key) = &tenant.kms_key else { return Ok(()) };
    match app.keys.kms().schedule_deletion(key, KMS_DAYS).await {
        // An earlier run did it, and its days are over.
        Ok(()) | Err(KeyError::Denied(Denial::NotFound)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn forget_tokens(app: &App, id: TenantId) -> Result<u64, Problem> {
    use search_token::Column as Token;
    let tx = begin(app, id);
    let some = Query::select().column(Token::ContactId).from(search_token::Entity.table_ref()).limit(BATCH).to_owned();
    let gone = search_token::Entity::delete_many().filter(Token::ContactId.in_subquery(some)).exec(&tx).await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}

async fn forget_digests(app: &App, id: TenantId) -> Result<u64, Problem> {
    use contact::Column as Contact;
    let tx = begin(app, id);
    let has_one = Contact::EmailBidx.is_not_null().or(Contact::PhoneBidx.is_not_null());
    let some = Query::select()
        .column(Contact::Id)
        .from(contact::Entity.table_ref())
        .and_where(has_one)
        .limit(BATCH)
        .to_owned();
    let none = || Expr::value(None::<Vec<u8>>);
    let gone = contact::Entity::update_many()
        .col_expr(Contact::EmailBidx, none())
        .col_expr(Contact::PhoneBidx, none())
        .filter(Contact::Id.in_subquery(some))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}

/// Where the tenant's tree of shares is.
async fn tree(app: &App, id: TenantId) -> Result<String, Problem> {
    let tx = begin(app, id);
    let known = tenant_key::Entity::find().filter(tenant_key::Column::Shares.is_not_null()).first(&tx).await?;
    tx.commit().await?;
    Ok(known.and_then(|row| row.shares).unwrap_or_else(|| shares::name(&app.root, id)))
}

/// Deletes the wrapped keys; returns where the audit chain stands, for the operators' trail.
async fn destroy_data_keys(app: &App, id: TenantId) -> Result<String, Problem> {
    let tx = begin(app, id);
    tenant_key::Entity::delete_many().exec(&tx).await?;
    let head = audit_head::Entity::find().first(&tx).await?;
    tx.commit().await?;
    Ok(head.map_or_else(String::new, |head| format!("{}:{}", head.n, hex::encode(head.hash))))
}

fn begin(app: &App, id: TenantId) -> TenantTx {
    app.db.begin_job(id, SystemJob::Offboard, app.clock.id())
}
