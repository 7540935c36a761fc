//! Sessions on the wire.

use keystead_ids::{IdentityId, MemberId, ProjectId, SessionId, TenantId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::EmailAddress;

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
