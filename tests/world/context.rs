//! Tenant contexts written by hand, as an attacker or a benchmark would: the format of docs/adr/0005.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use keystead_tenants::RootSecret;
use uuid::Uuid;

/// The parts of a context.
#[derive(Debug, Clone)]
pub struct Context {
    /// Tenant.
    pub tenant: Uuid,
    /// Member.
    pub actor: Uuid,
    /// `member`, or the platform's job.
    pub kind: String,
    /// Permission names.
    pub permissions: Vec<String>,
    /// `None` for every project.
    pub projects: Option<Vec<Uuid>>,
    /// Seconds from now until it expires.
    pub lives_seconds: i64,
}

impl Context {
    /// Everything allowed in a tenant.
    #[must_use]
    pub fn of(tenant: Uuid) -> Self {
        let permissions = keystead_ids::Permission::ALL.iter().map(|permission| permission.name().to_owned()).collect();
        Self { tenant, actor: Uuid::nil(), kind: "member".to_owned(), permissions, projects: None, lives_seconds: 30 }
    }

    /// The text that is signed, up to and including the bar in front of the MAC.
    #[must_use]
    pub fn unsigned(&self, kid: &str) -> String {
        let scope = if self.projects.is_none() { "all" } else { "listed" };
        let projects: Vec<String> = self.projects.iter().flatten().map(|id| id.simple().to_string()).collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
        let expiry = i64::try_from(now).unwrap_or(i64::MAX) + self.lives_seconds;
        let permissions = self.permissions.join(",").replace('.', "__");
        let (tenant, actor, request) = (self.tenant.simple(), self.actor.simple(), Uuid::new_v4().simple());
        let fields = [
            tenant.to_string(),
            actor.to_string(),
            self.kind.clone(),
            request.to_string(),
            scope.to_owned(),
            projects.join(","),
            format!(",{permissions},"),
        ];
        format!("v2|{expiry}|{kid}|{}|", fields.join("\n"))
    }

    /// Signed with the deployment's key.
    #[must_use]
    pub fn signed(&self, root: &RootSecret) -> String {
        let (kid, key) = root.context_key();
        let text = self.unsigned(&kid);
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes());
        format!("{text}{}", hex::encode(mac.as_ref()))
    }
}

/// Enters a signed context in the open transaction of `client`, as the API does.
///
/// # Errors
/// When the database refuses the context.
pub async fn enter(client: &tokio_postgres::Client, signed: &str) -> Result<(), tokio_postgres::Error> {
    client.execute("SELECT ctx.enter($1)", &[&signed]).await.map(drop)
}
