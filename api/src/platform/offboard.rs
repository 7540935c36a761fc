//! Let a tenant go.

use axum::extract::State;
use keystead_ids::TenantId;
use keystead_tenants::platform::TenantState;

use super::{OffboardIn, TenantOut, tenants::show};
use crate::{
    app::App,
    http::{Body, FieldCode, Fresh, Operator, OrNotFound, PathOf, Problem, Problems, Versioned},
    jobs::offboard,
};

/// Let a tenant go, and destroy its keys.
///
/// Nobody works in the tenant from now on, and nothing that was sealed for it opens again, in backups neither: its KMS key is
/// unusable at once and deleted after seven days. Its search digests and files are removed. Repeating it finishes what was
/// interrupted. Fails with `tenant-provisioning` while the tenant is being made.
#[utoipa::path(post, path = "/tenants/{id}/offboard", tag = "platform", operation_id = "offboard_tenant",
    params(("id" = TenantId, Path)), request_body = OffboardIn,
    responses((status = 200, body = TenantOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn offboard(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<TenantId>,
    Body { input, .. }: Body<OffboardIn>,
) -> Result<Versioned<TenantOut>, Problem> {
    let platform = app.db.platform();
    let tenant = platform.tenant(id).await?.or_not_found()?;
    if input.slug.as_str() != tenant.slug {
        return Err(Problem::field("/slug", FieldCode::NotMatching, "must be this tenant's slug"));
    }
    if tenant.state == TenantState::Provisioning {
        return Err(Problem::conflict("tenant-provisioning", "This tenant is still being made"));
    }
    platform.begin_offboarding(id, operator.session.identity, input.reason.as_str(), fresh.now()).await?;
    offboard::finish(&app, id).await?;
    show(&app, id).await
}
