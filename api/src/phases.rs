//! Phases: homes of a project that are released for sale together.

mod create;
mod list;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{PhaseFilters, PhaseIn, PhaseOut, PhasePatch};

pub(crate) use store::find;

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(read::read, update::update))
}
