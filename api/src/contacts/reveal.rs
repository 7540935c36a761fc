//! See a contact's data in full.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use keystead_entities::reveal;
use keystead_ids::{ContactId, RevealId};
use keystead_keys::{Address, KeyError, RevealGrant};
use keystead_tenants::orm::Set;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use super::{Person, store};
use crate::{
    app::App,
    http::{Body, Fresh, OrNotFound, PathOf, Problem, Problems, RevealContacts, Text, Tx},
    vault,
};

/// A field of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonalField {
    /// Full name.
    Name,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Postal address.
    Address,
    /// Date of birth.
    DateOfBirth,
}

impl PersonalField {
    const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::DateOfBirth => "date_of_birth",
        }
    }
}

/// What to see, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealIn {
    /// The fields that are needed; at least one.
    #[serde(deserialize_with = "some")]
    #[schema(value_type = Vec<PersonalField>, min_items = 1)]
    pub fields: BTreeSet<PersonalField>,
    /// What they are needed for; the audit trail keeps it.
    #[schema(example = "Calling the buyer about the inspection date")]
    pub purpose: Text<3, 300>,
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<PersonalField>, D::Error> {
    let fields = BTreeSet::deserialize(deserializer)?;
    if fields.is_empty() { Err(D::Error::custom("must name at least one field")) } else { Ok(fields) }
}

/// A contact's data in full: the fields that were asked for, null where nothing is known.
#[derive(Serialize, ToSchema)]
pub struct RevealOut {
    /// The record of this disclosure.
    pub id: RevealId,
    /// Whose data it is.
    pub contact_id: ContactId,
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// Phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Option<String>>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AddressOut>)]
    pub address: Option<Option<AddressOut>>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub date_of_birth: Option<Option<String>>,
}

/// A postal address; parts that are not known are empty.
#[derive(Serialize, ToSchema)]
pub struct AddressOut {
    /// Street and number.
    pub line1: String,
    /// Apartment, care of.
    pub line2: String,
    /// City or town.
    pub city: String,
    /// State, province or region.
    pub region: String,
    /// ZIP or postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: String,
}

impl From<Address> for AddressOut {
    fn from(address: Address) -> Self {
        // The address zeroes itself when it goes, so its parts cannot be moved out.
        let Address { line1, line2, city, region, postal_code, country } = &address;
        let [line1, line2, city, region, postal_code, country] =
            [line1, line2, city, region, postal_code, country].map(Clone::clone);
        Self { line1, line2, city, region, postal_code, country }
    }
}

/// The plain values must not stay anywhere on the way.
const NOT_STORED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// See a contact's data in full.
///
/// The disclosure, with its purpose, is in the audit trail before the answer leaves. Every call is a disclosure of its own:
/// `Idempotency-Key` is ignored, as keeping the answer would keep the data. Fails with `contact-erased` when the contact is
/// nobody any more.
#[utoipa::path(post, path = "/{id}/reveal", tag = "contacts", operation_id = "reveal_contact",
    params(("id" = ContactId, Path)), request_body = RevealIn,
    responses((status = 200, body = RevealOut), Problems), extensions(("x-permission" = json!("contacts.reveal"))))]
pub(super) async fn reveal(
    tx: Tx<RevealContacts>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<ContactId>,
    Body { input, .. }: Body<RevealIn>,
) -> Result<([(HeaderName, &'static str); 1], Json<RevealOut>), Problem> {
    let RevealIn { fields, purpose } = input;
    let keys = vault::open(&app, &tx).await?;
    let (row, key) = store::find(&tx, id).await?.or_not_found()?;
    if row.erased_at.is_some() {
        return Err(Problem::erased());
    }
    // Opened first: what cannot be shown must not be recorded as shown.
    let person = Person::open(&keys, &row, &key.ok_or(KeyError::Corrupt)?)?;
    let record: RevealId = fresh.id();
    let disclosure = reveal::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(record),
        project_id: Set(row.project_id),
        contact_id: Set(id),
        fields: Set(fields.iter().map(|field| field.name().to_owned()).collect()),
        purpose: Set(purpose.as_str().to_owned()),
        ..Default::default()
    };
    store::insert_reveal(&tx, disclosure).await?;
    tx.commit().await?;
    let grant = RevealGrant::recorded(purpose.as_str(), record)?;
    Ok((NOT_STORED, Json(plain(person, &grant, record, id, &fields))))
}

fn plain(
    person: Person,
    grant: &RevealGrant,
    id: RevealId,
    contact_id: ContactId,
    fields: &BTreeSet<PersonalField>,
) -> RevealOut {
    let asked = |field| fields.contains(&field);
    let Person { name, email, phone, address, date_of_birth } = person;
    RevealOut {
        id,
        contact_id,
        name: asked(PersonalField::Name).then(|| name.reveal(grant).as_str().to_owned()),
        email: asked(PersonalField::Email).then(|| email.map(|email| email.reveal(grant).as_str().to_owned())),
        phone: asked(PersonalField::Phone).then(|| phone.map(|phone| phone.reveal(grant).as_str().to_owned())),
        address: asked(PersonalField::Address).then(|| address.map(|address| address.reveal(grant).into())),
        date_of_birth: asked(PersonalField::DateOfBirth)
            .then(|| date_of_birth.map(|date| date.reveal(grant).date().to_string())),
    }
}

#[cfg(test)]
mod tests {
    use keystead_keys::{Email, Name, Pii};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_was_asked_for_leaves() {
        let person = Person {
            name: Pii::new(Name::new("Jane Doe")),
            email: Some(Pii::new(Email::new("jane@example.com"))),
            phone: None,
            address: None,
            date_of_birth: None,
        };
        let record = RevealId(Uuid::from_u128(7));
        let contact = ContactId(Uuid::from_u128(8));
        let grant = RevealGrant::recorded("closing", record).expect("a purpose");
        let fields = [PersonalField::Email, PersonalField::Phone].into();
        let out = serde_json::to_value(plain(person, &grant, record, contact, &fields)).expect("JSON");
        assert_eq!(out, json!({"id": record, "contact_id": contact, "email": "jane@example.com", "phone": null}));
    }

    #[test]
    fn a_reveal_needs_fields_and_a_purpose() {
        let read = |value| serde_json::from_value::<RevealIn>(value);
        assert!(read(json!({"fields": ["name", "date_of_birth"], "purpose": "closing"})).is_ok());
        assert!(read(json!({"fields": [], "purpose": "closing"})).is_err());
        assert!(read(json!({"fields": ["ssn"], "purpose": "closing"})).is_err());
        assert!(read(json!({"fields": ["name"], "purpose": "  x "})).is_err());
    }
}
