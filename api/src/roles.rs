//! Roles: named sets of permissions. A tenant starts with copies of the presets and may edit them.

mod list;
mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{RoleOut, RolePatch, RoleRef};

pub(crate) use store::{all, find};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read::read, update::update))
}
