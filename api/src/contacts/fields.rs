//! Personal fields as they come in. A mistake is answered by what the field must be, never by what it was: serde's own
//! messages quote the value, so none of these types lets serde complain.

use std::{fmt, marker::PhantomData};

use chrono::{Datelike, NaiveDate};
use keystead_keys::{Address, DateOfBirth, Email, Name, Phone, Pii, normalise_email};
use phonenumber::{Mode, country};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use utoipa::ToSchema;

use crate::http::{FieldCode, Problem, text};

/// A value or what it must be.
pub(super) type Read<T> = Result<T, &'static str>;

/// Text that becomes a field.
pub(super) trait FromText: Sized {
    /// The field, or what it must be.
    fn from_text(text: &str) -> Read<Self>;
}

/// Refuses every type of value that a visitor does not take, without quoting it.
macro_rules! refuse_unquoted {
    ($message:literal: $($visit:ident $of:ty),*) => {$(
        fn $visit<E: Error>(self, _: $of) -> Result<Self::Value, E> {
            Err(E::custom($message))
        }
    )*};
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromText> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_text(text.trim()).map_err(E::custom)
    }

    refuse_unquoted!("must be a string": visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64);
}

macro_rules! text_fields {
    ($($(#[$doc:meta])* $name:ident($of:ty) = $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub(super) $of);

        impl FromText for $name {
            fn from_text(text: &str) -> Read<Self> {
                $read(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Told that a string is wanted, the deserialiser itself would refuse others, and quote them.
                deserializer.deserialize_any(TextVisitor(PhantomData))
            }
        }
    )*};
}

text_fields! {
    /// A person's full name.
    NameIn(Pii<Name>) = name;
    /// An e-mail address, kept in lower case.
    EmailIn(Pii<Email>) = email;
    /// A phone number, kept in E.164; without a country code it is taken for one of the United States.
    PhoneIn(Pii<Phone>) = phone;
    /// A date of birth that may still lie ahead.
    BirthDateIn(DateOfBirth) = birth_date;
    /// A part of an address.
    AddressPart(String) = address_part;
    /// ISO 3166-1 alpha-2 code of a country.
    CountryCode(String) = country_code;
}

impl BirthDateIn {
    /// The date, if it is past. `pointer` names the field.
    pub(super) fn until(self, today: NaiveDate, pointer: String) -> Result<Pii<DateOfBirth>, Problem> {
        if self.0.date() > today {
            return Err(Problem::field(pointer, FieldCode::OutOfRange, "must not be in the future"));
        }
        Ok(Pii::new(self.0))
    }
}

/// Defines `Deserialize` for structs with `#[serde(remote = "Self")]`: an object with their fields, or a refusal that does not
/// quote what came instead.
macro_rules! read_as_object {
    ($($name:ident),*) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        $name::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    }

                    $crate::contacts::read_as_object!(@refuse visit_bool bool, visit_i64 i64, visit_u64 u64,
                        visit_f64 f64, visit_str &str);
                }

                deserializer.deserialize_any(Fields)
            }
        }
    )*};
    (@refuse $($visit:ident $of:ty),*) => {$(
        fn $visit<E: serde::de::Error>(self, _: $of) -> Result<Self::Value, E> {
            Err(E::custom("must be an object"))
        }
    )*};
}
pub(crate) use read_as_object;

/// A postal address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct AddressIn {
    /// Street and number.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    line1: Option<AddressPart>,
    /// Apartment, care of.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    line2: Option<AddressPart>,
    /// City or town.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    city: Option<AddressPart>,
    /// State, province or region.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    region: Option<AddressPart>,
    /// ZIP or postal code.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    postal_code: Option<AddressPart>,
    /// ISO 3166-1 alpha-2 code of the country.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}$", example = "US")]
    country: Option<CountryCode>,
}

read_as_object!(AddressIn);

impl AddressIn {
    /// The address. `pointer` names the field.
    pub(super) fn filled(self, pointer: String) -> Result<Pii<Address>, Problem> {
        let part = |part: Option<AddressPart>| part.map(|part| part.0).unwrap_or_default();
        let address = Address {
            line1: part(self.line1),
            line2: part(self.line2),
            city: part(self.city),
            region: part(self.region),
            postal_code: part(self.postal_code),
            country: self.country.map(|code| code.0).unwrap_or_default(),
        };
        if address == Address::default() {
            return Err(Problem::field(pointer, FieldCode::Empty, "must have at least one part"));
        }
        Ok(Pii::new(address))
    }
}

fn name(text: &str) -> Read<Pii<Name>> {
    if !(1..=200).contains(&text.chars().count()) {
        return Err("must have 1 to 200 characters");
    }
    printable(text).map(|text| Pii::new(Name::new(text)))
}

fn email(text: &str) -> Read<Pii<Email>> {
    let address = normalise_email(text);
    if text::is_email(&address) { Ok(Pii::new(Email::new(address))) } else { Err("must be an e-mail address") }
}

