//! Audit events on the wire.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use keystead_entities::audit_event;
use keystead_ids::{EventId, MemberId, ProjectId, RequestId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ObjectId;
use crate::http::Text;

/// Which events are wanted; all that are given must hold.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventFilters {
    /// Of this object; of a contact also who saw its data, and its erasure.
    #[serde(default)]
    #[param(inline, example = "ctr_0197f0a1b2c37d4e8f90a1b2c3d4e5f6")]
    pub object_id: Option<ObjectId>,
    /// Of objects of this kind, as in `contract`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "contract")]
    pub object_kind: Option<Text<1, 60>>,
    /// By this member.
    #[serde(default)]
    pub actor: Option<MemberId>,
    /// This happened, as in `contract.approved`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "contract.approved")]
    pub action: Option<Text<1, 100>>,
}

/// An entry of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventOut {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: ActorOut,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub object: ObjectOut,
    /// The project that it belongs to.
    #[schema(required)]
    pub project_id: Option<ProjectId>,
    /// The request that did it.
    pub request_id: RequestId,
    /// What changed, as it was.
    #[schema(required, value_type = Option<HashMap<String, Value>>)]
    pub before: Option<Value>,
    /// What changed, as it became.
    #[schema(required, value_type = Option<HashMap<String, Value>>)]
    pub after: Option<Value>,
    /// Its number in the tenant's chain.
    #[schema(required)]
    pub n: Option<i64>,
    /// Its link of the chain, in hexadecimal.
    #[schema(required)]
    pub hash: Option<String>,
}

/// Who acted.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActorOut {
    /// `member`, or what the platform does for the tenant: `provisioning`, `invitation`, `shares` or `offboarding`.
    pub kind: String,
    /// The member; null when the platform acted.
    #[schema(required)]
    pub id: Option<MemberId>,
    /// The member's name, for those who may see members.
    #[schema(required)]
    pub name: Option<String>,
}

/// What an event is about.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ObjectOut {
    /// Its kind, as in `contract`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Where the audit chain stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadOut {
    /// How many events are chained.
    pub n: i64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
    /// The last signed statement of how far it had come; null until the first, some seconds after the tenant began, longer while KMS is away.
    #[schema(required)]
    pub checkpoint: Option<CheckpointOut>,
}

/// How far the audit chain had come, signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckpointOut {
    /// How many events were chained.
    pub n: i64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
    /// When it was stated.
    pub at: DateTime<Utc>,
    /// What shows that the cell's log holds it and is signed: a `tlog-proof` of C2SP. Its extra data is the statement.
    pub proof: String,
}

/// The key that signs checkpoints.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyOut {
    /// As a verifier key of C2SP: name, key id and base64 of the type (2, ECDSA) and the key (DER), with `+` between.
    #[schema(example = "keystead.example/audit/main+1a2b3c4d+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABA==")]
    pub key: String,
}

impl EventOut {
    pub(super) fn of(row: audit_event::Model, names: &HashMap<Uuid, String>) -> Self {
        let member = (row.actor_kind == "member").then_some(row.actor_id);
        Self {
            id: row.id,
            at: row.at,
            actor: ActorOut {
                id: member.map(MemberId),
                name: member.and_then(|id| names.get(&id).cloned()),
                kind: row.actor_kind,
            },
            action: row.action,
            object: ObjectOut { id: ObjectId(row.object_id).wire(&row.object_kind), kind: row.object_kind },
            project_id: row.project_id,
            request_id: row.request_id,
            before: row.before,
            after: row.after,
            n: row.n,
            hash: row.hash.map(hex::encode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(actor_kind: &str) -> audit_event::Model {
        audit_event::Model {
            tenant_id: Uuid::from_u128(1).into(),
            id: Uuid::from_u128(2).into(),
            at: DateTime::UNIX_EPOCH,
            actor_kind: actor_kind.to_owned(),
            actor_id: Uuid::from_u128(3),
            action: "contract.approved".to_owned(),
            object_kind: "contract".to_owned(),
            object_id: Uuid::from_u128(4),
            project_id: None,
            request_id: Uuid::from_u128(5).into(),
            before: None,
            after: None,
            n: Some(7),
            hash: Some(vec![0xab; 32]),
        }
    }

    #[test]
    fn only_members_have_ids_and_names() {
        let names = HashMap::from([(Uuid::from_u128(3), "Ann".to_owned())]);
        let by_member = EventOut::of(event("member"), &names);
        assert_eq!(by_member.actor.name.as_deref(), Some("Ann"));
        assert_eq!(by_member.actor.id, Some(MemberId(Uuid::from_u128(3))));
        assert_eq!(by_member.object.id, "ctr_00000000000000000000000000000004");
        assert_eq!(by_member.hash, Some("ab".repeat(32)));
        let by_platform = EventOut::of(event("provisioning"), &names);
        assert_eq!((by_platform.actor.id, by_platform.actor.name), (None, None));
    }
}
