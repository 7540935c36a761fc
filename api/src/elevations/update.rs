//! Change an elevation.

use keystead_entities::elevation;
use keystead_ids::ElevationId;
use keystead_tenants::orm::Unchanged;

use super::{ElevationOut, ElevationPatch, store};
use crate::http::{Body, IfMatch, ManageProjects, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, patch};

/// Change an elevation.
///
/// Fails with `version-conflict` when it changed since it was read, `elevation-code-taken` when another has the code.
#[utoipa::path(patch, path = "/{id}", tag = "elevations", operation_id = "update_elevation",
    params(("id" = ElevationId, Path), ("If-Match" = String, Header)),
    request_body = ElevationPatch, responses((status = 200, body = ElevationOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageProjects>,
    PathOf(id): PathOf<ElevationId>,
    seen: IfMatch,
    Body { input, .. }: Body<ElevationPatch>,
) -> Result<Versioned<ElevationOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = elevation::ActiveModel {
        code: patch::set(input.code, |code| code.into_string()),
        name: patch::set(input.name, |name| name.into_string()),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await.map_err(store::refused)?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
