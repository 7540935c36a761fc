//! Make an approved builder's tenant: KMS key, data keys, workspace, activation. Every step may be repeated, so whatever a
//! crash interrupts is finished by the next run.

use futures::future::try_join_all;
use keystead_entities::{member, role, settings, tenant_key};
use keystead_ids::{IdentityId, MemberId, PresetRole, RoleId, SignupId, TenantId};
use keystead_keys::Purpose;
use keystead_tenants::{
    SystemJob, TenantTx,
    orm::{ColumnTrait, EntityTrait, Find, OnConflict, QueryFilter, Set},
    platform::{QueuedMail, Tenant},
};
use serde_json::json;

use crate::{
    app::App,
    http::{OrNotFound, Problem},
    vault,
};

/// Approves a verified application and provisions its tenant. The work goes on when the caller hangs up.
pub(crate) async fn approve(app: &App, signup: SignupId, by: Option<IdentityId>) -> Result<TenantId, Problem> {
    let fresh = (app.clock.id(), app.clock.id());
    let tenant = app.db.platform().approve_signup(signup, by, fresh, app.clock.now()).await?;
    let not_verified = || Problem::conflict("signup-not-verified", "The address of this application is not verified");
    let tenant = tenant.ok_or_else(not_verified)?;
    finish(app, tenant).await?;
    Ok(tenant)
}

/// Does what is left to do for a tenant.
pub(crate) async fn finish(app: &App, tenant: TenantId) -> Result<(), Problem> {
    let app = app.clone();
    let work = tokio::spawn(async move { steps(&app, tenant).await });
    work.await.map_err(|_| Problem::internal("provisioning panicked"))?
}

/// Finishes every tenant that a crash left half made.
pub(super) async fn resume(app: &App) -> Result<(), Problem> {
    for tenant in app.db.platform().unfinished_tenants().await? {
        if let Err(problem) = finish(app, tenant).await {
            tracing::warn!(tenant = %tenant, reason = problem.reason(), "provisioning failed and is tried again");
        }
    }
    Ok(())
}

async fn steps(app: &App, id: TenantId) -> Result<(), Problem> {
    let platform = app.db.platform();
    for step in platform.provisioning_steps(id).await? {
        if step.finished_at.is_some() {
            continue;
        }
        let tenant = platform.tenant(id).await?.or_not_found()?;
        platform.step_began(id, &step.step, app.clock.now()).await?;
        let done = match step.step.as_str() {
            "kms_key" => kms_key(app, &tenant).await,
            "data_keys" => data_keys(app, &tenant).await,
            "workspace" => workspace(app, &tenant).await,
            _ => activate(app, &tenant).await,
        };
        let error = done.as_ref().err().map(|problem| problem.reason().to_owned());
        platform.step_ended(id, &step.step, error.as_deref(), app.clock.now()).await?;
        done?;
    }
    Ok(())
}

async fn kms_key(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let key = app.keys.kms().create_tenant_key(tenant.id).await?;
    // Opaque, and the same however often this runs.
    let prefix = app.root.derive(&format!("storage/{}", tenant.id));
    let prefix = format!("t/{}", hex::encode(&prefix[..16]));
    Ok(app.db.platform().keep_kms_key(tenant.id, &key, &prefix).await?)
}

async fn data_keys(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let kms_key = tenant.kms_key.as_deref().ok_or_else(|| Problem::internal("the tenant has no KMS key yet"))?;
    let kms = app.keys.kms();
    let wrapped = try_join_all(Purpose::ALL.map(|purpose| kms.generate(tenant.id, kms_key, purpose, 1))).await?;
    let rows = wrapped.into_iter().map(|key| tenant_key::ActiveModel {
        tenant_id: Set(tenant.id),
        id: Set(app.clock.id()),
        purpose: Set(key.purpose.name().to_owned()),
        version: Set(1),
        kms_key: Set(key.kms_key),
        wrapped: Set(key.wrapped),
        state: Set("current".to_owned()),
        ..Default::default()
    });
    let tx = begin(app, tenant);
    // A key that is there already stays: data may be sealed under it.
    let nothing =
        OnConflict::columns([tenant_key::Column::TenantId, tenant_key::Column::Purpose, tenant_key::Column::Version])
            .do_nothing()
            .to_owned();
    tenant_key::Entity::insert_many(rows).on_conflict(nothing).exec_without_returning(&tx).await?;
    tx.commit().await?;
    // Only now: the tree is sealed under the key that stays.
    vault::open_for_job(app, tenant).await.map(drop)
}

