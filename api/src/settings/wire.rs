//! Settings on the wire.

use keystead_entities::settings;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use crate::{
    http::{Text, money, patch},
    projects::optional_time_zone,
};

/// What may change about the settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// The company's name, as colleagues and mails show it.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 200>>,
    /// IANA name of the zone that new projects start with.
    #[serde(default, deserialize_with = "optional_time_zone")]
    #[schema(example = "America/Los_Angeles")]
    pub time_zone: Option<String>,
    /// ISO 4217 code that new projects start with.
    #[serde(default, deserialize_with = "optional_currency")]
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: Option<String>,
    /// Language and region (BCP 47) in which numbers and dates are shown.
    #[serde(default, deserialize_with = "optional_locale")]
    #[schema(pattern = "^[a-z]{2,3}(-[A-Z]{2})?$", example = "en-US")]
    pub locale: Option<String>,
}

/// The tenant's settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsOut {
    /// The company's name.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// BCP 47 tag of its language and region.
    pub locale: String,
}

impl From<settings::Model> for SettingsOut {
    fn from(row: settings::Model) -> Self {
        let settings::Model { name, time_zone, currency, locale, .. } = row;
        Self { name, time_zone, currency, locale }
    }
}

fn optional_currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    money::currency(deserializer).map(Some)
}

fn optional_locale<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let tag = String::deserialize(deserializer)?;
    if is_locale(&tag) { Ok(Some(tag)) } else { Err(D::Error::custom("must be a language and region, such as en-US")) }
}

/// The part of BCP 47 that people use: a language (ISO 639), perhaps with a country (ISO 3166).
pub(crate) fn is_locale(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').map_or((tag, None), |(language, region)| (language, Some(region)));
    let is_language = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase());
    is_language && region.is_none_or(|region| region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refused(body: Value) -> bool {
        serde_json::from_value::<SettingsPatch>(body).is_err()
    }

    #[test]
    fn a_locale_is_a_language_and_perhaps_a_region() {
        for good in ["en-US", "de", "haw", "pt-BR"] {
            assert!(is_locale(good), "{good}");
        }
        for bad in ["", "e", "en-us", "EN", "en-", "en-USA", "en_US", "english", "en-US-x"] {
            assert!(!is_locale(bad), "{bad}");
        }
    }

    #[test]
    fn only_known_fields_with_possible_values_are_read() {
        assert!(!refused(json!({})));
        assert!(!refused(json!({"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR", "locale": "de-DE"})));
        for bad in [
            json!({"name": ""}),
            json!({"name": null}),
            json!({"time_zone": "Mars/Olympus"}),
            json!({"currency": "usd"}),
            json!({"locale": "klingon"}),
            json!({"slug": "acme"}),
        ] {
            assert!(refused(bad.clone()), "{bad}");
        }
    }
}
