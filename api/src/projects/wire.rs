//! Projects on the wire.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use keystead_entities::project;
use keystead_ids::ProjectId;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use crate::http::{Text, money, patch};

/// A project to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectIn {
    /// A short code of capital letters, digits and hyphens; unique in the tenant.
    #[serde(deserialize_with = "code")]
    #[schema(pattern = "^[A-Z0-9][A-Z0-9-]{0,19}$", example = "FUSION")]
    pub code: String,
    /// The name that buyers know.
    pub name: Text<1, 200>,
    /// IANA name of the zone whose days count here.
    #[serde(deserialize_with = "time_zone")]
    #[schema(example = "America/Los_Angeles")]
    pub time_zone: String,
    /// ISO 4217 code; every price of the project is in it.
    #[serde(deserialize_with = "money::currency")]
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: String,
}

/// What may change about a project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectPatch {
    /// A new name.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 200>>,
    /// Another time zone.
    #[serde(default, deserialize_with = "optional_time_zone")]
    #[schema(example = "America/Los_Angeles")]
    pub time_zone: Option<String>,
    /// Archived projects take no new contracts.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub state: Option<ProjectState>,
}

/// Whether a project is being sold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectState {
    /// Being sold.
    Active,
    /// Done; kept for the record.
    Archived,
}

impl ProjectState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

/// A project.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProjectOut {
    /// Its id.
    pub id: ProjectId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// `active` or `archived`.
    pub state: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<project::Model> for ProjectOut {
    fn from(row: project::Model) -> Self {
        let project::Model { id, code, name, time_zone, currency, state, created_at, .. } = row;
        Self { id, code, name, time_zone, currency, state, created_at }
    }
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = String::deserialize(deserializer)?;
    let fits = (1..=20).contains(&code.len())
        && !code.starts_with('-')
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(code) } else { Err(D::Error::custom("must be 1 to 20 capital letters, digits or hyphens")) }
}

pub(crate) fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if is_time_zone(&name) {
        return Ok(name);
    }
    Err(D::Error::custom("must be an IANA time zone, such as America/Los_Angeles"))
}

/// Is it a name of the IANA time zone database?
pub(crate) fn is_time_zone(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

pub(crate) fn optional_time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    time_zone(deserializer).map(Some)
}
