//! Members: the people of a tenant, each with one role and their projects.

mod list;
mod read;
mod scope;
pub(crate) mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use scope::ProjectScope;
pub use wire::{MemberOut, MemberPatch, MemberState};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read::read, update::update))
}
