//! Members: the people of a tenant, each with one role and their projects.

mod list;
mod read;
mod scope;
pub(crate) mod store;
mod update;
mod wire;

use chrono::{DateTime, Utc};
use keystead_ids::{MemberId, TenantId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use scope::ProjectScope;
pub use wire::{MemberOut, MemberPatch, MemberState};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read::read, update::update))
}

/// Ends every session of a member whose `state` was written. Where that fails, the state itself keeps them out; what it was
/// written for is done, and no repeating of it would help.
pub(crate) async fn log_out(app: &App, tenant: TenantId, member: MemberId, state: MemberState, now: DateTime<Utc>) {
    let ended = app.db.platform().revoke_member(tenant, member, state.why_sessions_end(), now).await;
    if let Err(error) = ended {
        tracing::warn!(%tenant, %member, %error, "a member's sessions were not ended");
    }
}
