//! The audit trail: who changed what and when. The database writes it; the API only reads.

mod events;
mod export;
mod head;
mod object;
mod store;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use object::ObjectId;
pub(crate) use store::newest;
pub use wire::{ActorOut, EventFilters, EventOut, HeadOut, ObjectOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events::events)).routes(routes!(head::head)).routes(routes!(export::export))
}
