//! Projects: the communities that a builder sells. A member sees the projects that they are assigned to.

mod create;
mod list;
mod named;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{ProjectIn, ProjectOut, ProjectPatch};

pub(crate) use named::named;
pub(crate) use store::{find, search};
pub(crate) use wire::{is_time_zone, optional_time_zone};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(read::read, update::update))
}
