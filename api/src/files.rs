//! Files: floor plans. Their bytes go straight between the caller and the storage, by presigned URL; what was uploaded
//! stays in quarantine until it has been read back and is what was declared.

mod confirm;
mod create;
mod link;
mod list;
mod read;
mod remove;
mod store;
mod upload;
mod verdict;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{ContentType, FileCreated, FileFilters, FileIn, FileKind, FileOut, FileState, Link, Upload};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, remove::remove))
        .routes(routes!(upload::upload))
        .routes(routes!(confirm::confirm))
        .routes(routes!(link::link))
}
