//! The kinds of personal data, their encodings and their masks.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{KeyError, PiiField, normalise_email, normalise_name, normalise_phone};

/// What stands for a value of which nothing may show.
const HIDDEN: &str = "•••";

/// [`PiiField::TYPE`] of UTF-8 text, of an address, of an ISO 8601 date.
const TEXT: u8 = 1;
const ADDRESS: u8 = 2;
const DATE: u8 = 3;

macro_rules! text_fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:literal, $mask:path, $normal:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The plain text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl PiiField for $name {
            const CODE: u16 = $code;
            const TYPE: u8 = TEXT;
            const KIND: &'static str = $kind;

            fn encode(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(self.0.as_bytes().to_vec())
            }

            fn decode(plain: &[u8]) -> Result<Self, KeyError> {
                std::str::from_utf8(plain).map(Self::new).map_err(|_| KeyError::Corrupt)
            }

            fn mask(&self) -> String {
                without($mask(&self.0), &self.0)
            }

            fn normalised(&self) -> Option<Zeroizing<String>> {
                Some(Zeroizing::new($normal(&self.0)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("<", $kind, ">"))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self)
            }
        }
    )*};
}

text_fields! {
    /// A person's full name; masked as initials, `J. D.`.
    Name = 1, "name", mask_name, normalise_name;
    /// An e-mail address; masked as `j…@e….com`.
    Email = 2, "email", mask_email, normalise_email;
    /// A phone number in E.164; masked but for its last 2 or 4 digits.
    Phone = 3, "phone", mask_phone, normalise_phone;
}

/// A postal address; masked as city and region.
#[derive(Clone, PartialEq, Eq, Default, Zeroize, ZeroizeOnDrop, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default)]
    pub line1: String,
    /// Apartment, care of.
    #[serde(default)]
    pub line2: String,
    /// City or town.
    #[serde(default)]
    pub city: String,
    /// State, province or region.
    #[serde(default)]
    pub region: String,
    /// ZIP or postal code.
    #[serde(default)]
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code of the country.
    #[serde(default)]
    pub country: String,
}

impl PiiField for Address {
    const CODE: u16 = 4;
    const TYPE: u8 = ADDRESS;
    const KIND: &'static str = "address";

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let parts = self.parts();
        let mut encoded = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum()));
        for part in parts {
            // Longer parts than 4 GiB do not fit in memory with their address; sealing refuses far shorter ones.
            encoded.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            encoded.extend_from_slice(part.as_bytes());
        }
        encoded
    }

    fn decode(plain: &[u8]) -> Result<Self, KeyError> {
        let mut rest = plain;
        let mut next = || {
            let (length, after) = rest.split_first_chunk().ok_or(KeyError::Corrupt)?;
            let length = u32::from_be_bytes(*length) as usize;
            let (part, after) = after.split_at_checked(length).ok_or(KeyError::Corrupt)?;
            rest = after;
            std::str::from_utf8(part).map(str::to_owned).map_err(|_| KeyError::Corrupt)
        };
        let [line1, line2, city, region, postal_code, country] = [next()?, next()?, next()?, next()?, next()?, next()?];
        if rest.is_empty() {
            Ok(Self { line1, line2, city, region, postal_code, country })
        } else {
            Err(KeyError::Corrupt)
        }
    }

    fn mask(&self) -> String {
        let shown: Vec<&str> =
            [self.city.trim(), self.region.trim()].into_iter().filter(|part| !part.is_empty()).collect();
        if shown.is_empty() { HIDDEN.to_owned() } else { shown.join(", ") }
    }
}

impl Address {
    fn parts(&self) -> [&str; 6] {
        [&self.line1, &self.line2, &self.city, &self.region, &self.postal_code, &self.country].map(String::as_str)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<address>")
    }
}

/// A date of birth; nothing of it shows.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DateOfBirth {
    /// Days since 31 December of the year 0: a plain number, which can be zeroed.
    days: i32,
}

impl DateOfBirth {
    /// Takes the date.
    #[must_use]
    pub fn new(date: NaiveDate) -> Self {
        Self { days: date.num_days_from_ce() }
    }

    /// The plain date.
    #[must_use]
    pub fn date(&self) -> NaiveDate {
        // Every value came from a date.
        NaiveDate::from_num_days_from_ce_opt(self.days).unwrap_or_default()
    }
}

impl PiiField for DateOfBirth {
    const CODE: u16 = 5;
    const TYPE: u8 = DATE;
    const KIND: &'static str = "date_of_birth";

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.date().to_string().into_bytes())
    }

    fn decode(plain: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(plain).map_err(|_| KeyError::Corrupt)?;
        text.parse().map(Self::new).map_err(|_| KeyError::Corrupt)
    }

    fn mask(&self) -> String {
        "****-**-**".to_owned()
    }
}

impl fmt::Debug for DateOfBirth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<date_of_birth>")
    }
}

impl<'de> Deserialize<'de> for DateOfBirth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NaiveDate::deserialize(deserializer).map(Self::new)
    }
}

/// The mask, or nothing at all where an odd value would show through it.
fn without(mask: String, value: &str) -> String {
    if mask.contains(value.trim()) { HIDDEN.to_owned() } else { mask }
}

fn mask_name(name: &str) -> String {
    let initial = |word: &str| {
        let mut letters = word.chars().filter(|letter| letter.is_alphanumeric());
        let first = letters.next()?;
        // The initial of a one-letter word would be the word.
        Some(if letters.next().is_some() { format!("{first}.") } else { "•".to_owned() })
    };
    let initials: Vec<String> = name.split_whitespace().filter_map(initial).take(3).collect();
    if initials.is_empty() { HIDDEN.to_owned() } else { initials.join(" ") }
}

fn mask_email(email: &str) -> String {
    let parts = email.trim().rsplit_once('@').and_then(|(local, domain)| Some((local, domain.rsplit_once('.')?)));
    let Some((local, (host, top))) = parts else {
        return HIDDEN.to_owned();
    };
    let plain_top = (2..=12).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    let top = if plain_top { top } else { "…" };
    format!("{}…@{}….{top}", first_of_several(local), first_of_several(host))
}

/// The first letter, unless there are so few that it would tell most of them.
fn first_of_several(text: &str) -> String {
    if text.chars().count() < 3 { String::new() } else { text.chars().take(1).collect() }
}

fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let shown = match digits.len() {
        10.. => 4,
        7..10 => 2,
        _ => 0,
    };
    std::iter::once(HIDDEN.to_owned()).chain(digits[digits.len() - shown..].iter().map(char::to_string)).collect()
}
