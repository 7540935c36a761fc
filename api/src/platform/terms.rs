//! Change a tenant's plan and limits.

use axum::extract::State;
use keystead_ids::TenantId;

use super::{TenantOut, TenantPatch, tenants::show};
use crate::{
    app::App,
    http::{Body, Fresh, IfMatch, Operator, OrNotFound, PathOf, Problem, Problems, Versioned},
};

/// Change a tenant's plan and limits.
///
/// A limit that is below what the tenant has takes nothing away; it keeps more from being added. Limits bite within five
/// seconds. Fails with `version-conflict` when they changed since they were read.
#[utoipa::path(patch, path = "/tenants/{id}", tag = "platform", operation_id = "update_tenant",
    params(("id" = TenantId, Path), ("If-Match" = String, Header)), request_body = TenantPatch,
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn update(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<TenantId>,
    seen: IfMatch,
    Body { input, .. }: Body<TenantPatch>,
) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    let terms = platform.tenant(id).await?.or_not_found()?.terms;
    seen.check(terms.version)?;
    let stood = terms.version;
    if !platform.set_terms(id, &input.merged(terms), operator.session.identity, fresh.now()).await? {
        return Err(Problem::version_conflict(stood + 1));
    }
    show(&app, id).await
}
