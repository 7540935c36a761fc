//! What a tenant has, and whether its key is well.

use axum::{Json, extract::State};
use keystead_ids::TenantId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Operator, OrNotFound, PathOf, Problem, Problems},
    usage,
};

/// What a tenant has. Counts only: an operator sees no row of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageOut {
    /// Members who were not removed.
    pub members: u64,
    /// Invitations that can still be accepted.
    pub invited: u64,
    /// Projects.
    pub projects: u64,
    /// Homes.
    pub units: u64,
    /// Contracts, cancelled ones included.
    pub contracts: u64,
    /// Bytes of its files.
    pub file_bytes: i64,
    /// What KMS says of its key: `Enabled`, `Disabled`, `PendingDeletion` …; null before there is one, and when KMS does not
    /// say.
    #[schema(required)]
    pub key_state: Option<String>,
}

/// Read what a tenant has, counted now.
#[utoipa::path(get, path = "/tenants/{id}/usage", tag = "platform", operation_id = "read_tenant_usage",
    params(("id" = TenantId, Path)), responses((status = 200, body = UsageOut), Problems),
    extensions(("x-permission" = json!("operator"))))]
pub(super) async fn read(
    _: Operator,
    State(app): State<App>,
    PathOf(id): PathOf<TenantId>,
) -> Result<Json<UsageOut>, Problem> {
    let tenant = app.db.platform().tenant(id).await?.or_not_found()?;
    let key_state = async {
        match &tenant.kms_key {
            Some(key) => app.keys.kms().key_state(key).await.ok(),
            None => None,
        }
    };
    let (usage, key_state) = futures::join!(usage::measure(&app, id), key_state);
    let usage::Usage { members, invited, projects, units, contracts, file_bytes } = usage?;
    Ok(Json(UsageOut { members, invited, projects, units, contracts, file_bytes, key_state }))
}
