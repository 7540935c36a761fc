//! Import mappings: which column of a builder's spreadsheet means what, saved under a name.

mod create;
mod delete;
mod list;
mod read;
mod store;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{MappingIn, MappingOut};

pub(crate) use store::find;

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(read::read, delete::delete))
}
