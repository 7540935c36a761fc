//! The operators' side: applications to approve, tenants and what is decided about them, the operators themselves, how the
//! platform is and what was done.

mod approve;
mod health;
mod log;
mod me;
mod offboard;
mod operators;
mod reject;
mod signups;
mod suspend;
mod tenants;
mod terms;
mod usage;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use log::LogFilters;
pub use operators::OperatorIn;
pub use wire::{OffboardIn, Plan, ReasonIn, RejectIn, TenantOut, TenantPatch};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(signups::list))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(tenants::list))
        .routes(routes!(tenants::read, terms::update))
        .routes(routes!(usage::read))
        .routes(routes!(suspend::suspend))
        .routes(routes!(suspend::resume))
        .routes(routes!(tenants::provision))
        .routes(routes!(offboard::offboard))
        .routes(routes!(operators::list, operators::invite))
        .routes(routes!(operators::disable))
        .routes(routes!(health::read))
        .routes(routes!(health::replay))
        .routes(routes!(log::list))
        .routes(routes!(me::me))
        .routes(routes!(me::log_out))
}
