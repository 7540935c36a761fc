//! The parties of a contract as they come in.

use std::{collections::HashSet, fmt};

use chrono::{DateTime, Utc};
use keystead_ids::ContactId;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor},
};
use utoipa::ToSchema;

use crate::{
    contacts::{Person, PersonIn, read_as_object},
    http::{FieldCode, Problem},
};

/// The most parties of a contract.
const MOST: usize = 10;

/// A party of a contract: a contact of the project, or a new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct BuyerIn {
    /// A contact of the home's project. Either this or `contact`.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// A new contact, created with the contract; needs `contacts.manage`. Either this or `contact_id`.
    #[serde(default)]
    pub contact: Option<PersonIn>,
    /// What they are to the contract; unless told, the first is the buyer and the others are co-buyers.
    #[serde(default)]
    pub role: Option<PartyRole>,
}

read_as_object!(BuyerIn);

/// What a party is to a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Buys.
    Buyer,
    /// Buys together with the buyer.
    CoBuyer,
    /// Answers for a buyer's debts.
    Guarantor,
}

impl PartyRole {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::CoBuyer => "co_buyer",
            Self::Guarantor => "guarantor",
        }
    }
}

/// Reads 1 to 10 buyers. What is no list is refused without quoting it: it may be a name.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<BuyerIn>, D::Error> {
    deserializer.deserialize_any(Buyers)
}

struct Buyers;

impl<'de> Visitor<'de> for Buyers {
    type Value = Vec<BuyerIn>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<BuyerIn>, A::Error> {
        let mut buyers = Vec::new();
        while let Some(buyer) = list.next_element()? {
            if buyers.len() == MOST {
                return Err(A::Error::custom("must have at most 10 items"));
            }
            buyers.push(buyer);
        }
        if buyers.is_empty() { Err(A::Error::custom("must have at least one item")) } else { Ok(buyers) }
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Vec<BuyerIn>, E> {
        Err(E::custom("must be a list"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Vec<BuyerIn>, E> {
        Err(E::custom("must be a list"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Vec<BuyerIn>, E> {
        Err(E::custom("must be a list"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Vec<BuyerIn>, E> {
        Err(E::custom("must be a list"))
    }
}

/// The parties of a new contract, in order.
#[derive(Debug, Default)]
pub(super) struct Parties {
    /// Role and whether the party is one of `known` or of `new`: the next of them.
    pub(super) order: Vec<(PartyRole, Kind)>,
    /// Contacts that there are, in order.
    pub(super) known: Vec<ContactId>,
    /// People to become contacts, in order.
    pub(super) new: Vec<Person>,
}

/// Where a party comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Known(ContactId),
    New,
}

impl Parties {
    /// Checks what one item alone cannot tell.
    pub(super) fn checked(buyers: Vec<BuyerIn>, now: DateTime<Utc>) -> Result<Self, Problem> {
        let mut parties = Self::default();
        let mut seen = HashSet::new();
        for (index, BuyerIn { contact_id, contact, role }) in buyers.into_iter().enumerate() {
            let at = format!("/buyers/{index}");
            let role = role_at(index, role).ok_or_else(|| {
                Problem::field(
                    format!("{at}/role"),
                    FieldCode::Contradicts,
                    "must be buyer: the first party is the one who buys",
                )
            })?;
            let kind = match (contact_id, contact) {
                (Some(id), None) if seen.insert(id) => {
                    parties.known.push(id);
                    Kind::Known(id)
                }
                (Some(_), None) => {
                    return Err(Problem::field(format!("{at}/contact_id"), FieldCode::Contradicts, "is named twice"));
                }
                (None, Some(person)) => {
                    parties.new.push(person.checked(now, &format!("{at}/contact"))?);
                    Kind::New
                }
                _ => return Err(Problem::field(at, FieldCode::Contradicts, "must have either contact_id or contact")),
            };
            parties.order.push((role, kind));
        }
        Ok(parties)
    }

    /// JSON pointer to a contact that is named by its id.
    pub(super) fn pointer(&self, id: ContactId) -> String {
        let index = self.order.iter().position(|(_, kind)| *kind == Kind::Known(id)).unwrap_or_default();
        format!("/buyers/{index}/contact_id")
    }
}

/// The role of the party at a place; none where the first would not be the buyer.
fn role_at(index: usize, given: Option<PartyRole>) -> Option<PartyRole> {
    match (index, given) {
        (0, None | Some(PartyRole::Buyer)) => Some(PartyRole::Buyer),
        (0, Some(_)) => None,
        (_, given) => Some(given.unwrap_or(PartyRole::CoBuyer)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        #[serde(deserialize_with = "read")]
        buyers: Vec<BuyerIn>,
    }

    fn parties(buyers: Value) -> Result<Parties, String> {
        let holder: Holder = serde_json::from_value(json!({ "buyers": buyers })).map_err(|error| error.to_string())?;
        let now = DateTime::from_timestamp(1_750_000_000, 0).ok_or("no time")?;
        Parties::checked(holder.buyers, now).map_err(|problem| format!("{problem:?}"))
    }

    const ID: &str = "cnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";

    #[test]
    fn the_first_buys_and_the_others_join() {
        let parties = parties(
            json!([{"contact": {"name": "A"}}, {"contact_id": ID}, {"contact": {"name": "B"}, "role": "guarantor"}]),
        )
        .expect("parties");
        let roles: Vec<_> = parties.order.iter().map(|(role, _)| *role).collect();
        assert_eq!(roles, [PartyRole::Buyer, PartyRole::CoBuyer, PartyRole::Guarantor]);
        assert_eq!((parties.known.len(), parties.new.len()), (1, 2));
        assert_eq!(parties.pointer(parties.known[0]), "/buyers/1/contact_id");
    }

    #[test]
    fn mistakes_name_the_party() {
        for (buyers, said) in [
            (json!([]), "at least one"),
            (json!(vec![json!({"contact": {"name": "A"}}); 11]), "at most 10"),
            (json!([{}]), "/buyers/0\""),
            (json!([{"contact_id": ID, "contact": {"name": "A"}}]), "/buyers/0\""),
            (json!([{"contact_id": ID}, {"contact_id": ID}]), "/buyers/1/contact_id"),
            (json!([{"contact_id": ID, "role": "guarantor"}]), "/buyers/0/role"),
            (json!([{"contact": {"name": "A", "date_of_birth": "2999-01-01"}}]), "/buyers/0/contact/date_of_birth"),
            (json!([{"contact_id": ID, "role": "seller"}]), "unknown variant"),
        ] {
            let error = parties(buyers).expect_err(said);
            assert!(error.contains(said), "{error} should say {said}");
        }
    }

    #[test]
    fn what_is_no_list_of_objects_is_not_quoted() {
        for buyers in [
            json!("Canary 4711"),
            json!(4711),
            json!(["Canary 4711"]),
            json!([4711]),
            json!([{"contact": "Canary 4711"}]),
        ] {
            let error = parties(buyers).expect_err("no list of objects");
            assert!(!error.contains("4711"), "{error}");
        }
    }
}
