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

    /// `v2|expiry|kid|fields|mac`; the fields, one a line, are spelled as the database keeps them (docs/adr/0005).
    pub(crate) fn sign(&self, grant: &TenantGrant) -> String {
        // Always the machine's clock: the database compares with its own.
        let expiry = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + LIFE;
        let mut text = String::with_capacity(1024);
        let _ = write!(text, "v2|{}|{}|", expiry.as_secs(), self.kid);
        fields(&mut text, grant);
        text.push('|');
        let mac = hmac::sign(&self.key, text.as_bytes());
        text.push_str(&hex::encode(mac.as_ref()));
        text
    }
}

/// Tenant, actor, kind, request, scope (`all` or `listed`), projects, permissions (`,contacts__read,units__read,`): letters,
/// digits, underscores and commas are all that the database can keep.
fn fields(text: &mut String, grant: &TenantGrant) {
    let (actor, kind) = match grant.actor {
        Actor::Member(id) => (id.uuid(), "member"),
        Actor::System(SystemJob::Provision) => (uuid::Uuid::nil(), "provisioning"),
        Actor::System(SystemJob::AcceptInvitation) => (uuid::Uuid::nil(), "invitation"),
        Actor::System(SystemJob::Export) => (uuid::Uuid::nil(), "export"),
        Actor::System(SystemJob::Offboard) => (uuid::Uuid::nil(), "offboarding"),
        Actor::System(SystemJob::Shares) => (uuid::Uuid::nil(), "shares"),
        Actor::System(SystemJob::Measure) => (uuid::Uuid::nil(), "measuring"),
    };
    let scope = if grant.projects.is_none() { "all" } else { "listed" };
    let (tenant, request) = (grant.tenant.uuid().simple(), grant.request.uuid().simple());
    let _ = writeln!(text, "{tenant}\n{}\n{kind}\n{request}\n{scope}", actor.simple());
    for (index, project) in grant.projects().unwrap_or_default().iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{}", project.uuid().simple());
    }
    text.push_str("\n,");
    for permission in grant.permissions.iter() {
        let name = permission.name();
        let (subject, verb) = name.split_once('.').unwrap_or((name, ""));
        let _ = write!(text, "{subject}__{verb},");
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
