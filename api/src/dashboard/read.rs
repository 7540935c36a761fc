//! Read the dashboard.

use axum::Json;
use futures::try_join;
use keystead_ids::Permission;

use super::{DashboardOut, DashboardParams, HomesOut, StageOut};
use crate::{
    audit, contracts,
    http::{BeMember, Params, Problem, Problems, Tx},
    units,
};

/// How many events are shown.
const EVENTS: u64 = 10;

/// Read the dashboard of one's projects, or of one.
///
/// Each part needs what its list needs: `units.read`, `contracts.read`, `audit.read`.
#[utoipa::path(get, path = "/", tag = "dashboard", operation_id = "read_dashboard", params(DashboardParams),
    responses((status = 200, body = DashboardOut), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn read(
    tx: Tx<BeMember>,
    Params(params): Params<DashboardParams>,
) -> Result<Json<DashboardOut>, Problem> {
    let project = params.project_id;
    let may = |permission| tx.grant().permissions().allows(permission);
    // Asked together, they travel in one round trip. What the role does not show, the policies leave empty.
    let (homes, stages, months, activity) = try_join!(
        async { Ok::<_, Problem>(units::count_by_status(&tx, project).await?) },
        async { Ok(contracts::tallies(&tx, project).await?) },
        async { Ok(contracts::months(&tx, project).await?) },
        audit::newest(&tx, project, EVENTS),
    )?;
    let homes = homes.into_iter().map(|(status, count)| HomesOut { status, count }).collect();
    let stages = stages.into_iter().map(StageOut::try_from).collect::<Result<_, _>>()?;
    let sees_contracts = may(Permission::ContractsRead);
    Ok(Json(DashboardOut {
        homes: may(Permission::UnitsRead).then_some(homes),
        contracts: sees_contracts.then_some(stages),
        months: sees_contracts.then_some(months),
        activity: may(Permission::AuditRead).then_some(activity),
    }))
}
