//! Change a building.

use keystead_entities::building;
use keystead_ids::BuildingId;
use keystead_tenants::orm::Unchanged;

use super::{BuildingOut, BuildingPatch, store};
use crate::http::{Body, IfMatch, ManageProjects, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, Whole, patch};

/// Change a building.
///
/// Fails with `version-conflict` when it changed since it was read, `building-name-taken` when another has the name.
#[utoipa::path(patch, path = "/{id}", tag = "buildings", operation_id = "update_building",
    params(("id" = BuildingId, Path), ("If-Match" = String, Header)),
    request_body = BuildingPatch, responses((status = 200, body = BuildingOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageProjects>,
    PathOf(id): PathOf<BuildingId>,
    seen: IfMatch,
    Body { input, .. }: Body<BuildingPatch>,
) -> Result<Versioned<BuildingOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = building::ActiveModel {
        name: patch::set(input.name, |name| name.into_string()),
        floors: input.floors.nullable(Whole::get),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await.map_err(store::refused)?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
