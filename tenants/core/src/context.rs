//! The signed tenant context: what the API may see, in a form that SQL cannot forge.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::hmac;

use crate::{Actor, RootSecret, SystemJob, TenantGrant};

/// How long a context can open transactions (security rule: at most 30 s).
const LIFE: Duration = Duration::from_secs(30);

/// Signs contexts; the database's verifier holds the same key.
pub(crate) struct ContextSigner {
    kid: String,
    key: hmac::Key,
}

impl ContextSigner {
    pub(crate) fn new(root: &RootSecret) -> Self {
        let key = root.derive(CONTEXT_KEY);
        Self { kid: kid(&key), key: hmac::Key::new(hmac::HMAC_SHA256, &key) }
    }

    /// `v1|tenant|actor|kind|permissions|scope|projects|expiry|request|kid|mac`.
    pub(crate) fn sign(&self, grant: &TenantGrant) -> String {
        let (actor, kind) = match grant.actor {
            Actor::Member(id) => (id.uuid(), "member"),
            Actor::System(SystemJob::Provision) => (uuid::Uuid::nil(), "provisioning"),
            Actor::System(SystemJob::AcceptInvitation) => (uuid::Uuid::nil(), "invitation"),
            Actor::System(SystemJob::Export) => (uuid::Uuid::nil(), "export"),
            Actor::System(SystemJob::Offboard) => (uuid::Uuid::nil(), "offboarding"),
            Actor::System(SystemJob::Shares) => (uuid::Uuid::nil(), "shares"),
            Actor::System(SystemJob::Measure) => (uuid::Uuid::nil(), "measuring"),
        };
        let mut text = format!("v1|{}|{actor}|{kind}|", grant.tenant.uuid());
        join(&mut text, grant.permissions.iter().map(|p| p.name()));
        text.push_str(if grant.projects.is_none() { "|*|" } else { "|listed|" });
        join(&mut text, grant.projects().unwrap_or_default().iter().map(|p| p.uuid().to_string()));
        // Always the machine's clock: the database compares with its own.
        let expiry = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + LIFE;
        let _ = write!(text, "|{}|{}|{}|", expiry.as_secs(), grant.request.uuid(), self.kid);
        let mac = hmac::sign(&self.key, text.as_bytes());
        text.push_str(&hex::encode(mac.as_ref()));
        text
    }
}

fn join<T: AsRef<str>>(text: &mut String, items: impl Iterator<Item = T>) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(item.as_ref());
    }
}

const CONTEXT_KEY: &str = "database/context";

/// A key's public name.
fn kid(key: &[u8; 32]) -> String {
    hex::encode(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key).as_ref()[..8])
}

impl RootSecret {
    /// The context key with its name, for the migration that installs it in the database.
    #[must_use]
    pub fn context_key(&self) -> (String, [u8; 32]) {
        let key = self.derive(CONTEXT_KEY);
        (kid(&key), key)
    }
}
