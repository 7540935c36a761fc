//! A project's homes at once, for a stacking or site board.

use axum::Json;
use keystead_ids::{BuildingId, PhaseId, PlanId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Status, UnitRow, store};
use crate::http::{Money, Params, Problem, Problems, ReadUnits, Tx};

/// A board has at most this many homes: more is no picture any more.
const MOST: u64 = 2_000;

/// Which homes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BoardParams {
    /// Of this project.
    pub project_id: ProjectId,
    /// In this building only.
    #[serde(default)]
    pub building_id: Option<BuildingId>,
}

/// A board.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardOut {
    /// The homes, oldest first; at most 2,000.
    pub items: Vec<CellOut>,
    /// False when there are more.
    pub complete: bool,
}

/// A home on a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct CellOut {
    /// Its id.
    pub id: UnitId,
    /// Its unit or lot number.
    pub number: String,
    /// The building that it is in.
    #[schema(required)]
    pub building_id: Option<BuildingId>,
    /// The floor that it is on; 0 is the ground.
    #[schema(required)]
    pub floor: Option<i16>,
    /// The phase with which it is released.
    pub phase_id: PhaseId,
    /// Its plan.
    #[schema(required)]
    pub plan_id: Option<PlanId>,
    /// Where it stands.
    pub status: Status,
    /// The price.
    pub price: Money,
}

/// Read a project's homes at once, with what a board shows of them.
#[utoipa::path(get, path = "/board", tag = "units", operation_id = "read_unit_board", params(BoardParams),
    responses((status = 200, body = BoardOut), Problems), extensions(("x-permission" = json!("units.read"))))]
pub(super) async fn board(tx: Tx<ReadUnits>, Params(params): Params<BoardParams>) -> Result<Json<BoardOut>, Problem> {
    let rows = store::board(&tx, params.project_id, params.building_id, MOST + 1).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let complete = rows.len() <= most;
    Ok(Json(BoardOut { items: rows.into_iter().take(most).map(CellOut::from).collect(), complete }))
}

impl From<UnitRow> for CellOut {
    fn from(UnitRow { unit, status }: UnitRow) -> Self {
        Self {
            id: unit.id,
            number: unit.number,
            building_id: unit.building_id,
            floor: unit.floor,
            phase_id: unit.phase_id,
            plan_id: unit.plan_id,
            status,
            price: Money { amount_minor: unit.price_minor, currency: unit.currency },
        }
    }
}
