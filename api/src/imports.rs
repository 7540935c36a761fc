//! Imports: homes from a builder's spreadsheet. The file streams in as the body of the request and is written in batches,
//! each a transaction of its own, so that an import that breaks off can go on where it stopped.

mod batch;
mod body;
mod create;
mod errors;
mod layout;
mod list;
mod read;
mod reader;
mod resume;
mod run;
mod store;
mod wire;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{ImportErrorOut, ImportFilters, ImportOut, ImportParams, ImportReport, ImportState};

/// The longest spreadsheet, in bytes.
pub const MAX_FILE_BYTES: usize = 512 * 1024 * 1024;

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(resume::resume))
        .layer(DefaultBodyLimit::max(MAX_FILE_BYTES))
        .routes(routes!(list::list))
        .routes(routes!(read::read))
        .routes(routes!(errors::errors))
}
