//! Create a plan.

use keystead_entities::plan;
use keystead_tenants::orm::Set;

use super::{PlanIn, PlanOut, store};
use crate::{
    http::{Body, Created, Fresh, ManageProjects, Problem, Problems, Tx, Whole},
    projects,
};

/// Create a plan.
///
/// Fails with `plan-code-taken` when another plan of the project has the code.
#[utoipa::path(post, path = "/", tag = "plans", operation_id = "create_plan", request_body = PlanIn,
    responses((status = 201, body = PlanOut), Problems), extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageProjects>,
    fresh: Fresh,
    Body { input, once }: Body<PlanIn>,
) -> Result<Created<PlanOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let project = projects::named(&tx, input.project_id, "/project_id").await?;
    let row = plan::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(project.id),
        code: Set(input.code.into_string()),
        name: Set(input.name.into_string()),
        bedrooms: Set(input.bedrooms.map(Whole::get)),
        bathrooms: Set(input.bathrooms.map(Whole::get)),
        half_bathrooms: Set(input.half_bathrooms.map(Whole::get)),
        square_feet: Set(input.square_feet.map(Whole::get)),
        ..Default::default()
    };
    let out = PlanOut::from(store::insert(&tx, row).await.map_err(store::refused)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}
