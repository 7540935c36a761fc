//! Create an elevation.

use keystead_entities::elevation;
use keystead_tenants::orm::Set;

use super::{ElevationIn, ElevationOut, store};
use crate::{
    http::{Body, Created, Fresh, ManageProjects, Problem, Problems, Tx},
    projects,
};

/// Create an elevation.
///
/// Fails with `elevation-code-taken` when another elevation of the plan has the code.
#[utoipa::path(post, path = "/", tag = "elevations", operation_id = "create_elevation", request_body = ElevationIn,
    responses((status = 201, body = ElevationOut), Problems), extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageProjects>,
    fresh: Fresh,
    Body { input, once }: Body<ElevationIn>,
) -> Result<Created<ElevationOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let project = projects::named(&tx, input.project_id, "/project_id").await?;
    let row = elevation::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(project.id),
        plan_id: Set(input.plan_id),
        code: Set(input.code.into_string()),
        name: Set(input.name.into_string()),
        ..Default::default()
    };
    let out = ElevationOut::from(store::insert(&tx, row).await.map_err(store::refused)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}
