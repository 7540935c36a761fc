//! Tenants, as operators see them.

use chrono::{DateTime, Utc};
use keystead_ids::TenantId;
use keystead_tenants::platform::{ProvisioningStep, Tenant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Text;

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

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantOut {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `provisioning`, `active`, `suspended`, `offboarding` or `offboarded`.
    pub state: &'static str,
    /// When it was approved.
    pub created_at: DateTime<Utc>,
    /// When it became usable.
    #[schema(required)]
    pub activated_at: Option<DateTime<Utc>>,
    /// When its keys were destroyed.
    pub offboarded_at: Option<DateTime<Utc>>,
    /// How its provisioning went, step by step; only when one tenant is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provisioning: Vec<StepOut>,
}

/// One step of provisioning.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepOut {
    /// Its name.
    pub step: String,
    /// How often it was begun.
    pub attempts: i32,
    /// When it was done.
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    #[schema(required)]
    pub error: Option<String>,
}

impl TenantOut {
    pub(super) fn new(tenant: Tenant, steps: Vec<ProvisioningStep>) -> Self {
        let Tenant { id, slug, name, state, created_at, activated_at, offboarded_at, .. } = tenant;
        Self {
            id,
            slug,
            name,
            state: state.name(),
            created_at,
            activated_at,
            offboarded_at,
            provisioning: steps.into_iter().map(StepOut::from).collect(),
        }
    }
}

impl From<ProvisioningStep> for StepOut {
    fn from(row: ProvisioningStep) -> Self {
        let ProvisioningStep { step, attempts, finished_at, error } = row;
        Self { step, attempts, finished_at, error }
    }
}
