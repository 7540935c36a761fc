//! Contracts: the sale of one home to its buyers. At most one lives per home; each moves along one state machine.

mod approve;
mod buyers;
mod cancel;
mod create;
mod figures;
mod list;
mod read;
mod return_to_draft;
mod rules;
mod store;
mod submit;
mod transition;
mod view;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use buyers::{BuyerIn, PartyRole};
pub use cancel::{CancelIn, CancelReason};
pub use rules::State;
pub use wire::{BuyerOut, ContractFilters, ContractIn, ContractOut, ContractUnit, Sort};

pub(crate) use figures::{Tally, months, tallies};
pub(crate) use store::{Row, search};
pub(crate) use view::{Live, live_with};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read))
        .routes(routes!(submit::submit))
        .routes(routes!(approve::approve))
        .routes(routes!(return_to_draft::return_to_draft))
        .routes(routes!(cancel::cancel))
}
