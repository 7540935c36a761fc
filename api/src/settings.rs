//! The tenant's own settings: its name and what new projects start with.

mod read;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use wire::is_locale;
pub use wire::{SettingsOut, SettingsPatch};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read::read, update::update))
}
