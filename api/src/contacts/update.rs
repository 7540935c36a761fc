//! Change a contact.

use axum::extract::State;
use chrono::NaiveDate;
use keystead_entities::contact;
use keystead_ids::ContactId;
use keystead_keys::{KeyError, Pii, PiiField};
use keystead_tenants::orm::{ActiveValue, NotSet, Set, Unchanged};

use super::{
    ContactOut, ContactPatch, Person,
    person::{self, Sealer},
    store,
};
use crate::{
    app::App,
    http::{Body, Fresh, IfMatch, ManageContacts, Patch, PathOf, Problem, Problems, Tx, Versioned},
    vault,
};

/// Change a contact.
///
/// Fields that are not named stay as they are, also when they no longer open. Fails with `version-conflict` when the contact
/// changed since it was read, with `contact-erased` when it is nobody any more.
#[utoipa::path(patch, path = "/{id}", tag = "contacts", operation_id = "update_contact",
    params(("id" = ContactId, Path), ("If-Match" = String, Header)),
    request_body = ContactPatch, responses((status = 200, body = ContactOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("contacts.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageContacts>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<ContactId>,
    seen: IfMatch,
    Body { input, .. }: Body<ContactPatch>,
) -> Result<Versioned<ContactOut>, Problem> {
    let keys = vault::open(&app, &tx).await?;
    let Some(row) = store::locked(&tx, id).await? else { return Err(store::absent(&tx, id).await) };
    seen.check(row.row_version)?;
    let wrapped = store::key(&tx, id).await?.ok_or(KeyError::Corrupt)?;
    let sealer = Sealer { tenant: tx.tenant(), id, key: person::subject(&keys, &wrapped)?, index: keys.index()? };
    if let Some(name) = &input.name {
        store::replace_tokens(&tx, id, &sealer.tokens(row.project_id, &name.0)?).await?;
    }
    let row = store::update(&tx, changes(&sealer, input, fresh.now().date_naive())?).await?;
    let person = Person::open_or_damaged(&keys, &row, Some(&wrapped))?;
    tx.commit().await?;
    Ok(Versioned { version: row.row_version, body: ContactOut::masked(&row, person.as_ref()) })
}

/// The columns that change, sealed.
fn changes(sealer: &Sealer, input: ContactPatch, today: NaiveDate) -> Result<contact::ActiveModel, Problem> {
    let email = checked(input.email, |email| Ok(email.0))?;
    let phone = checked(input.phone, |phone| Ok(phone.0))?;
    let address = checked(input.address, |address| address.filled("/address".to_owned()))?;
    let born = checked(input.date_of_birth, |date| date.until(today, "/date_of_birth".to_owned()))?;
    let name = input.name.map(|name| sealer.seal(&name.0).map(Some)).transpose()?;
    Ok(contact::ActiveModel {
        tenant_id: Unchanged(sealer.tenant),
        id: Unchanged(sealer.id),
        name: name.map_or(NotSet, Set),
        email_bidx: column(&email, |email| sealer.blind(email))?,
        phone_bidx: column(&phone, |phone| sealer.blind(phone))?,
        email: column(&email, |email| sealer.seal_optional(email))?,
        phone: column(&phone, |phone| sealer.seal_optional(phone))?,
        address: column(&address, |address| sealer.seal_optional(address))?,
        date_of_birth: column(&born, |born| sealer.seal_optional(born))?,
        ..Default::default()
    })
}

/// What a field becomes: `None` leaves it, `Some(None)` clears it.
type Change<T> = Option<Option<Pii<T>>>;

fn checked<V, T: PiiField>(
    field: Patch<V>,
    check: impl FnOnce(V) -> Result<Pii<T>, Problem>,
) -> Result<Change<T>, Problem> {
    Ok(match field {
        Patch::Absent => None,
        Patch::Null => Some(None),
        Patch::Value(value) => Some(Some(check(value)?)),
    })
}

fn column<T: PiiField>(
    change: &Change<T>,
    into: impl FnOnce(Option<&Pii<T>>) -> Result<Option<Vec<u8>>, KeyError>,
) -> Result<ActiveValue<Option<Vec<u8>>>, KeyError> {
    Ok(match change {
        None => NotSet,
        Some(value) => Set(into(value.as_ref())?),
    })
}
