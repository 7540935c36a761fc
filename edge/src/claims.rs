//! What an access token says, as the edge reads it.

use keystead_ids::{IdentityId, MemberId, SessionId, TenantId};
use serde::Deserialize;
use uuid::Uuid;

use crate::token::{Audience, Claims, Expected, LEEWAY, MAX_LIFETIME, Subject, TokenError};

/// The claims as JSON. Unknown and doubled members are errors: two readers might see two different tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireClaims {
    iss: String,
    aud: String,
    sub: String,
    #[serde(default)]
    tid: Option<TenantId>,
    sid: SessionId,
    iat: i64,
    exp: i64,
    #[expect(dead_code, reason = "has to be there and to be an id")]
    jti: Uuid,
    epoch: i64,
}

impl WireClaims {
    pub(crate) fn judge(self, expected: &Expected<'_>) -> Result<Claims, TokenError> {
        if self.iss != expected.issuer {
            return Err(TokenError::Issuer);
        }
        if self.aud != expected.audience.as_str() {
            return Err(TokenError::Audience);
        }
        self.judge_times(expected.now)?;
        let subject = self.subject(expected.audience).ok_or(TokenError::Claims)?;
        if self.epoch < 0 {
            return Err(TokenError::Claims);
        }
        Ok(Claims { subject, session: self.sid, issued_at: self.iat, expires_at: self.exp })
    }

    fn judge_times(&self, now: i64) -> Result<(), TokenError> {
        let lifetime = self.exp.checked_sub(self.iat).ok_or(TokenError::Lifetime)?;
        if !(1..=MAX_LIFETIME).contains(&lifetime) {
            return Err(TokenError::Lifetime);
        }
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(TokenError::NotYet);
        }
        if self.exp <= now.saturating_sub(LEEWAY) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }

    fn subject(&self, audience: Audience) -> Option<Subject> {
        match (audience, self.tid) {
            (Audience::Api, Some(tenant)) => {
                Some(Subject::Member { tenant, member: self.sub.parse::<MemberId>().ok()? })
            }
            (Audience::Operator, None) => Some(Subject::Operator { identity: self.sub.parse::<IdentityId>().ok()? }),
            _ => None,
        }
    }
}

/// The tenant that an unverified token claims: it only says whose keys to verify with, which then decide.
#[derive(Deserialize)]
pub(crate) struct Claimed {
    #[serde(default)]
    pub(crate) tid: Option<TenantId>,
}