fn phone(text: &str) -> Read<Pii<Phone>> {
    const WANTED: &str = "must be a phone number, with its country code unless it is one of the United States";
    let plausible = text.len() <= 40 && text.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c));
    if !plausible {
        return Err(WANTED);
    }
    // Given a country, the parser drops that country's trunk prefix even from numbers of other countries.
    let home = (!text.starts_with('+')).then_some(country::US);
    let number = phonenumber::parse(home, text).map_err(|_| WANTED)?;
    if !number.is_valid() {
        return Err(WANTED);
    }
    Ok(Pii::new(Phone::new(number.format().mode(Mode::E164).to_string())))
}

/// ISO 8601, year, month and day in full; chrono alone would also read `1984-2-9`.
fn birth_date(text: &str) -> Read<DateOfBirth> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let date = shaped.then(|| text.parse::<NaiveDate>().ok()).flatten().ok_or("must be a date, YYYY-MM-DD")?;
    if date.year() < 1900 { Err("must be a date from 1900 on") } else { Ok(DateOfBirth::new(date)) }
}

fn address_part(text: &str) -> Read<String> {
    if text.chars().count() > 200 {
        return Err("must have at most 200 characters");
    }
    printable(text).map(str::to_owned)
}

fn country_code(text: &str) -> Read<String> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err("must be a country code of two capital letters")
    }
}

fn printable(text: &str) -> Read<&str> {
    if text.chars().any(char::is_control) { Err("must not contain control characters") } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use keystead_keys::RevealGrant;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn grant() -> RevealGrant {
        RevealGrant::recorded("a test", Uuid::from_u128(1)).expect("a purpose")
    }

    fn read_phone(text: &str) -> Result<String, String> {
        let phone: PhoneIn = serde_json::from_value(json!(text)).map_err(|error| error.to_string())?;
        Ok(phone.0.reveal(&grant()).as_str().to_owned())
    }

    #[test]
    fn phones_become_e164() {
        for (typed, kept) in [
            ("(512) 555-0123", "+15125550123"),
            ("1 512 555 0123", "+15125550123"),
            ("+1 512.555.0123", "+15125550123"),
            ("+49 1512 3456789", "+4915123456789"),
            ("+44 20 7946 0018", "+442079460018"),
        ] {
            assert_eq!(read_phone(typed), Ok(kept.to_owned()), "{typed}");
        }
        for bad in
            ["", "911", "+", "0000000000", "512 555 012", "+1 512 555 0123 ext 5", "tel:+15125550123", "+999 1234567"]
        {
            assert!(read_phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_of_birth_are_days_in_full() {
        let read = |text: &str| serde_json::from_value::<BirthDateIn>(json!(text));
        let date = read("1984-02-29").expect("a leap day");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert!(date.clone().until(day("1984-02-29"), "/date_of_birth".into()).is_ok());
        assert!(date.until(day("1984-02-28"), "/date_of_birth".into()).is_err());
        for bad in ["", "1984-2-29", "1983-02-29", "29.02.1984", "+984-02-29", "1899-12-31", "1984-02-29T00:00:00Z"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_and_addresses_are_trimmed_and_bounded() {
        let name: NameIn = serde_json::from_value(json!("  Zoë Ännchen ")).expect("a name");
        assert_eq!(name.0.reveal(&grant()).as_str(), "Zoë Ännchen");
        for bad in [json!(""), json!("  "), json!("x".repeat(201)), json!("a\nb"), json!("a\u{7}b")] {
            assert!(serde_json::from_value::<NameIn>(bad).is_err());
        }
        let read = |value: Value| serde_json::from_value::<AddressIn>(value).expect("parts").filled("/address".into());
        assert!(read(json!({"city": " Austin ", "country": "US"})).is_ok());
        assert!(read(json!({})).is_err() && read(json!({"line1": "  ", "city": null})).is_err());
        for bad in
            [json!({"country": "us"}), json!({"country": "USA"}), json!({"zip": "1"}), json!({"city": "x".repeat(201)})]
        {
            assert!(serde_json::from_value::<AddressIn>(bad).is_err());
        }
    }

    #[test]
    fn no_refusal_quotes_the_value() {
        fn refusal<T: for<'de> Deserialize<'de>>(value: &Value) -> String {
            serde_json::from_str::<T>(&value.to_string()).err().map(|error| error.to_string()).unwrap_or_default()
        }
        let texts =
            [json!(77_990_017), json!(-77_990_017), json!(779.900_17), json!(["77990017"]), json!({"77990017": 1})];
        for value in &texts {
            for said in [
                refusal::<NameIn>(value),
                refusal::<EmailIn>(value),
                refusal::<PhoneIn>(value),
                refusal::<BirthDateIn>(value),
                refusal::<AddressPart>(value),
                refusal::<CountryCode>(value),
            ] {
                assert!(!said.is_empty() && !said.contains("7799") && !said.contains("779."), "{said}");
            }
        }
        for value in [json!("77990017"), json!(77_990_017), json!(779.900_17), json!(["77990017"])] {
            let said = refusal::<AddressIn>(&value);
            assert!(!said.is_empty() && !said.contains("7799") && !said.contains("779."), "{said}");
        }
        for said in [refusal::<EmailIn>(&json!("77990017")), refusal::<BirthDateIn>(&json!("77990017"))] {
            assert!(!said.is_empty() && !said.contains("7799"), "{said}");
        }
    }
}
