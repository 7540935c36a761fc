//! The audit trail: who changed what and when. The database writes it; the API only reads.

mod events;
mod export;
mod head;
mod key;
mod object;
mod signer;
mod store;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use object::ObjectId;
pub(crate) use signer::KnownSigner;
pub(crate) use store::newest;
pub use wire::{ActorOut, CheckpointOut, EventFilters, EventOut, HeadOut, KeyOut, ObjectOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events::events))
        .routes(routes!(head::head))
        .routes(routes!(key::key))
        .routes(routes!(export::export))
}
