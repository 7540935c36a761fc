//! Masks, and that nothing else than a reveal lets a value out.

use chrono::NaiveDate;
use proptest::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::{place, subject_key, tenant_keys};
use crate::{
    Address, DateOfBirth, Email, KeyError, Name, Phone, Pii, PiiField, Place, Purpose, RevealGrant, Sealed, Secret,
};

fn address() -> Address {
    Address {
        line1: "77 Canary Lane".into(),
        line2: "Unit 9".into(),
        city: "Austin".into(),
        region: "TX".into(),
        postal_code: "78701".into(),
        country: "US".into(),
    }
}

fn born() -> DateOfBirth {
    DateOfBirth::new(NaiveDate::from_ymd_opt(1984, 2, 29).expect("date"))
}

fn round_trip<T: PiiField + Clone + PartialEq>(value: &T) -> bool {
    let at = Place { kind: T::TYPE, column: T::CODE, ..place() };
    let sealed = Pii::new(value.clone()).seal(&subject_key(), &at).expect("seals");
    let opened = Pii::<T>::open(&subject_key(), &at, &Sealed::from_bytes(sealed.into_bytes())).expect("opens");
    let grant = RevealGrant::recorded("closing documents", Uuid::from_u128(1)).expect("purpose");
    opened.reveal(&grant) == *value
}

#[test]
fn masks_are_as_agreed() {
    let email = |text| Pii::new(Email::new(text)).masked();
    assert_eq!(email("jane@example.com"), "j…@e….com");
    assert_eq!(email("jo@x.io"), "…@….io");
    // What is no plain ending of a domain may be a name.
    assert_eq!((email("jane@host.x1"), email("jane@host.c")), ("j…@h….…".into(), "j…@h….…".into()));
    assert_eq!(email("jane@host.quixwellfamily"), "j…@h….…");
    assert_eq!(email("nonsense"), "•••");
    let name = |text| Pii::new(Name::new(text)).masked();
    assert_eq!(name("Jane Doe"), "J. D.");
    assert_eq!((name("J"), name("Ann B Lee"), name(" ")), ("•".into(), "A. • L.".into(), "•••".into()));
    let phone = |text| Pii::new(Phone::new(text)).masked();
    assert_eq!(
        (phone("+15125550123"), phone("5550123"), phone("911")),
        ("•••0123".into(), "•••23".into(), "•••".into())
    );
    assert_eq!(Pii::new(address()).masked(), "Austin, TX");
    let mut street = Address::default();
    street.line1.push_str("77 Canary Lane");
    assert_eq!(Pii::new(street).masked(), "•••");
    assert_eq!(Pii::new(born()).masked(), "****-**-**");
}

#[test]
fn all_kinds_survive_sealing() {
    assert!(round_trip(&Name::new("Zoë")) && round_trip(&Email::new("")) && round_trip(&Phone::new("+1")));
    assert!(round_trip(&address()) && round_trip(&Address::default()) && round_trip(&born()));
    let mut longer = address().encode();
    longer.push(0);
    assert_eq!(Address::decode(&longer).expect_err("rest"), KeyError::Corrupt);
    assert!(
        Address::decode(&longer[..9]).is_err() && Name::decode(&[0xff]).is_err() && DateOfBirth::decode(b"x").is_err()
    );
}

#[test]
fn a_value_of_another_type_does_not_seal_or_open() {
    let at = Place { kind: Name::TYPE, ..place() };
    assert_eq!(Pii::new(born()).seal(&subject_key(), &at).expect_err("type"), KeyError::WrongPlace);
}

#[test]
fn column_codes_are_unique() {
    let codes = [Name::CODE, Email::CODE, Phone::CODE, Address::CODE, DateOfBirth::CODE];
    assert_eq!(codes, [1, 2, 3, 4, 5]);
}

#[derive(Debug, Serialize)]
struct Buyer {
    name: Pii<Name>,
    email: Pii<Email>,
    phone: Pii<Phone>,
    address: Pii<Address>,
    born: Pii<DateOfBirth>,
}

#[test]
fn neither_debug_nor_serialize_leaks() {
    let buyer = Buyer {
        name: Pii::new(Name::new("Canary Birdsong")),
        email: Pii::new(Email::new("canary@birdsong.example")),
        phone: Pii::new(Phone::new("+15125550123")),
        address: Pii::new(address()),
        born: Pii::new(born()),
    };
    let printed = format!("{buyer:?} {buyer:#?} {:?} {:?} {:?}", Name::new("Canary"), address(), born());
    let json = serde_json::to_string(&buyer).expect("JSON");
    assert!(printed.contains("Pii(<email>)") && printed.ends_with("<name> <address> <date_of_birth>"), "{printed}");
    assert!(json.contains(r#""email":"c…@b….example""#), "{json}");
    for canary in ["anary", "irdsong", "5125550", "78701", "Unit 9", "1984"] {
        assert!(!printed.contains(canary) && !json.contains(canary), "{canary}");
    }
    let sealed = buyer.name.seal(&subject_key(), &Place { kind: Name::TYPE, ..place() }).expect("seals");
    let opened = subject_key().open(&Place { kind: 1, ..place() }, sealed.as_bytes()).expect("opens");
    let secret = Secret::take([0xab; 32]).expect("32 bytes");
    let keys = tenant_keys(1, &[(Purpose::Index, 1), (Purpose::Cursor, 1)]);
    let (index, cursor) = (keys.index().expect("a key"), keys.cursor_key().expect("a key"));
    let printed = format!("{opened:?} {secret:?} {:?} {sealed:?} {keys:?} {index:?} {cursor:?}", subject_key());
    let (person, length, whose) = (subject_key().subject(), sealed.as_bytes().len(), keys.tenant());
    let kinds = format!(
        "Plain Secret SubjectKey({person} v7) Sealed({length} bytes) TenantKeys({whose}, 2 keys) IndexKey MacKey"
    );
    assert_eq!(printed, kinds);
}

#[test]
fn a_reveal_needs_a_purpose() {
    assert_eq!(RevealGrant::recorded(" ", Uuid::nil()).expect_err("blank"), KeyError::NoPurpose);
    let grant = RevealGrant::recorded(" closing ", Uuid::from_u128(7)).expect("grant");
    assert_eq!((grant.purpose(), grant.audit_row()), ("closing", Uuid::from_u128(7)));
}

proptest! {
    #[test]
    fn a_mask_never_contains_the_value(value in "\\PC*") {
        prop_assume!(value.chars().any(char::is_alphanumeric));
        prop_assert!(!Name::new(&value).mask().contains(&value));
        prop_assert!(!Email::new(&value).mask().contains(&value));
        prop_assert!(!Phone::new(&value).mask().contains(&value));
    }

    #[test]
    fn an_email_mask_tells_little(local in "[a-z.+]{3,20}", host in "[a-z]{3,20}") {
        let mask = Email::new(format!("{local}@{host}.com")).mask();
        prop_assert!(mask.chars().count() == 9 && !mask.contains(&local) && !mask.contains(&host));
    }

    #[test]
    fn addresses_survive(parts in prop::array::uniform6("\\PC{0,30}")) {
        let [line1, line2, city, region, postal_code, country] = parts;
        let address = Address { line1, line2, city, region, postal_code, country };
        prop_assert!(Address::decode(&address.encode()).expect("decodes") == address);
    }
}
