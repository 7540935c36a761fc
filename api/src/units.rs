//! Homes: what is for sale, at what price, and where each stands.

mod board;
mod create;
mod list;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use board::{BoardOut, BoardParams, CellOut};
pub use wire::{Status, UnitFilters, UnitIn, UnitOut, UnitPatch};

pub(crate) use store::{UnitRow, count_by_status, find, search};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(board::board))
        .routes(routes!(read::read, update::update))
}
