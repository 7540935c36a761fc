//! Tenants, as operators see them.

use chrono::{DateTime, Utc};
use keystead_ids::TenantId;
use keystead_tenants::platform::{Limits, ProvisioningStep, Tenant, Terms};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{Patch, Text, Whole, patch};

/// Why an application is turned down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectIn {
    /// For the operators' trail.
    pub note: Text<1, 500>,
}

/// That a tenant is meant to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OffboardIn {
    /// The tenant's slug, typed again: there is no way back.
    pub slug: Text<1, 40>,
    /// Why, for the operators' trail.
    pub reason: Text<3, 500>,
}

/// Why a tenant is shut, or opened again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonIn {
    /// For the operators' trail.
    pub reason: Text<3, 500>,
}

/// What may change about a tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPatch {
    /// Another plan.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub plan: Option<Plan>,
    /// How many members it may have, with those who are invited; null is no limit.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000)]
    pub max_members: Patch<Whole<i32, 1, 1_000_000>>,
    /// How many projects it may have; null is no limit.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000)]
    pub max_projects: Patch<Whole<i32, 1, 1_000_000>>,
    /// How many megabytes (1,000,000 bytes) of files it may have; null is no limit.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000_000)]
    pub max_file_megabytes: Patch<Whole<i32, 1, 1_000_000_000>>,
}

/// What a tenant subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TenantPlan)]
pub enum Plan {
    /// To try it out.
    Trial,
    /// For most.
    Standard,
    /// For the large.
    Scale,
}

impl Plan {
    const fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Standard => "standard",
            Self::Scale => "scale",
        }
    }
}

const MEGABYTE: i64 = 1_000_000;

impl TenantPatch {
    /// The terms with what is patched.
    pub(super) fn merged(self, terms: Terms) -> Terms {
        let limit =
            |patch: Option<Option<i32>>, stands: Option<i64>| patch.map_or(stands, |value| value.map(i64::from));
        let Terms { version, plan, limits } = terms;
        let bytes = given(self.max_file_megabytes).map(|value| value.map(|megabytes| i64::from(megabytes) * MEGABYTE));
        Terms {
            version,
            plan: self.plan.map_or(plan, |plan| plan.name().to_owned()),
            limits: Limits {
                members: limit(given(self.max_members), limits.members),
                projects: limit(given(self.max_projects), limits.projects),
                file_bytes: bytes.unwrap_or(limits.file_bytes),
            },
        }
    }
}

fn given<const MIN: i32, const MAX: i32>(patch: Patch<Whole<i32, MIN, MAX>>) -> Option<Option<i32>> {
    match patch {
        Patch::Absent => None,
        Patch::Null => Some(None),
        Patch::Value(value) => Some(Some(value.get())),
    }
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantOut {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The cell that holds its data.
    #[schema(example = "main")]
    pub cell: String,
    /// `provisioning`, `active`, `suspended`, `offboarding` or `offboarded`.
    pub state: &'static str,
    /// When it was approved.
    pub created_at: DateTime<Utc>,
    /// When it became usable.
    #[schema(required)]
    pub activated_at: Option<DateTime<Utc>>,
    /// When its keys were destroyed.
    pub offboarded_at: Option<DateTime<Utc>>,
    /// Since when it is suspended.
    #[schema(required)]
    pub suspended_at: Option<DateTime<Utc>>,
    /// Why it is suspended.
    #[schema(required)]
    pub suspended_because: Option<String>,
    /// `trial`, `standard` or `scale`.
    pub plan: String,
    /// How many members it may have, with those who are invited; null is no limit.
    #[schema(required)]
    pub max_members: Option<i64>,
    /// How many projects it may have; null is no limit.
    #[schema(required)]
    pub max_projects: Option<i64>,
    /// How many megabytes (1,000,000 bytes) of files it may have; null is no limit.
    #[schema(required)]
    pub max_file_megabytes: Option<i64>,
    /// How its provisioning went, step by step; only when one tenant is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provisioning: Vec<StepOut>,
}

/// One step of provisioning.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepOut {
    /// Its name.
    pub step: String,
    /// How often it was tried to the end.
    pub attempts: i32,
    /// `waiting`, `running`, `failed` or `done`.
    pub state: &'static str,
    /// When it was begun last.
    #[schema(required)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done.
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    #[schema(required)]
    pub error: Option<String>,
}

impl TenantOut {
    pub(super) fn new(cell: &str, tenant: Tenant, steps: Vec<ProvisioningStep>) -> Self {
        let Tenant { id, slug, name, state, created_at, activated_at, offboarded_at, terms, suspended, .. } = tenant;
        let (suspended_at, suspended_because) = suspended.unzip();
        Self {
            id,
            slug,
            name,
            cell: cell.to_owned(),
            state: state.name(),
            created_at,
            activated_at,
            offboarded_at,
            suspended_at,
            suspended_because,
            plan: terms.plan,
            max_members: terms.limits.members,
            max_projects: terms.limits.projects,
            max_file_megabytes: terms.limits.file_bytes.map(|bytes| bytes / MEGABYTE),
            provisioning: steps.into_iter().map(StepOut::from).collect(),
        }
    }
}

impl From<ProvisioningStep> for StepOut {
    fn from(row: ProvisioningStep) -> Self {
        let ProvisioningStep { step, attempts, started_at, finished_at, error } = row;
        let state = match (finished_at, &error, started_at) {
            (Some(_), ..) => "done",
            (None, Some(_), _) => "failed",
            (None, None, Some(_)) => "running",
            (None, None, None) => "waiting",
        };
        Self { step, attempts, state, started_at, finished_at, error }
    }
}
