//! Sign-up: a builder applies, proves the address by a link, and an operator (or the configuration) approves.

mod create;
mod verify;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{SignupIn, SignupOut, VerifyIn};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create::create)).routes(routes!(verify::verify))
}
