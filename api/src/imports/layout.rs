//! The phases, buildings, plans and elevations that homes name: found, or made.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use keystead_entities::{building, elevation, phase, plan};
use keystead_ids::{BuildingId, ElevationId, PhaseId, PlanId, ProjectId, TenantId};
use keystead_sheets::UnitRow;
use keystead_tenants::{
    Clock, TenantTx,
    orm::{DbErr, Set},
};

use super::store;

/// How many names of a kind are remembered between batches. One that is forgotten costs a look-up, no more.
const MAX_KNOWN: usize = 10_000;

/// Where names are looked up and made.
pub(super) struct Site<'a> {
    pub(super) tx: &'a TenantTx,
    pub(super) clock: &'a Clock,
    pub(super) tenant: TenantId,
    pub(super) project: ProjectId,
    /// When new phases are released, if they are.
    pub(super) released_at: Option<DateTime<Utc>>,
}

/// What is known of the project's layout.
#[derive(Debug, Default)]
pub(super) struct Layout {
    phases: HashMap<String, PhaseId>,
    buildings: HashMap<String, BuildingId>,
    plans: HashMap<String, PlanId>,
    elevations: HashMap<(PlanId, String), ElevationId>,
}

/// Where a home is in the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) phase: PhaseId,
    pub(super) building: Option<BuildingId>,
    pub(super) plan: Option<PlanId>,
    pub(super) elevation: Option<ElevationId>,
}

impl Layout {
    /// Finds or makes everything that `units` name. Names are taken in order, so that two imports cannot wait for each
    /// other.
    pub(super) async fn complete(&mut self, site: &Site<'_>, units: &[UnitRow]) -> Result<(), DbErr> {
        self.forget();
        self.phases(site, unknown(&self.phases, units.iter().map(|unit| unit.phase.as_str()))).await?;
        self.buildings(site, unknown(&self.buildings, units.iter().filter_map(|unit| unit.building.as_deref())))
            .await?;
        self.plans(site, unknown(&self.plans, units.iter().filter_map(|unit| unit.plan.as_deref()))).await?;
        self.elevations(site, units).await
    }

    /// The place of a home that was among those completed last.
    pub(super) fn place(&self, unit: &UnitRow) -> Option<Place> {
        let plan = known(&self.plans, unit.plan.as_ref())?;
        let elevation = plan.zip(unit.elevation.clone());
        Some(Place {
            phase: *self.phases.get(&unit.phase)?,
            building: known(&self.buildings, unit.building.as_ref())?,
            plan,
            elevation: known(&self.elevations, elevation.as_ref())?,
        })
    }

    fn forget(&mut self) {
        if self.phases.len() > MAX_KNOWN {
            self.phases.clear();
        }
        if self.buildings.len() > MAX_KNOWN {
            self.buildings.clear();
        }
        if self.plans.len() > MAX_KNOWN {
            self.plans.clear();
        }
        if self.elevations.len() > MAX_KNOWN {
            self.elevations.clear();
        }
    }

    async fn phases(&mut self, site: &Site<'_>, names: Vec<String>) -> Result<(), DbErr> {
        let row = |name: &String| phase::ActiveModel {
            tenant_id: Set(site.tenant),
            id: Set(site.clock.id()),
            project_id: Set(site.project),
            name: Set(name.clone()),
            released_at: Set(site.released_at),
            ..Default::default()
        };
        let rows = names.iter().map(row).collect();
        let key = [phase::Column::TenantId, phase::Column::ProjectId, phase::Column::Name];
        let found = store::find_or_create::<phase::Entity>(site.tx, key, site.project, names, rows).await?;
        self.phases.extend(found.into_iter().map(|row| (row.name, row.id)));
        Ok(())
    }

    async fn buildings(&mut self, site: &Site<'_>, names: Vec<String>) -> Result<(), DbErr> {
        let row = |name: &String| building::ActiveModel {
            tenant_id: Set(site.tenant),
            id: Set(site.clock.id()),
            project_id: Set(site.project),
            name: Set(name.clone()),
            ..Default::default()
        };
        let rows = names.iter().map(row).collect();
        let key = [building::Column::TenantId, building::Column::ProjectId, building::Column::Name];
        let found = store::find_or_create::<building::Entity>(site.tx, key, site.project, names, rows).await?;
        self.buildings.extend(found.into_iter().map(|row| (row.name, row.id)));
        Ok(())
    }

    async fn plans(&mut self, site: &Site<'_>, codes: Vec<String>) -> Result<(), DbErr> {
        let row = |code: &String| plan::ActiveModel {
            tenant_id: Set(site.tenant),
            id: Set(site.clock.id()),
            project_id: Set(site.project),
            code: Set(code.clone()),
            name: Set(code.clone()),
            ..Default::default()
        };
        let rows = codes.iter().map(row).collect();
        let key = [plan::Column::TenantId, plan::Column::ProjectId, plan::Column::Code];
        let found = store::find_or_create::<plan::Entity>(site.tx, key, site.project, codes, rows).await?;
        self.plans.extend(found.into_iter().map(|row| (row.code, row.id)));
        Ok(())
    }

    async fn elevations(&mut self, site: &Site<'_>, units: &[UnitRow]) -> Result<(), DbErr> {
        let named = units.iter().filter_map(|unit| {
            let plan = *self.plans.get(unit.plan.as_ref()?)?;
            Some((plan, unit.elevation.clone()?))
        });
        let keys: BTreeSet<_> = named.filter(|key| !self.elevations.contains_key(key)).collect();
        let row = |(plan, code): &(PlanId, String)| elevation::ActiveModel {
            tenant_id: Set(site.tenant),
            id: Set(site.clock.id()),
            project_id: Set(site.project),
            plan_id: Set(*plan),
            code: Set(code.clone()),
            name: Set(code.clone()),
            ..Default::default()
        };
        let rows = keys.iter().map(row).collect();
        let found = store::find_or_create_elevations(site.tx, keys, rows).await?;
        self.elevations.extend(found.into_iter().map(|row| ((row.plan_id, row.code), row.id)));
        Ok(())
    }
}

/// The names that are not known, each once and in order.
fn unknown<'a, I>(known: &HashMap<String, I>, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.filter(|name| !known.contains_key(*name)).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// What `key` names: nothing if there is no key, and `None` if it is not known.
fn known<K: std::hash::Hash + Eq, I: Copy>(map: &HashMap<K, I>, key: Option<&K>) -> Option<Option<I>> {
    key.map(|key| map.get(key).copied()).map_or(Some(None), |id| id.map(Some))
}
