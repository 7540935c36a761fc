//! Invitations on the wire. The token is in the mail and in nothing that the API answers.

use chrono::{DateTime, Utc};
use keystead_entities::invitation;
use keystead_ids::{InvitationId, MemberId, ProjectId, RoleId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::State;
use crate::{
    http::{EmailAddress, Text},
    roles::RoleRef,
};

/// An invitation to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationIn {
    /// Where the link goes.
    pub email: EmailAddress,
    /// The role that the person will have.
    pub role_id: RoleId,
    /// Whether the person will work in every project.
    #[serde(default)]
    pub all_projects: bool,
    /// The projects that the person will work in, when not in all.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub project_ids: Vec<ProjectId>,
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationOut {
    /// Its id.
    pub id: InvitationId,
    /// Where the link went.
    pub email: String,
    /// The role that it gives.
    #[schema(required)]
    pub role: Option<RoleRef>,
    /// Whether it gives every project.
    pub all_projects: bool,
    /// The projects that it gives, when not all.
    pub project_ids: Vec<ProjectId>,
    /// Who invited.
    pub invited_by: MemberId,
    /// `open`, `expired`, `accepted` or `revoked`.
    pub state: String,
    /// When the link stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

impl InvitationOut {
    pub(super) fn of(row: invitation::Model, role: Option<RoleRef>, now: DateTime<Utc>) -> Self {
        let state = match State::of(&row) {
            State::Open if row.expires_at <= now => "expired",
            state => state.name(),
        };
        let invitation::Model { id, email, all_projects, project_ids, invited_by, expires_at, created_at, .. } = row;
        let project_ids = project_ids.into_iter().map(ProjectId).collect();
        Self { id, email, role, all_projects, project_ids, invited_by, state: state.to_owned(), expires_at, created_at }
    }
}

/// The redemption of an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptIn {
    /// What follows `#` in the link.
    #[schema(value_type = String)]
    pub token: SecretString,
    /// The name that colleagues will see.
    pub name: Text<1, 200>,
    /// The login's password, or the one that a new login gets.
    #[schema(value_type = String, format = Password, max_length = 256)]
    pub password: SecretString,
}

/// A membership that began.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedOut {
    /// The tenant's slug, to log in with.
    pub tenant: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// Who the person is there.
    pub member_id: MemberId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let input: AcceptIn =
            serde_json::from_value(json!({"token": "ksi_secret", "name": "Ann", "password": "walnut ferry copper"}))
                .expect("reads");
        let printed = format!("{input:?}");
        assert!(!printed.contains("ksi_secret") && !printed.contains("walnut"), "{printed}");
    }

    #[test]
    fn an_open_invitation_expires() {
        let now = DateTime::from_timestamp(1_000, 0).expect("time");
        let state = |state: &str, seconds: i64| {
            let row = invitation::Model {
                tenant_id: uuid::Uuid::nil().into(),
                id: uuid::Uuid::nil().into(),
                email: "ann@example.com".to_owned(),
                role_id: uuid::Uuid::nil().into(),
                all_projects: true,
                project_ids: Vec::new(),
                token_hash: vec![0xab; 32],
                invited_by: uuid::Uuid::nil().into(),
                state: state.to_owned(),
                expires_at: now + chrono::Duration::seconds(seconds),
                row_version: 1,
                created_at: now,
                updated_at: now,
            };
            let out = InvitationOut::of(row, None, now);
            assert!(!serde_json::to_string(&out).expect("json").contains("abab"), "the hash is shown to nobody");
            out.state
        };
        assert_eq!(state("open", 1), "open");
        assert_eq!(state("open", 0), "expired");
        assert_eq!(state("accepted", -1), "accepted");
        assert_eq!(state("revoked", 1), "revoked");
    }
}
