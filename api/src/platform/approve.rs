//! Approve an application.

use axum::extract::State;
use keystead_ids::SignupId;

use super::{TenantOut, tenants::show};
use crate::{
    app::App,
    http::{Operator, OrNotFound, PathOf, Problem, Problems, Versioned},
    jobs::provision,
};

/// Approve an application and provision its tenant.
///
/// Fails with `signup-not-verified` unless the address is verified. Approving twice answers with the same tenant; what a
/// crash left half done is finished.
#[utoipa::path(post, path = "/signups/{id}/approve", tag = "platform", operation_id = "approve_signup",
    params(("id" = SignupId, Path)),
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn approve(
    operator: Operator,
    State(app): State<App>,
    PathOf(id): PathOf<SignupId>,
) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    platform.signup(id).await?.or_not_found()?;
    let tenant = provision::approve(&app, id, Some(operator.session.identity)).await?;
    show(&app, tenant).await
}
