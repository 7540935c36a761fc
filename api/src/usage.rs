//! What a tenant has, counted by the platform inside the tenant's own policies, with the right to see what is counted and no
//! buyers: for operators, and for the limits that they set.

use futures::try_join;
use keystead_entities::{contract, file, invitation, member, project, unit};
use keystead_ids::TenantId;
use keystead_tenants::{
    SystemJob, TenantTx,
    orm::{
        ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect,
        QueryTrait,
    },
    platform::Limits as TenantLimits,
};

use crate::{
    app::App,
    http::{Needs, Problem, Tx},
};

/// What a tenant has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) members: u64,
    pub(crate) invited: u64,
    pub(crate) projects: u64,
    pub(crate) units: u64,
    pub(crate) contracts: u64,
    pub(crate) file_bytes: i64,
}

/// Counts all of it, in one round trip.
pub(crate) async fn measure(app: &App, tenant: TenantId) -> Result<Usage, Problem> {
    let tx = begin(app, tenant);
    let (members, invited, projects, units, contracts, file_bytes) = try_join!(
        members(&tx),
        invited(app, &tx),
        project::Entity::find().count(&tx),
        unit::Entity::find().count(&tx),
        contract::Entity::find().count(&tx),
        file_bytes(&tx),
    )?;
    Ok(Usage { members, invited, projects, units, contracts, file_bytes })
}

/// What there is room for, in a tenant whose operators set limits.
#[derive(Debug)]
pub(crate) struct Room(Option<(TenantLimits, Usage)>);

/// How much room there is. Call it before the first query of `tx`, so that nobody who holds a connection waits for another.
pub(crate) async fn room<P: Needs>(app: &App, tx: &Tx<P>) -> Result<Room, Problem> {
    let limits = tx.limits();
    if limits == TenantLimits::default() {
        return Ok(Room(None));
    }
    Ok(Room(Some((limits, measure(app, tx.tenant()).await?))))
}

impl Room {
    /// Is there room for more members? Whoever is invited counts.
    ///
    /// # Errors
    /// 409 `limit-reached`.
    pub(crate) fn for_members(&self, more: u64) -> Result<(), Problem> {
        self.within(more, |limits, has| (limits.members, has.members + has.invited))
    }

    /// Is there room for one more project?
    ///
    /// # Errors
    /// 409 `limit-reached`.
    pub(crate) fn for_project(&self) -> Result<(), Problem> {
        self.within(1, |limits, has| (limits.projects, has.projects))
    }

    /// Is there room for a file of this length?
    ///
    /// # Errors
    /// 409 `limit-reached`.
    pub(crate) fn for_file(&self, length: u64) -> Result<(), Problem> {
        self.within(length, |limits, has| (limits.file_bytes, has.file_bytes.unsigned_abs()))
    }

    fn within(&self, more: u64, of: impl Fn(&TenantLimits, &Usage) -> (Option<i64>, u64)) -> Result<(), Problem> {
        let Some((limits, usage)) = &self.0 else { return Ok(()) };
        match of(limits, usage) {
            (Some(most), has) if more > 0 && has + more > most.unsigned_abs() => {
                let title = "This is more than the company's plan holds; ask Keystead for more room";
                Err(Problem::conflict("limit-reached", title))
            }
            _ => Ok(()),
        }
    }
}

async fn members(tx: &TenantTx) -> Result<u64, DbErr> {
    member::Entity::find().filter(member::COLUMN.state.ne("removed")).count(tx).await
}

async fn invited(app: &App, tx: &TenantTx) -> Result<u64, DbErr> {
    let open = invitation::Entity::find()
        .filter(invitation::COLUMN.state.eq("open"))
        .filter(invitation::COLUMN.expires_at.gt(app.clock.now()));
    open.count(tx).await
}

/// What was uploaded, or promised to be, and not removed or rejected.
async fn file_bytes(tx: &TenantTx) -> Result<i64, DbErr> {
    let sum = file::Column::Length.sum().cast_as("bigint").if_null(0_i64);
    let kept = file::Entity::find()
        .select_only()
        .expr_as(sum, "bytes")
        .filter(file::COLUMN.state.is_in(["quarantined", "ready"]));
    let row = tx.query_one(&kept.into_query()).await?;
    row.map_or(Ok(0), |row| row.try_get("", "bytes"))
}

fn begin(app: &App, tenant: TenantId) -> TenantTx {
    app.db.begin_job(tenant, SystemJob::Measure, app.clock.id())
}
