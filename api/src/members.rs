//! Members: the people of a tenant, each with one role and their projects.

mod list;
mod read;
mod scope;
pub(crate) mod store;
mod update;
mod wire;

use chrono::{DateTime, Utc};
use keystead_ids::{MemberId, TenantId};
use keystead_tenants::DbError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use scope::ProjectScope;
pub use wire::{MemberOut, MemberPatch, MemberState};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read::read, update::update))
}

/// Ends every session of a member whose `state` was written. Where that fails, what it was written for is done, and no repeating
/// of it would help: the state itself keeps out who leaves, and who comes back has no session but one that was opened between
/// [`end_sessions`] and this.
pub(crate) async fn log_out(app: &App, tenant: TenantId, member: MemberId, state: MemberState, now: DateTime<Utc>) {
    if let Err(error) = end_sessions(app, tenant, member, state, now).await {
        tracing::warn!(%tenant, %member, %error, "a member's sessions were not ended");
    }
}

/// Ends every session of a member whose `state` is about to be written. Whoever comes back must not come back with an old one, so
/// this is done before, and what it is done for is not if it fails.
pub(crate) async fn end_sessions(
    app: &App,
    tenant: TenantId,
    member: MemberId,
    state: MemberState,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    app.db.platform().revoke_member(tenant, member, state.why_sessions_end(), now).await
}
