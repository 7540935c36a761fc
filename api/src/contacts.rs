//! Contacts: people who buy or may buy. Their data is sealed before it is written and masked wherever it is shown; the plain
//! values leave through `reveal` only, which records who took them and what for. `erase` ends it: the row stays for the contracts
//! that name it, and is nobody.

mod create;
mod erase;
mod fields;
mod list;
mod person;
mod read;
mod reveal;
mod store;
mod update;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use erase::EraseIn;
pub use fields::{AddressIn, BirthDateIn, EmailIn, NameIn, PhoneIn};
pub use reveal::{AddressOut, PersonalField, RevealIn, RevealOut};
pub use wire::{ContactFilters, ContactIn, ContactOut, ContactPatch, PersonIn};

pub(crate) use create::add;
pub(crate) use fields::read_as_object;
pub(crate) use list::{Known, found_by, known, search};
pub(crate) use person::{Person, wrapped};

/// The slice's operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, update::update))
        .routes(routes!(reveal::reveal))
        .routes(routes!(erase::erase))
}
