//! Logging in and staying so: an access token of 15 minutes, held in memory, and a refresh token that is used once.

mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod tokens;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use password::{check_new_password, hash_password, password_problem};
pub use wire::{LoginIn, MeOut, TokensOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(login::login)).routes(routes!(refresh::refresh)).routes(routes!(logout::logout))
}

/// `/v1/me`.
pub fn me_router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me::me))
}
