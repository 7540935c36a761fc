//! Invitations: how colleagues join. A link that works once, for three days, for one address.

mod accept;
mod bulk;
mod create;
mod list;
mod resend;
mod revoke;
mod store;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use bulk::{BulkIn, BulkOut};
pub use wire::{AcceptIn, AcceptedOut, InvitationIn, InvitationOut};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(bulk::create))
        .routes(routes!(accept::accept))
        .routes(routes!(resend::resend))
        .routes(routes!(revoke::revoke))
}
