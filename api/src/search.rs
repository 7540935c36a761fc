//! One field that finds whatever the caller may see: projects, homes, plans, contracts and contacts, a few of each.

mod find;
mod text;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use text::{Sought, number};
pub use wire::{HitKind, HitOut, SearchOut, SearchParams};

/// The slice's operation.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find::find))
}
