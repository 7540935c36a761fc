//! The operators' side: applications to approve, tenants and how their provisioning goes.

mod approve;
mod offboard;
mod reject;
mod signups;
mod tenants;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{OffboardIn, RejectIn, TenantOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(signups::list))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(tenants::list))
        .routes(routes!(tenants::read))
        .routes(routes!(tenants::provision))
        .routes(routes!(offboard::offboard))
}
