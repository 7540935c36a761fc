//! Plans: the floor plans that a project offers.

mod create;
mod list;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{PlanFilters, PlanIn, PlanOut, PlanPatch};

pub(crate) use store::{find, search};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(read::read, update::update))
}
