//! From a request to its tenant's keys.

use keystead_entities::tenant_key::{COLUMN, Entity, Model};
use keystead_ids::{Permission, TenantId};
use keystead_keys::{Purpose, TenantKeys, TreeAt, WrappedKey};
use keystead_tenants::{
    SystemJob, TenantTx,
    orm::{DbErr, EntityTrait, Find, QueryFilter},
    platform::Tenant,
};

use crate::{app::App, http::Problem, shares};

/// Code of `app.contacts` in the places of sealed values. Values open under their table's code only: it never changes, and
/// the code of a table that is gone is not used again.
pub const CONTACTS: u16 = 1;

/// What buyers' data is sealed and searched with. The other purposes have no business in a request.
const PURPOSES: [Purpose; 2] = [Purpose::Pii, Purpose::Index];

/// The keys of the tenant, for a caller who may see buyers.
///
/// Call it before the first query of `tx`: then no database connection is held while KMS answers. The wrapped keys are read
/// in a transaction of their own for the same reason, and only when the cache has none that are fresh and of this epoch.
///
/// # Errors
/// 403 without `contacts.read`; 503 `kms-unavailable` or `keys-denied` when KMS does not unwrap the keys,
/// `shares-unavailable` when the bucket does not give the tenant's shares.
pub(crate) async fn open(app: &App, tx: &TenantTx) -> Result<TenantKeys, Problem> {
    let grant = tx.grant();
    // Before the cache is asked: what the policies would refuse must not depend on what is cached.
    if !grant.permissions().allows(Permission::ContactsRead) {
        return Err(Problem::forbidden().log("the tenant's keys need contacts.read"));
    }
    if let Some(keys) = app.keys.warm(grant.tenant(), grant.key_epoch()).await {
        return Ok(keys);
    }
    let reading = app.db.begin(grant);
    let rows = rows(&reading).await?;
    reading.commit().await?;
    Ok(unwrap(app, grant.tenant(), rows, grant.key_epoch()).await?.0)
}

/// The tenant's keys and where its shares are, for the platform's own work.
pub(crate) async fn open_for_job(app: &App, tenant: &Tenant) -> Result<(TenantKeys, String), Problem> {
    let reading = app.db.begin_job(tenant.id, SystemJob::Shares, app.clock.id());
    let rows = rows(&reading).await?;
    reading.commit().await?;
    unwrap(app, tenant.id, rows, tenant.key_epoch).await
}

/// Tenants of before there were shares get their tree here, whoever comes first.
async fn unwrap(app: &App, tenant: TenantId, rows: Vec<Model>, epoch: u64) -> Result<(TenantKeys, String), Problem> {
    let known = rows.iter().find_map(|row| row.shares.clone());
    let made = known.is_some();
    let name = known.unwrap_or_else(|| shares::name(&app.root, tenant));
    let wrapped = rows.into_iter().map(wrapped).collect::<Result<Vec<_>, _>>()?;
    let keys = app.keys.tenant(&wrapped, Some(TreeAt { name: &name, made }), epoch).await?;
    if !made {
        shares::note_made(app, tenant, &name).await?;
    }
    Ok((keys, name))
}

/// The keys, or none for a caller who sees no buyers: their answers leave personal fields out.
///
/// # Errors
/// Those of [`open`] but for the permission.
pub(crate) async fn open_if_allowed(app: &App, tx: &TenantTx) -> Result<Option<TenantKeys>, Problem> {
    if tx.grant().permissions().allows(Permission::ContactsRead) { open(app, tx).await.map(Some) } else { Ok(None) }
}

/// Current keys and the retired ones, under which older values still stand.
async fn rows(tx: &TenantTx) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(COLUMN.purpose.is_in(PURPOSES.map(Purpose::name))).rows(tx).await
}

fn wrapped(row: Model) -> Result<WrappedKey, Problem> {
    let unreadable = || Problem::internal("a row of app.tenant_keys does not read");
    Ok(WrappedKey {
        tenant: row.tenant_id,
        purpose: row.purpose.parse().map_err(|_| unreadable())?,
        version: row.version.try_into().map_err(|_| unreadable())?,
        kms_key: row.kms_key,
        wrapped: row.wrapped,
    })
}
