//! What an access token says.

use chrono::{DateTime, TimeDelta, Utc};
use keystead_ids::{IdentityId, MemberId, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::TokenError;

/// How long a new access token lives.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// The longest life that a token may claim, whoever signed it.
const MAX_LIFETIME_SECONDS: i64 = 10 * 60;
/// How far two clocks may differ.
const LEEWAY_SECONDS: i64 = 30;

/// Which interface a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A tenant's own data.
    Api,
    /// The platform's operators.
    Operator,
}

impl Audience {
    /// The value of the `aud` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "keystead-api",
            Self::Operator => "keystead-operator",
        }
    }
}

/// Who bears a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member of a tenant.
    Member {
        /// The tenant that the session is bound to.
        tenant: TenantId,
        /// The membership.
        member: MemberId,
    },
    /// An operator of the platform; no tenant's data is open to them.
    Operator {
        /// Their login.
        identity: IdentityId,
    },
}

impl Actor {
    /// The interface that this actor's tokens open.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Member { .. } => Audience::Api,
            Self::Operator { .. } => Audience::Operator,
        }
    }
}

/// The content of an access token; times have whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who bears it.
    pub actor: Actor,
    /// The session that it came from.
    pub session: SessionId,
    /// The session epoch of its bearer: a token of an earlier epoch is revoked.
    pub epoch: i64,
    /// The token's own id.
    pub token: Uuid,
    /// When it was signed.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Claims {
    /// A token that is signed now and lives 10 minutes.
    #[must_use]
    pub fn issue(actor: Actor, session: SessionId, epoch: i64, token: Uuid, now: DateTime<Utc>) -> Self {
        let issued_at = whole_seconds(now);
        Self { actor, session, epoch, token, issued_at, expires_at: issued_at + LIFETIME }
    }

    pub(crate) fn to_wire(&self, issuer: &str) -> WireClaims {
        let (sub, tid) = match self.actor {
            Actor::Member { tenant, member } => (member.to_string(), Some(tenant)),
            Actor::Operator { identity } => (identity.to_string(), None),
        };
        WireClaims {
            iss: issuer.to_owned(),
            aud: self.actor.audience().as_str().to_owned(),
            sub,
            tid,
            sid: self.session,
            iat: self.issued_at.timestamp(),
            exp: self.expires_at.timestamp(),
            jti: self.token,
            epoch: self.epoch,
        }
    }
}

fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time)
}

/// The claims as JSON. Unknown and doubled members are errors: two readers might see two different tokens.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireClaims {
    iss: String,
    aud: String,
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tid: Option<TenantId>,
    sid: SessionId,
    iat: i64,
    exp: i64,
    jti: Uuid,
    epoch: i64,
}

impl WireClaims {
    pub(crate) fn judge(self, issuer: &str, audience: Audience, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if self.iss != issuer {
            return Err(TokenError::Issuer);
        }
        if self.aud != audience.as_str() {
            return Err(TokenError::Audience);
        }
        let (issued_at, expires_at) = self.judge_times(now.timestamp())?;
        let actor = self.actor(audience).ok_or(TokenError::Claims)?;
        if self.epoch < 0 {
            return Err(TokenError::Claims);
        }
        Ok(Claims { actor, session: self.sid, epoch: self.epoch, token: self.jti, issued_at, expires_at })
    }

    fn judge_times(&self, now: i64) -> Result<(DateTime<Utc>, DateTime<Utc>), TokenError> {
        let lifetime = self.exp.checked_sub(self.iat).ok_or(TokenError::Lifetime)?;
        if !(1..=MAX_LIFETIME_SECONDS).contains(&lifetime) {
            return Err(TokenError::Lifetime);
        }
        if self.iat > now.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenError::NotYet);
        }
        if self.exp <= now.saturating_sub(LEEWAY_SECONDS) {
            return Err(TokenError::Expired);
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Claims);
        Ok((time(self.iat)?, time(self.exp)?))
    }

    fn actor(&self, audience: Audience) -> Option<Actor> {
        match (audience, self.tid) {
            (Audience::Api, Some(tenant)) => Some(Actor::Member { tenant, member: self.sub.parse().ok()? }),
            (Audience::Operator, None) => Some(Actor::Operator { identity: self.sub.parse().ok()? }),
            _ => None,
        }
    }
}
