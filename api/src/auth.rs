//! Logging in and staying so: an access token of 10 minutes, held in memory, and a refresh token that is used once.

mod change_password;
mod device;
mod login;
mod logout;
mod me;
mod password;
mod profile;
mod refresh;
mod sessions;
mod store;
mod tokens;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub(crate) use logout::end;
pub(crate) use me::described;
pub(crate) use password::{check_new_password, hash_password, password_problem, too_many_failures};
pub use wire::{LoginIn, MeOut, MePatch, PasswordIn, RefreshIn, SessionOut, TokensOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(login::login)).routes(routes!(refresh::refresh)).routes(routes!(logout::logout))
}

/// `/v1/me`.
pub fn me_router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::me, profile::update))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::end_others))
        .routes(routes!(change_password::change))
}
