//! Create a phase.

use keystead_entities::phase;
use keystead_tenants::orm::Set;

use super::{PhaseIn, PhaseOut, store, wire::ReleaseTime};
use crate::{
    http::{Body, Created, Fresh, ManageProjects, Problem, Problems, Tx},
    projects,
};

/// Create a phase.
///
/// Fails with `phase-name-taken` when another phase of the project has the name.
#[utoipa::path(post, path = "/", tag = "phases", operation_id = "create_phase", request_body = PhaseIn,
    responses((status = 201, body = PhaseOut), Problems), extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageProjects>,
    fresh: Fresh,
    Body { input, once }: Body<PhaseIn>,
) -> Result<Created<PhaseOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let project = projects::named(&tx, input.project_id, "/project_id").await?;
    let row = phase::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(project.id),
        name: Set(input.name.into_string()),
        released_at: Set(input.released_at.map(ReleaseTime::get)),
        ..Default::default()
    };
    let out = PhaseOut::from(store::insert(&tx, row).await.map_err(store::refused)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}