async fn workspace(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let founder = app.db.platform().founder(tenant.id).await?;
    let (identity, name, email) = founder.ok_or_else(|| Problem::internal("the tenant has no applicant"))?;
    let tx = begin(app, tenant);
    let row = settings::ActiveModel {
        tenant_id: Set(tenant.id),
        id: Set(tenant.id.uuid()),
        name: Set(tenant.name.clone()),
        time_zone: Set("America/Los_Angeles".to_owned()),
        currency: Set("USD".to_owned()),
        locale: Set("en-US".to_owned()),
        ..Default::default()
    };
    let nothing = OnConflict::columns([settings::Column::TenantId, settings::Column::Id]).do_nothing().to_owned();
    settings::Entity::insert(row).on_conflict(nothing).exec_without_returning(&tx).await?;
    let admin = preset_roles(app, &tx, tenant).await?;
    let row = member::ActiveModel {
        tenant_id: Set(tenant.id),
        id: Set(app.clock.id::<MemberId>()),
        identity_id: Set(identity),
        name: Set(name),
        email: Set(email),
        role_id: Set(admin),
        all_projects: Set(true),
        state: Set("active".to_owned()),
        ..Default::default()
    };
    let nothing = OnConflict::columns([member::Column::TenantId, member::Column::IdentityId]).do_nothing().to_owned();
    member::Entity::insert(row).on_conflict(nothing).exec_without_returning(&tx).await?;
    Ok(tx.commit().await?)
}

/// Gives the tenant its copies of the presets; returns the administrators' role.
async fn preset_roles(app: &App, tx: &TenantTx, tenant: &Tenant) -> Result<RoleId, Problem> {
    let rows = PresetRole::ALL.map(|preset| role::ActiveModel {
        tenant_id: Set(tenant.id),
        id: Set(app.clock.id()),
        key: Set(preset.key().to_owned()),
        title: Set(preset.title().to_owned()),
        permissions: Set(preset.permissions().iter().map(|permission| permission.name().to_owned()).collect()),
        ..Default::default()
    });
    let nothing = OnConflict::columns([role::Column::TenantId, role::Column::Key]).do_nothing().to_owned();
    role::Entity::insert_many(rows).on_conflict(nothing).exec_without_returning(tx).await?;
    let admin = role::Entity::find().filter(role::Column::Key.eq(PresetRole::Admin.key())).first(tx).await?;
    Ok(admin.ok_or_else(|| Problem::internal("the administrators' role vanished"))?.id)
}

async fn activate(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let founder = app.db.platform().founder(tenant.id).await?;
    let (_, _, recipient) = founder.ok_or_else(|| Problem::internal("the tenant has no applicant"))?;
    let mail = QueuedMail {
        id: app.clock.id(),
        tenant: Some(tenant.id),
        recipient,
        message: json!({ "template": "tenant_ready", "company": tenant.name, "link": tenant_url(app, &tenant.slug) }),
    };
    Ok(app.db.platform().activate(tenant.id, &mail, app.clock.now()).await?)
}

/// The tenant's own host, with the scheme and port of the public address.
fn tenant_url(app: &App, slug: &str) -> String {
    let url = &app.config.public_url;
    let (scheme, host) = url.split_once("://").unwrap_or(("https", url));
    let port = host.rsplit_once(':').map(|(_, port)| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{slug}.{}{port}", app.config.base_domain)
}

fn begin(app: &App, tenant: &Tenant) -> TenantTx {
    app.db.begin_job(tenant.id, SystemJob::Provision, app.clock.id())
}
