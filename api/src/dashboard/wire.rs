//! The dashboard on the wire.

use chrono::NaiveDate;
use keystead_ids::ProjectId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    audit::EventOut,
    contracts::{State, Tally},
    http::{Money, Problem},
    units::Status,
};

/// Which dashboard.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DashboardParams {
    /// Of this project only; of all of one's projects unless told.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
}

/// A dashboard. What the caller's role does not show is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardOut {
    /// Homes by status; statuses without homes are left out.
    #[schema(required)]
    pub homes: Option<Vec<HomesOut>>,
    /// Contracts by state and currency; states without contracts are left out.
    #[schema(required)]
    pub contracts: Option<Vec<StageOut>>,
    /// How this month goes, beside the one before.
    #[schema(required)]
    pub months: Option<MonthsOut>,
    /// The ten newest events of the audit trail.
    #[schema(required)]
    pub activity: Option<Vec<EventOut>>,
}

/// The homes of one status.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomesOut {
    /// The status.
    pub status: Status,
    /// How many.
    pub count: i64,
}

/// The contracts of one state in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageOut {
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
    /// What they are about together: the sum of their agreed prices.
    pub total: Money,
}

/// Two months, as the builder's time zone has them.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthsOut {
    /// The month that goes on.
    pub this: MonthOut,
    /// The one before.
    pub last: MonthOut,
}

/// What became of contracts in a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthOut {
    /// Its first day.
    pub starts: NaiveDate,
    /// Contracts that were approved in it.
    pub approved: i64,
    /// Contracts that were cancelled in it.
    pub cancelled: i64,
}

impl TryFrom<Tally> for StageOut {
    type Error = Problem;

    fn try_from(row: Tally) -> Result<Self, Problem> {
        let Tally { state, currency, count, total_minor } = row;
        Ok(Self { state: state.parse()?, count, total: Money { amount_minor: total_minor, currency } })
    }
}
