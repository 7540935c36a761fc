//! Contacts on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::contact;
use keystead_ids::{ContactId, ProjectId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AddressIn, BirthDateIn, EmailIn, NameIn, Person, PhoneIn, read_as_object};
use crate::http::{Patch, Problem, Text, patch};

/// A contact to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ContactIn {
    /// The project that they are interested in.
    pub project_id: ProjectId,
    /// Full name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Jane Doe")]
    pub name: NameIn,
    /// E-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Option<EmailIn>,
    /// Phone number, kept in E.164; without a country code it is taken for one of the United States.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40, example = "+1 512 555 0123")]
    pub phone: Option<PhoneIn>,
    /// Postal address.
    #[serde(default)]
    pub address: Option<AddressIn>,
    /// Date of birth, from 1900 on and not in the future.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date, example = "1984-02-29")]
    pub date_of_birth: Option<BirthDateIn>,
}

/// A person, for a resource that brings its project itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PersonIn {
    /// Full name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Jane Doe")]
    pub name: NameIn,
    /// E-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Option<EmailIn>,
    /// Phone number, kept in E.164; without a country code it is taken for one of the United States.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40, example = "+1 512 555 0123")]
    pub phone: Option<PhoneIn>,
    /// Postal address.
    #[serde(default)]
    pub address: Option<AddressIn>,
    /// Date of birth, from 1900 on and not in the future.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date, example = "1984-02-29")]
    pub date_of_birth: Option<BirthDateIn>,
}

/// What may change about a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ContactPatch {
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name: Option<NameIn>,
    /// Another e-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    pub email: Patch<EmailIn>,
    /// Another phone number.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40, example = "+1 512 555 0123")]
    pub phone: Patch<PhoneIn>,
    /// Another address, whole: its parts are not merged.
    #[serde(default)]
    #[schema(value_type = Option<AddressIn>)]
    pub address: Patch<AddressIn>,
    /// Another date of birth.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub date_of_birth: Patch<BirthDateIn>,
}

read_as_object!(ContactIn, PersonIn, ContactPatch);

impl ContactIn {
    pub(super) fn split(self) -> (ProjectId, PersonIn) {
        let Self { project_id, name, email, phone, address, date_of_birth } = self;
        (project_id, PersonIn { name, email, phone, address, date_of_birth })
    }
}

impl PersonIn {
    /// The person, once what only the clock or several fields tell is checked. `at` points to this object.
    ///
    /// # Errors
    /// 422 that names the field.
    pub(crate) fn checked(self, now: DateTime<Utc>, at: &str) -> Result<Person, Problem> {
        Ok(Person {
            name: self.name.0,
            email: self.email.map(|email| email.0),
            phone: self.phone.map(|phone| phone.0),
            address: self.address.map(|address| address.filled(format!("{at}/address"))).transpose()?,
            date_of_birth: match self.date_of_birth {
                Some(date) => Some(date.until(now.date_naive(), format!("{at}/date_of_birth"))?),
                None => None,
            },
        })
    }
}

/// Which contacts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ContactFilters {
    /// Of this project.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// With this very e-mail address.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Email)]
    pub email: Option<EmailIn>,
    /// With this very phone number.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub phone: Option<PhoneIn>,
    /// Whose names have words that begin with each of these words.
    #[serde(default)]
    pub name: Option<Text<1, 200>>,
}

/// A contact, masked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactOut {
    /// Its id.
    pub id: ContactId,
    /// The project.
    pub project_id: ProjectId,
    /// Initials.
    #[schema(required, example = "J. D.")]
    pub name: Option<String>,
    /// First letters.
    #[schema(required, example = "j…@e….com")]
    pub email: Option<String>,
    /// Last digits.
    #[schema(required, example = "•••0123")]
    pub phone: Option<String>,
    /// City and region.
    #[schema(required, example = "Austin, TX")]
    pub address: Option<String>,
    /// That there is one.
    #[schema(required, example = "****-**-**")]
    pub date_of_birth: Option<String>,
    /// True when the stored values no longer open; then all of them are null.
    pub damaged: bool,
    /// When the contact was erased; then nothing is known of them any more.
    #[schema(required)]
    pub erased_at: Option<DateTime<Utc>>,
    /// When the erasure reached backups: what was backed up before does not open this person since.
    #[schema(required)]
    pub backups_closed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ContactOut {
    /// The contact with the masks of its opened values; none means that they do not open.
    pub(super) fn masked(row: &contact::Model, person: Option<&Person>) -> Self {
        let optional = |mask: fn(&Person) -> Option<String>| person.and_then(mask);
        Self {
            id: row.id,
            project_id: row.project_id,
            name: person.map(|person| person.name.masked()),
            email: optional(|person| Some(person.email.as_ref()?.masked())),
            phone: optional(|person| Some(person.phone.as_ref()?.masked())),
            address: optional(|person| Some(person.address.as_ref()?.masked())),
            date_of_birth: optional(|person| Some(person.date_of_birth.as_ref()?.masked())),
            damaged: person.is_none() && row.erased_at.is_none(),
            erased_at: row.erased_at,
            backups_closed_at: row.backups_closed_at,
            created_at: row.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mistakes_are_named_by_pointer_and_not_quoted() {
        let project = "prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";
        let pointer = |body: serde_json::Value| {
            let text = body.to_string();
            let mut json = serde_json::Deserializer::from_str(&text);
            let error = serde_path_to_error::deserialize::<_, ContactIn>(&mut json).expect_err("a mistake");
            assert!(!error.to_string().contains("anary"), "{error}");
            error.path().to_string()
        };
        assert_eq!(pointer(json!({"project_id": project, "name": "A", "email": "Canary"})), "email");
        assert_eq!(
            pointer(json!({"project_id": project, "name": "A", "address": {"country": "Canary"}})),
            "address.country"
        );
        assert_eq!(pointer(json!({"project_id": project, "name": "A", "address": "12 Canary Lane"})), "address");
        assert_eq!(pointer(json!({"project_id": project, "name": ["Canary"]})), "name");
        assert_eq!(pointer(json!("Canary")), ".");
        assert_eq!(pointer(json!({"project_id": project, "name": "A", "ssn": "Canary"})), "ssn");
    }

    #[test]
    fn a_patch_tells_absent_from_null_from_a_value() {
        let read = |value| serde_json::from_value::<ContactPatch>(value);
        assert!(matches!(read(json!({})).expect("empty").email, Patch::Absent));
        assert!(matches!(read(json!({"email": null})).expect("null").email, Patch::Null));
        assert!(matches!(read(json!({"email": "a@b.co"})).expect("value").email, Patch::Value(_)));
        assert!(read(json!({"name": null})).is_err());
    }

    #[test]
    fn a_date_of_birth_to_come_is_refused() {
        let person = |date: &str| {
            serde_json::from_value::<PersonIn>(json!({"name": "A", "date_of_birth": date})).expect("reads")
        };
        let now = DateTime::from_timestamp(1_750_000_000, 0).expect("June 2025");
        assert!(person("2025-06-15").checked(now, "").is_ok());
        assert!(person("2025-06-16").checked(now, "").is_err());
    }
}
