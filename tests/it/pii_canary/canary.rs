//! A person whose data is unlike anything else.

use rand::Rng;
use serde_json::{Value, json};

/// A person whose every field is unlike anything else.
pub struct Canary {
    pub given: String,
    pub family: String,
    pub mailbox: String,
    pub domain: String,
    pub phone: String,
    pub street: String,
    pub flat: String,
    pub city: String,
    pub postal_code: String,
    pub born: String,
}

impl Canary {
    pub fn hatch() -> Self {
        let word = |stem: &str| format!("{stem}{}", letters(9));
        let digits =
            |count: usize| (0..count).map(|_| rand::rng().random_range(b'0'..=b'9') as char).collect::<String>();
        let mut rng = rand::rng();
        let born =
            format!("19{:02}-{:02}-{:02}", rng.random_range(1..60), rng.random_range(1..13), rng.random_range(1..29));
        Self {
            given: word("Zyq"),
            family: word("Vrx"),
            mailbox: word("kwz"),
            domain: word("jxq"),
            phone: format!("415555{}", digits(4)),
            street: word("Qvz"),
            flat: word("Xkj"),
            city: word("Wqx"),
            postal_code: format!("{}-{}", digits(5), digits(4)),
            born,
        }
    }

    pub fn email(&self) -> String {
        format!("{}@{}.example", self.mailbox, self.domain)
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    pub fn person(&self) -> Value {
        let address = json!({ "line1": format!("17 {} Way", self.street), "line2": self.flat, "city": self.city, "region": "NV",
            "postal_code": self.postal_code, "country": "US" });
        json!({ "name": self.name(), "email": self.email(), "phone": format!("+1{}", self.phone), "address": address,
            "date_of_birth": self.born })
    }

    pub fn contact(&self, project: &str) -> Value {
        let mut contact = self.person();
        contact["project_id"] = project.into();
        contact
    }

    pub fn words(&self) -> Vec<String> {
        let Self { given, family, mailbox, domain, phone, street, flat, city, postal_code, born } = self;
        [given, family, mailbox, domain, phone, street, flat, city, postal_code, born].map(Clone::clone).into()
    }
}

pub fn letters(count: usize) -> String {
    (0..count).map(|_| rand::rng().random_range(b'a'..=b'z') as char).collect()
}

/// What a canary shares with everybody: its state and country.
const COMMON: [&str; 2] = ["NV", "US"];

#[test]
fn every_field_of_a_canary_has_a_word_that_is_looked_for() {
    let canary = Canary::hatch();
    let words = canary.words();
    let told = |text: &str| COMMON.contains(&text) || words.iter().any(|word| text.contains(word));
    let untold: Vec<String> = texts(&canary.person()).into_iter().filter(|text| !told(text)).collect();
    assert!(untold.is_empty(), "nobody would notice where these are written: {untold:?}");
}

/// Every value, as a text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}
