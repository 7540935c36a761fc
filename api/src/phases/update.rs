//! Change a phase.

use keystead_entities::phase;
use keystead_ids::PhaseId;
use keystead_tenants::orm::Unchanged;

use super::{PhaseOut, PhasePatch, store, wire::ReleaseTime};
use crate::http::{Body, IfMatch, ManageProjects, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, patch};

/// Change a phase.
///
/// Setting `released_at` releases its homes at that time, now or later; null takes them off sale.
/// Fails with `version-conflict` when it changed since it was read, `phase-name-taken` when another has the name.
#[utoipa::path(patch, path = "/{id}", tag = "phases", operation_id = "update_phase",
    params(("id" = PhaseId, Path), ("If-Match" = String, Header)),
    request_body = PhasePatch, responses((status = 200, body = PhaseOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageProjects>,
    PathOf(id): PathOf<PhaseId>,
    seen: IfMatch,
    Body { input, .. }: Body<PhasePatch>,
) -> Result<Versioned<PhaseOut>, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let changes = phase::ActiveModel {
        name: patch::set(input.name, |name| name.into_string()),
        released_at: input.released_at.nullable(ReleaseTime::get),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await.map_err(store::refused)?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
