//! What crosses tenants: a closed list of methods under the platform's own database role.

mod checkpoints;
mod console;
mod devices;
mod directory;
mod edge_nonces;
mod identities;
mod operators;
mod outbox;
mod sessions;
mod signing_keys;
mod signups;
mod tenants;
mod terms;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use deadpool_postgres::{Object, Pool};
use futures::join;
use keystead_ids::SessionId;
use moka::future::Cache;

use crate::DbError;
pub use checkpoints::{SignedRound, UnsignedRound};
pub use console::{LogFilters, LogLine, OutboxDepth, ParkedMail};
pub use devices::Device;
pub use directory::{DirectoryRows, Domain, DomainTaken, RoutedTenant};
pub use identities::{Attempt, Identity, NewIdentity};
pub use operators::{NewOperatorInvitation, Operator, OperatorEnded, OperatorInvitation, OperatorJoined};
pub use outbox::{DueMail, QueuedMail, ShareTask, WorkerDb};
pub use sessions::{Membership, NewSession, OpenInvitation, Profile, RefreshOutcome, Session, SessionScope};
pub use signing_keys::StoredSigningKey;
pub use signups::{NewSignup, Signup, SignupState, SlugTaken};
pub use tenants::{Limits, ProvisioningStep, Tenant, TenantState, Terms};

/// How long a session's grant is believed before the database is asked again: the bound on revocation.
const SESSION_BELIEVED: Duration = Duration::from_secs(5);

/// Sign-up, tenants, logins and sessions.
#[derive(Clone)]
pub struct PlatformDb {
    pool: Pool,
    sessions: Cache<SessionId, Option<Arc<Session>>>,
    tenants_by_slug: Cache<String, Option<Tenant>>,
}

impl PlatformDb {
    pub(crate) fn new(pool: Pool) -> Self {
        let cache = |capacity| Cache::builder().max_capacity(capacity).time_to_live(SESSION_BELIEVED);
        Self {
            pool,
            sessions: cache(50_000).build(),
            tenants_by_slug: Cache::builder().max_capacity(10_000).time_to_live(SESSION_BELIEVED).build(),
        }
    }

    /// How many entries each cache has.
    pub async fn cached(&self) -> [(&'static str, u64); 2] {
        // What came or went a moment ago is counted then.
        join!(self.sessions.run_pending_tasks(), self.tenants_by_slug.run_pending_tasks());
        [("sessions", self.sessions.entry_count()), ("tenants", self.tenants_by_slug.entry_count())]
    }

    async fn connection(&self) -> Result<Object, DbError> {
        Ok(self.pool.get().await?)
    }

    /// Is the database there? Answers by how much its clock differs from this machine's, either way.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn ping(&self) -> Result<Duration, DbError> {
        let row = self.connection().await?.query_one("SELECT clock_timestamp()", &[]).await?;
        let (theirs, ours): (SystemTime, _) = (row.try_get(0)?, SystemTime::now());
        Ok(theirs.duration_since(ours).unwrap_or_else(|behind| behind.duration()))
    }
}
