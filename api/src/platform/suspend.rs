//! Shut a tenant, and open it again.

use axum::extract::State;
use keystead_ids::TenantId;

use super::{ReasonIn, TenantOut, tenants::show};
use crate::{
    app::App,
    http::{Body, Fresh, Operator, OrNotFound, PathOf, Problem, Problems, Versioned},
};

/// Suspend a tenant.
///
/// Nobody logs in to it, and every session of it ends at once, everywhere within five seconds. Nothing is deleted. Fails with
/// `tenant-state` unless the tenant is active.
#[utoipa::path(post, path = "/tenants/{id}/suspend", tag = "platform", operation_id = "suspend_tenant",
    params(("id" = TenantId, Path)), request_body = ReasonIn,
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn suspend(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<TenantId>,
    Body { input, .. }: Body<ReasonIn>,
) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    platform.tenant(id).await?.or_not_found()?;
    if !platform.suspend_tenant(id, operator.session.identity, input.reason.as_str(), fresh.now()).await? {
        return Err(Problem::conflict("tenant-state", "Only an active tenant can be suspended"));
    }
    show(&app, id).await
}

/// Open a suspended tenant again.
///
/// People log in anew. Fails with `tenant-state` unless the tenant is suspended.
#[utoipa::path(post, path = "/tenants/{id}/resume", tag = "platform", operation_id = "resume_tenant",
    params(("id" = TenantId, Path)), request_body = ReasonIn,
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn resume(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<TenantId>,
    Body { input, .. }: Body<ReasonIn>,
) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    platform.tenant(id).await?.or_not_found()?;
    if !platform.resume_tenant(id, operator.session.identity, input.reason.as_str(), fresh.now()).await? {
        return Err(Problem::conflict("tenant-state", "Only a suspended tenant can be resumed"));
    }
    show(&app, id).await
}
