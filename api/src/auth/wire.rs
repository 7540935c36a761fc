//! Sessions on the wire.

use chrono::{DateTime, Utc};
use keystead_ids::{IdentityId, MemberId, ProjectId, SessionId, TenantId};
use keystead_tenants::platform::Device;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use crate::{
    http::{EmailAddress, Patch, Text, patch},
    projects::is_time_zone,
    settings::is_locale,
};

/// A login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginIn {
    /// The tenant's slug. Not needed on the tenant's own host; without one, an operator logs in to the console.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The address.
    pub email: EmailAddress,
    /// The password.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Where the refresh token goes: an HttpOnly cookie for a browser, the body for everything else.
    #[serde(default)]
    pub client: ClientKind,
}

/// What kind of client logs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The refresh token comes as a cookie that scripts cannot read.
    #[default]
    Browser,
    /// The refresh token comes in the body.
    Native,
}

/// A refresh.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshIn {
    /// The refresh token; a browser sends its cookie instead.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<SecretString>,
}

/// A session's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensOut {
    /// Send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// How long the access token lives.
    pub expires_in_seconds: i64,
    /// For native clients: good for one refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeOut {
    /// The login.
    pub identity_id: IdentityId,
    /// The session.
    pub session_id: SessionId,
    /// For greetings.
    pub name: String,
    /// The address.
    pub email: String,
    /// BCP 47 tag of the language and region that one chose; null is as the tenant has it.
    #[schema(required)]
    pub locale: Option<String>,
    /// IANA name of the time zone that one chose; null is as the tenant has it.
    #[schema(required)]
    pub time_zone: Option<String>,
    /// Null for an operator.
    #[schema(required)]
    pub membership: Option<MembershipOut>,
}

/// What one is in a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipOut {
    /// The member.
    pub member_id: MemberId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The tenant's slug.
    pub tenant: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The role's key.
    pub role: String,
    /// What the role allows.
    pub permissions: Vec<&'static str>,
    /// The projects one may work in; null means all.
    #[schema(required)]
    pub project_ids: Option<Vec<ProjectId>>,
}

/// What one may change about oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// Another name, for colleagues to see.
    #[serde(default, deserialize_with = "patch::required")]
    #[schema(nullable = false)]
    pub name: Option<Text<1, 200>>,
    /// Language and region (BCP 47) in which numbers and dates are shown; null is as the tenant has it.
    #[serde(default, deserialize_with = "locale_patch")]
    #[schema(value_type = Option<String>, pattern = "^[a-z]{2,3}(-[A-Z]{2})?$", example = "es-US")]
    pub locale: Patch<String>,
    /// IANA name of one's time zone; null is as the tenant has it.
    #[serde(default, deserialize_with = "time_zone_patch")]
    #[schema(value_type = Option<String>, example = "America/Los_Angeles")]
    pub time_zone: Patch<String>,
}

fn locale_patch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<String>, D::Error> {
    clearable(deserializer, is_locale, "must be a language and region, such as en-US")
}

fn time_zone_patch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<String>, D::Error> {
    clearable(deserializer, is_time_zone, "must be an IANA time zone, such as America/Los_Angeles")
}

fn clearable<'de, D: Deserializer<'de>>(
    deserializer: D,
    fits: fn(&str) -> bool,
    otherwise: &'static str,
) -> Result<Patch<String>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        None => Ok(Patch::Null),
        Some(text) if fits(&text) => Ok(Patch::Value(text)),
        Some(_) => Err(D::Error::custom(otherwise)),
    }
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordIn {
    /// The password until now.
    #[schema(value_type = String, format = Password)]
    pub current_password: SecretString,
    /// The password from now on.
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOut {
    /// Its id.
    pub id: SessionId,
    /// Is it the one that asks?
    pub current: bool,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was opened or last refreshed; a session that is at work refreshes every 10 minutes.
    pub last_used_at: DateTime<Utc>,
    /// What its device said that it was (`User-Agent`).
    #[schema(required)]
    pub user_agent: Option<String>,
    /// The network that it logged in from; whole addresses are not kept.
    #[schema(required, example = "203.0.113.0/24")]
    pub network: Option<String>,
}

impl SessionOut {
    pub(super) fn new(row: Device, current: SessionId) -> Self {
        let Device { id, created_at, last_used_at, user_agent, network } = row;
        Self { id, current: id == current, created_at, last_used_at, user_agent, network }
    }
}
