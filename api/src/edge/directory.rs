//! The directory as this cell knows it.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use keystead_edge::{
    directory::{Cell, CellEntry, DomainEntry, Plan, Snapshot, TenantEntry},
    limits::Quota,
};
use keystead_ids::TenantId;
use tokio::sync::Mutex;

use crate::{app::App, http::Problem};

/// The database is asked for the epoch this often at most.
const BELIEVED: Duration = Duration::from_millis(500);

/// Requests a minute that the tenants of a plan have together.
const PLANS: [(&str, u32); 3] = [("trial", 1_000), ("standard", 6_000), ("scale", 60_000)];

/// A directory with what this cell checks itself.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Rises with every change.
    pub(crate) epoch: u64,
    /// As edges get it.
    pub(crate) snapshot: Snapshot,
    tenants: HashMap<TenantId, (u64, String)>,
}

impl Directory {
    /// The host label of a tenant that is to be reached, if who routed by `epoch` knew its last change.
    pub(crate) fn slug(&self, tenant: TenantId, epoch: u64) -> Option<&str> {
        self.tenants.get(&tenant).filter(|(changed, _)| *changed <= epoch).map(|(_, slug)| slug.as_str())
    }
}

/// The directory of this process, kept for a moment.
#[derive(Debug, Default)]
pub(crate) struct Routing(Mutex<Option<(Arc<Directory>, Instant)>>);

impl Routing {
    /// The directory as it is now, for edges: they keep it themselves.
    pub(crate) async fn newest(&self, app: &App) -> Result<Arc<Directory>, Problem> {
        self.at_least(app, u64::MAX).await
    }

    /// The directory, at most half a second old, and not older than `epoch` if there is such an epoch.
    pub(crate) async fn at_least(&self, app: &App, epoch: u64) -> Result<Arc<Directory>, Problem> {
        let mut kept = self.0.lock().await;
        if let Some((directory, at)) = &*kept
            && at.elapsed() < BELIEVED
            && directory.epoch >= epoch
        {
            return Ok(Arc::clone(directory));
        }
        let platform = app.db.platform();
        let current = platform.directory_epoch().await?;
        let directory = match &*kept {
            Some((directory, _)) if directory.epoch == current => Arc::clone(directory),
            _ => Arc::new(load(app).await?),
        };
        *kept = Some((Arc::clone(&directory), Instant::now()));
        Ok(directory)
    }
}

async fn load(app: &App) -> Result<Directory, Problem> {
    let rows = app.db.platform().directory().await?;
    let cell = Cell::from(app.config.cell.as_str());
    let per_subject = app.config.quotas.per_member.get();
    let plan = |(name, limit): (&str, u32)| {
        // A deployment that allows one person more than a plan allows all means that.
        let per_tenant = Quota::per_minute(limit.max(per_subject));
        (name.to_owned(), Plan { per_tenant, per_subject: Quota::per_minute(per_subject) })
    };
    let slugs = rows.tenants.iter().map(|row| (row.id, (row.route_epoch, row.slug.clone()))).collect();
    let tenants = rows.tenants.into_iter();
    let snapshot = Snapshot {
        epoch: rows.epoch,
        base_domain: app.config.base_domain.clone(),
        default_cell: cell.clone(),
        cells: HashMap::from([(cell.clone(), CellEntry { issuer: app.ring().issuer().to_owned() })]),
        plans: PLANS.into_iter().map(plan).collect(),
        tenants: tenants
            .map(|row| TenantEntry {
                id: row.id,
                slug: row.slug,
                cell: cell.clone(),
                plan: row.plan,
                moving: row.moving,
            })
            .collect(),
        domains: rows.domains.into_iter().map(|(host, tenant)| DomainEntry { host, tenant }).collect(),
    };
    Ok(Directory { epoch: rows.epoch, snapshot, tenants: slugs })
}
