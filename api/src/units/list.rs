//! List homes.

use axum::Json;
use keystead_tenants::TenantTx;

use super::{UnitFilters, UnitOut, store};
use crate::{
    buildings,
    http::{FieldCode, Page, PageParams, Paging, Problem, Problems, ReadUnits, Tx},
    phases, plans, projects,
};

/// List homes, oldest first.
///
/// Shows homes of the projects that the caller is assigned to.
#[utoipa::path(get, path = "/", tag = "units", operation_id = "list_units", params(PageParams, UnitFilters),
    responses((status = 200, body = Page<UnitOut>), Problems), extensions(("x-permission" = json!("units.read"))))]
pub(super) async fn list(tx: Tx<ReadUnits>, paging: Paging<UnitFilters>) -> Result<Json<Page<UnitOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    if rows.is_empty() {
        refuse_unknown(&tx, &paging.filters).await?;
    }
    Ok(Json(paging.page(rows, |row| row.unit.id.uuid(), UnitOut::from)))
}

/// Only an empty page leaves the question whether what was asked for exists at all.
async fn refuse_unknown(tx: &TenantTx, filters: &UnitFilters) -> Result<(), Problem> {
    if let Some(id) = filters.project_id {
        projects::named(tx, id, "project_id").await?;
    }
    if let Some(id) = filters.phase_id {
        phases::find(tx, id).await?.ok_or_else(|| unknown("phase_id"))?;
    }
    if let Some(id) = filters.building_id {
        buildings::find(tx, id).await?.ok_or_else(|| unknown("building_id"))?;
    }
    if let Some(id) = filters.plan_id {
        plans::find(tx, id).await?.ok_or_else(|| unknown("plan_id"))?;
    }
    Ok(())
}

fn unknown(parameter: &'static str) -> Problem {
    Problem::field(parameter, FieldCode::Unknown, "names nothing in your projects")
}
