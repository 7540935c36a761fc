//! Who calls, and what they have left.

use std::sync::{Arc, PoisonError};

use super::{Context, Decided, Decision};
use crate::{
    Refresh,
    answer::Problem,
    apikey,
    authority::{Ask, Leased},
    directory::{Cell, Directory, Route, Tenant},
    edge::Shielded,
    jwks::Found,
    limits::{Quota, Told, seconds},
    public::Class,
    token::{Audience, Claims, Expected, Subject, TokenError, Unverified},
    verified::Verified,
};

/// What is known about the caller, as far as it matters where the request goes and whom it counts against.
pub(super) struct Caller {
    pub(super) cell: Cell,
    pub(super) tenant: Option<Arc<Tenant>>,
    /// A member, an operator or an API key.
    subject: Option<String>,
    /// It is one of those that guess: without its tenant's counter it may not go on.
    auth: bool,
}

impl Context<'_> {
    pub(super) fn caller(&mut self, directory: &Directory, route: &Route) -> Decided<Caller> {
        let anybody = |auth| Caller { cell: route.cell.clone(), tenant: route.tenant.clone(), subject: None, auth };
        match self.class {
            Class::Private | Class::Operator => self.known(directory, route),
            Class::Auth => {
                self.shield(Shielded::Auth, self.edge.config.shield.auth)?;
                Ok(anybody(true))
            }
            Class::Renewal => {
                self.shield(Shielded::Renewals, self.edge.config.shield.renewals)?;
                Ok(anybody(false))
            }
            _ => {
                self.shield(Shielded::Anonymous, self.edge.config.shield.anonymous)?;
                Ok(anybody(false))
            }
        }
    }

    fn known(&mut self, directory: &Directory, route: &Route) -> Decided<Caller> {
        let Some(credential) = self.checked.authorization.and_then(|value| value.strip_prefix("Bearer ")) else {
            return Err(self.unauthenticated("no-token"));
        };
        if credential.starts_with(apikey::PREFIX) {
            return self.api_key(credential, route);
        }
        let token = Unverified::read(credential).map_err(|error| self.refused(error))?;
        let tenant = match &route.tenant {
            Some(tenant) => Some(Arc::clone(tenant)),
            // Unverified, it only tells whose keys to verify with.
            None => token.claimed().and_then(|claimed| claimed.tid).and_then(|id| directory.tenant(id)).cloned(),
        };
        let cell = tenant.as_ref().map_or(&route.cell, |tenant| &tenant.cell).clone();
        let claims = self.verified(directory, &cell, credential, &token)?;
        match (claims.subject.tenant(), &tenant) {
            (Some(of_token), Some(of_host)) if of_token == of_host.id => {}
            (Some(_), Some(_)) => return Err(self.refuse(Problem::Forbidden, "other-tenant")),
            (Some(_), None) => {
                let ask = self.edge.ask_directory_since(claims.issued_at, self.moment.began).map(Decision::Refresh);
                return Err(ask.unwrap_or_else(|| self.unauthenticated("unknown-tenant")));
            }
            (None, _) => {}
        }
        self.not_revoked(&cell, &claims)?;
        if let Some(tenant) = &tenant {
            self.not_moving(tenant)?;
        }
        let subject = match claims.subject {
            Subject::Member { member, .. } => member.to_string(),
            Subject::Operator { identity } => identity.to_string(),
        };
        let tenant = tenant.filter(|_| claims.subject.tenant().is_some());
        Ok(Caller { cell, tenant, subject: Some(subject), auth: false })
    }

    /// Whoever is not known counts against their address, whatever they send.
    fn unauthenticated(&mut self, reason: &'static str) -> Decision {
        match self.shield(Shielded::Anonymous, self.edge.config.shield.anonymous) {
            Ok(()) => self.refuse(Problem::Unauthenticated, reason),
            Err(too_many) => too_many,
        }
    }

    fn refused(&mut self, error: TokenError) -> Decision {
        self.unauthenticated(reason(error))
    }

    /// A cell looks keys up; what cannot be one never gets there.
    fn api_key(&mut self, credential: &str, route: &Route) -> Decided<Caller> {
        let Some(key) = apikey::read(credential).filter(|_| self.class == Class::Private) else {
            return Err(self.unauthenticated("api-key"));
        };
        let subject = Some(format!("key_{}", key.id));
        Ok(Caller { cell: route.cell.clone(), tenant: route.tenant.clone(), subject, auth: false })
    }

    fn verified(
        &mut self,
        directory: &Directory,
        cell: &Cell,
        credential: &str,
        token: &Unverified<'_>,
    ) -> Decided<Claims> {
        let audience = if self.class == Class::Operator { Audience::Operator } else { Audience::Api };
        let now = self.moment.now;
        let place = Verified::place(credential, cell, audience);
        if let Some(claims) = self.edge.verified.get(&place, now) {
            return Ok(claims);
        }
        let found = self.edge.cell(cell).keys.lock().unwrap_or_else(PoisonError::into_inner).find(token.kid(), now);
        let key = match found {
            Found::Key(key) => key,
            Found::Ask => return Err(Decision::Refresh(Refresh::Keys(cell.clone()))),
            Found::Unknown => return Err(self.refused(TokenError::UnknownKey)),
            Found::Unavailable => return Err(self.refuse_for(Problem::Unavailable, "no-keys", 5)),
        };
        let Some(entry) = directory.cell(cell) else {
            return Err(self.refuse_for(Problem::Unavailable, "no-cell", 5));
        };
        let expected = Expected { issuer: &entry.issuer, audience, now: now.div_euclid(1_000) };
        let claims = token.verify(&key, &expected).map_err(|error| self.refused(error))?;
        self.edge.verified.insert(place, claims.clone(), now);
        Ok(claims)
    }

    fn not_revoked(&mut self, cell: &Cell, claims: &Claims) -> Decided<()> {
        let state = self.edge.cell(cell);
        let revocations = state.revocations.lock().unwrap_or_else(PoisonError::into_inner);
        if revocations.void(claims) {
            drop(revocations);
            return Err(self.unauthenticated("revoked"));
        }
        if revocations.must_ask(self.moment.now) {
            return Err(Decision::Refresh(Refresh::Revocations(cell.clone(), revocations.since())));
        }
        Ok(())
    }

    /// Counts the request: exactly by the tenant's authority; without it, by the edge's own tighter limit, or not at all for
    /// those that guess.
    pub(super) fn meter(&mut self, caller: &Caller) -> Decided<()> {
        let Some(tenant) = &caller.tenant else {
            let Some(subject) = &caller.subject else { return Ok(()) };
            return self.count_alone(subject.clone(), self.edge.config.shield.operator);
        };
        if caller.subject.is_none() && !caller.auth {
            return Ok(());
        }
        let plan = tenant.plan;
        let ask = Ask {
            tenant: tenant.id,
            subject: caller.subject.clone(),
            per_tenant: plan.per_tenant,
            per_subject: plan.per_subject,
            edge: u64::from_le_bytes(*self.moment.entropy.first_chunk().unwrap_or(&[0; 8])),
            of_tenant: None,
            of_subject: None,
        };
        match self.edge.leases.take(ask, self.moment.now) {
            Leased::Yes(told) => {
                self.dress.told = Some(told);
                Ok(())
            }
            Leased::No(told, wait) => {
                self.dress.told = Some(told);
                Err(self.refuse_for(Problem::TooMany, "limit", seconds(wait)))
            }
            Leased::Ask(ask) => Err(Decision::Refresh(Refresh::Lease(ask))),
            Leased::Alone if caller.auth => Err(self.refuse_for(Problem::Unavailable, "no-counter", 2)),
            Leased::Alone => {
                let subject = caller.subject.as_deref().unwrap_or_default();
                self.count_alone(format!("{}/{subject}", tenant.id), self.edge.config.shield.alone)
            }
        }
    }

    fn count_alone(&mut self, key: String, quota: Quota) -> Decided<()> {
        let verdict = self.edge.alone.take(&key, quota, 1, self.moment.now);
        self.dress.told = Some(Told::of("user", quota, &verdict));
        if verdict.allowed {
            return Ok(());
        }
        Err(self.refuse_for(Problem::TooMany, "local-limit", seconds(verdict.retry_after)))
    }
}

const fn reason(error: TokenError) -> &'static str {
    match error {
        TokenError::TooLong => "token-too-long",
        TokenError::Shape => "token-shape",
        TokenError::Header => "token-header",
        TokenError::Type => "token-type",
        TokenError::Algorithm => "token-algorithm",
        TokenError::UnknownKey => "token-unknown-key",
        TokenError::Signature => "token-signature",
        TokenError::Claims => "token-claims",
        TokenError::Issuer => "token-issuer",
        TokenError::Audience => "token-audience",
        TokenError::Expired => "token-expired",
        TokenError::NotYet => "token-not-yet",
        TokenError::Lifetime => "token-lifetime",
    }
}
