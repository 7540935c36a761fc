//! Read a contact.

use axum::extract::State;
use keystead_ids::ContactId;

use super::{ContactOut, Person, store};
use crate::{
    app::App,
    http::{OrNotFound, PathOf, Problem, Problems, ReadContacts, Tx, Versioned},
    vault,
};

/// Read a contact, masked.
#[utoipa::path(get, path = "/{id}", tag = "contacts", operation_id = "read_contact", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contacts.read"))))]
pub(super) async fn read(
    tx: Tx<ReadContacts>,
    State(app): State<App>,
    PathOf(id): PathOf<ContactId>,
) -> Result<Versioned<ContactOut>, Problem> {
    let keys = vault::open(&app, &tx).await?;
    let (row, key) = store::find(&tx, id).await?.or_not_found()?;
    let person = Person::open_or_damaged(&keys, &row, key.as_ref())?;
    Ok(Versioned { version: row.row_version, body: ContactOut::masked(&row, person.as_ref()) })
}
