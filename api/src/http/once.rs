//! `Idempotency-Key`: a write that is sent twice happens once, and is answered the same.

use aws_lc_rs::digest;
use axum::http::HeaderMap;
use futures::try_join;
use keystead_entities::idempotency_key;
use keystead_keys::hmac_sha256;
use keystead_tenants::{
    Refused,
    orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Find, QueryFilter, Set},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Created, FieldCode, Fresh, Needs, Problem, Tx};
use crate::app::App;

/// The caller's key with a fingerprint of the request.
#[derive(Debug, Clone)]
pub struct Once(Option<Keyed>);

#[derive(Debug, Clone)]
struct Keyed {
    key: String,
    fingerprint: Vec<u8>,
}

impl Once {
    pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
        let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
        let key = value.to_str().unwrap_or_default();
        if (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Some(key.to_owned()));
        }
        Err(Problem::field("Idempotency-Key", FieldCode::Malformed, "must have 1 to 200 visible ASCII characters"))
    }

    /// The fingerprint is keyed: a plain hash of a short body would tell whoever can guess a buyer's data that they are right.
    pub(super) fn new(app: &App, key: Option<String>, target: &str, body: &[u8]) -> Self {
        Self(key.map(|key| {
            let content = [target.as_bytes(), b"\0", body].concat();
            Keyed { key, fingerprint: hmac_sha256(&app.root.derive("api/idempotency"), &content).to_vec() }
        }))
    }

    /// The earlier answer to this very request, if there is one.
    ///
    /// # Errors
    /// 422 when the key was used for another request. 409 when it is being served: by another connection, or by one whose
    /// end nobody learnt, which the database holds until it knows. Without this the second would stumble over what the first
    /// is writing (a name that is taken, say), and its client would take that for the outcome.
    pub async fn replay<P: Needs, T: DeserializeOwned>(&self, tx: &Tx<P>) -> Result<Option<Created<T>>, Problem> {
        let Some(keyed) = &self.0 else { return Ok(None) };
        let earlier = idempotency_key::Entity::find()
            .filter(idempotency_key::COLUMN.member_id.eq(tx.member()))
            .filter(idempotency_key::COLUMN.key.eq(keyed.key.as_str()))
            .first(tx);
        // Sent behind the claim: it sees what whoever held the lock before has committed.
        let (claimed, earlier) = try_join!(tx.claim(keyed.lock(tx)), earlier)?;
        if !claimed {
            return Err(in_progress());
        }
        let Some(earlier) = earlier else { return Ok(None) };
        if earlier.fingerprint != keyed.fingerprint {
            return Err(Problem::field("Idempotency-Key", FieldCode::NotMatching, "was used for another request"));
        }
        let body =
            serde_json::from_value(earlier.body).map_err(|_| Problem::internal("a kept answer does not read"))?;
        Ok(Some(Created(body)))
    }

    /// Keeps the answer in the transaction of the write.
    ///
    /// # Errors
    /// 409 when the same request is being served at this moment: this one is undone, and repeating it gets the answer.
    pub async fn keep<P: Needs, T: Serialize>(&self, tx: &Tx<P>, fresh: &Fresh, answer: &T) -> Result<(), Problem> {
        let Some(keyed) = &self.0 else { return Ok(()) };
        let body = serde_json::to_value(answer).map_err(|_| Problem::internal("an answer does not serialise"))?;
        let row = idempotency_key::ActiveModel {
            tenant_id: Set(tx.tenant()),
            id: Set(fresh.id()),
            member_id: Set(tx.member()),
            key: Set(keyed.key.clone()),
            fingerprint: Set(keyed.fingerprint.clone()),
            status: Set(201),
            body: Set(body),
            ..Default::default()
        };
        match row.insert(&**tx).await {
            Ok(_) => Ok(()),
            Err(error) if error.refusal().is_some_and(|refusal| refusal.is_duplicate()) => Err(in_progress()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Keyed {
    /// The database's name for "a request of this member under this key".
    fn lock<P: Needs>(&self, tx: &Tx<P>) -> i64 {
        let name = format!("{} {} {}", tx.tenant(), tx.member(), self.key);
        let hash = digest::digest(&digest::SHA256, name.as_bytes());
        hash.as_ref().first_chunk().map_or(0, |first| i64::from_be_bytes(*first))
    }
}

fn in_progress() -> Problem {
    Problem::conflict("in-progress", "The same request is being served; repeat it to get its answer")
}
