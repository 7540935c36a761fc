//! Elevations: the façades in which a plan is built.

mod create;
mod list;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{ElevationFilters, ElevationIn, ElevationOut, ElevationPatch};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(read::read, update::update))
}
