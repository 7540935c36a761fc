//! Change a project.

use keystead_entities::project;
use keystead_ids::ProjectId;
use keystead_tenants::orm::Unchanged;

use super::{ProjectOut, ProjectPatch, store};
use crate::http::{Body, IfMatch, ManageProjects, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, patch};

/// Change a project.
///
/// Fails with `version-conflict` when it changed since it was read.
#[utoipa::path(patch, path = "/{id}", tag = "projects", operation_id = "update_project",
    params(("id" = ProjectId, Path), ("If-Match" = String, Header)),
    request_body = ProjectPatch, responses((status = 200, body = ProjectOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageProjects>,
    PathOf(id): PathOf<ProjectId>,
    seen: IfMatch,
    Body { input, .. }: Body<ProjectPatch>,
) -> Result<Versioned<ProjectOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = project::ActiveModel {
        name: patch::set(input.name, |name| name.into_string()),
        time_zone: patch::set(input.time_zone, |zone| zone),
        state: patch::set(input.state, |state| state.name().to_owned()),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
