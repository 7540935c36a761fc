//! Tenants and their provisioning.

use axum::{Json, extract::State};
use keystead_ids::TenantId;

use super::TenantOut;
use crate::{
    app::App,
    http::{Operator, OrNotFound, Page, PageParams, Paging, PathOf, Problem, Problems, Versioned},
    jobs,
};

/// List tenants, newest first.
#[utoipa::path(get, path = "/tenants", tag = "platform", operation_id = "list_tenants", params(PageParams),
    responses((status = 200, body = Page<TenantOut>), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn list(
    _: Operator,
    State(app): State<App>,
    paging: Paging,
) -> Result<Json<Page<TenantOut>>, Problem> {
    let rows = app.db.platform().tenants(paging.after.map(TenantId), paging.fetch_i64()).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), |row| TenantOut::new(&app.config.cell, row, Vec::new()))))
}

/// Read a tenant with its provisioning, step by step.
#[utoipa::path(get, path = "/tenants/{id}", tag = "platform", operation_id = "read_tenant",
    params(("id" = TenantId, Path)),
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn read(
    _: Operator,
    State(app): State<App>,
    PathOf(id): PathOf<TenantId>,
) -> Result<Versioned<TenantOut>, Problem> {
    show(&app, id).await
}

/// Provision a tenant again from where it stopped.
#[utoipa::path(post, path = "/tenants/{id}/provision", tag = "platform", operation_id = "provision_tenant",
    params(("id" = TenantId, Path)), responses((status = 200, body = TenantOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("operator"))))]
pub(super) async fn provision(
    _: Operator,
    State(app): State<App>,
    PathOf(id): PathOf<TenantId>,
) -> Result<Versioned<TenantOut>, Problem> {
    app.db.platform().tenant(id).await?.or_not_found()?;
    jobs::provision::finish(&app, id).await?;
    show(&app, id).await
}

/// A tenant as one is shown, under the version of its plan and limits.
pub(super) async fn show(app: &App, id: TenantId) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    let row = platform.tenant(id).await?.or_not_found()?;
    let version = row.terms.version;
    Ok(Versioned { version, body: TenantOut::new(&app.config.cell, row, platform.provisioning_steps(id).await?) })
}
