//! Change a plan.

use keystead_entities::plan;
use keystead_ids::PlanId;
use keystead_tenants::orm::Unchanged;

use super::{PlanOut, PlanPatch, store};
use crate::http::{Body, IfMatch, ManageProjects, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, Whole, patch};

/// Change a plan.
///
/// Fails with `version-conflict` when it changed since it was read, `plan-code-taken` when another has the code.
#[utoipa::path(patch, path = "/{id}", tag = "plans", operation_id = "update_plan",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    request_body = PlanPatch, responses((status = 200, body = PlanOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageProjects>,
    PathOf(id): PathOf<PlanId>,
    seen: IfMatch,
    Body { input, .. }: Body<PlanPatch>,
) -> Result<Versioned<PlanOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = plan::ActiveModel {
        code: patch::set(input.code, |code| code.into_string()),
        name: patch::set(input.name, |name| name.into_string()),
        bedrooms: input.bedrooms.nullable(Whole::get),
        bathrooms: input.bathrooms.nullable(Whole::get),
        half_bathrooms: input.half_bathrooms.nullable(Whole::get),
        square_feet: input.square_feet.nullable(Whole::get),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await.map_err(store::refused)?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
