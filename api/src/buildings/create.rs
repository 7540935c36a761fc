//! Create a building.

use keystead_entities::building;
use keystead_tenants::orm::Set;

use super::{BuildingIn, BuildingOut, store};
use crate::{
    http::{Body, Created, Fresh, ManageProjects, Problem, Problems, Tx, Whole},
    projects,
};

/// Create a building.
///
/// Fails with `building-name-taken` when another building of the project has the name.
#[utoipa::path(post, path = "/", tag = "buildings", operation_id = "create_building", request_body = BuildingIn,
    responses((status = 201, body = BuildingOut), Problems), extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageProjects>,
    fresh: Fresh,
    Body { input, once }: Body<BuildingIn>,
) -> Result<Created<BuildingOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let project = projects::named(&tx, input.project_id, "/project_id").await?;
    let row = building::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(project.id),
        name: Set(input.name.into_string()),
        floors: Set(input.floors.map(Whole::get)),
        ..Default::default()
    };
    let out = BuildingOut::from(store::insert(&tx, row).await.map_err(store::refused)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}
