//! Sign-up on the wire.

use chrono::{DateTime, Utc};
use keystead_ids::{SignupId, TenantId};
use keystead_tenants::platform::Signup;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{EmailAddress, Text};

/// An application to open a tenant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignupIn {
    /// The builder's name.
    pub company_name: Text<1, 200>,
    /// The host name that the builder wants: `acme` for acme.keystead.example.
    #[schema(pattern = "^[a-z][a-z0-9-]{2,39}$", example = "acme")]
    pub slug: String,
    /// The first administrator's name.
    pub admin_name: Text<1, 200>,
    /// Where the verification link goes.
    pub email: EmailAddress,
    /// At least 15 characters; not a well-known or guessable one.
    #[schema(value_type = String, format = Password, min_length = 15, max_length = 256)]
    pub password: SecretString,
}

/// The token of a verification link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyIn {
    /// The link's `token`.
    #[schema(value_type = String)]
    pub token: SecretString,
}

/// An application.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SignupOut {
    /// Its id.
    pub id: SignupId,
    /// The wanted host name.
    pub slug: String,
    /// The builder's name.
    pub company_name: String,
    /// The first administrator's name.
    pub admin_name: String,
    /// The administrator's address.
    pub email: String,
    /// `unverified`, `verified`, `approved` or `rejected`.
    pub state: String,
    /// The tenant that it became.
    #[schema(required)]
    pub tenant_id: Option<TenantId>,
    /// When it came in.
    pub created_at: DateTime<Utc>,
}

impl From<Signup> for SignupOut {
    fn from(row: Signup) -> Self {
        let Signup { id, slug, company_name, admin_name, email, state, tenant, created_at } = row;
        Self {
            id,
            slug,
            company_name,
            admin_name,
            email,
            state: state.name().to_owned(),
            tenant_id: tenant,
            created_at,
        }
    }
}
