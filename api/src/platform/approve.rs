//! Approve an application.

use axum::{Json, extract::State};
use keystead_ids::SignupId;

use super::TenantOut;
use crate::{
    app::App,
    http::{Operator, OrNotFound, PathOf, Problem, Problems},
    jobs::provision,
};

/// Approve an application and provision its tenant.
///
/// Fails with `signup-not-verified` unless the address is verified. Approving twice answers with the same tenant; what a
/// crash left half done is finished.
#[utoipa::path(post, path = "/signups/{id}/approve", tag = "platform", operation_id = "approve_signup",
    params(("id" = SignupId, Path)),
    responses((status = 200, body = TenantOut), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn approve(
    operator: Operator,
    State(app): State<App>,
    PathOf(id): PathOf<SignupId>,
) -> Result<Json<TenantOut>, Problem> {
    let platform = app.db.platform();
    platform.signup(id).await?.or_not_found()?;
    let tenant = provision::approve(&app, id, Some(operator.session.identity)).await?;
    let row = platform.tenant(tenant).await?.or_not_found()?;
    let steps = platform.provisioning_steps(tenant).await?;
    Ok(Json(TenantOut::new(row, steps)))
}
