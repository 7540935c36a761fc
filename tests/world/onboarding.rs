//! Builders who applied, and what makes a tenant whole.

use std::path::Path;

use keystead_ids::{PresetRole, TenantId};
use keystead_keys::Purpose;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::{Call, Operator, PASSWORD, Person, Site, process::count, uuid_of, verified_trail};

/// A builder's verified application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id.
    pub id: String,
    /// The host label that was asked for.
    pub slug: String,
    /// The founder's address.
    pub email: String,
}

impl Application {
    /// Applies and follows the link in the mail.
    pub async fn verified(site: &impl Site, slug: &str) -> Self {
        let email = format!("admin-{}@{slug}.test", Uuid::new_v4().simple());
        let body = json!({ "company_name": slug, "slug": slug, "admin_name": "Ada Admin", "email": email, "password": PASSWORD });
        let id = site.call("POST", "/v1/signups").json(&body).expect(202).await.id();
        let token = site.token_mailed_to(&email, "ksv_").await;
        site.call("POST", "/v1/signups/verify").json(&json!({ "token": token })).expect(200).await;
        Self { id, slug: slug.to_owned(), email }
    }

    /// The operator's request that approves it.
    pub fn approval(&self, operator: &Operator) -> Call {
        operator.call("POST", &format!("/v1/platform/signups/{}/approve", self.id))
    }

    /// The tenant that it became, if it did.
    pub async fn tenant(&self, database: &Client) -> Option<Uuid> {
        let sql = "SELECT tenant_id FROM platform.signups WHERE id = $1";
        database.query_one(sql, &[&uuid_of(&self.id)]).await.unwrap().get(0)
    }

    /// The provisioning step that comes next, if one is left.
    pub async fn next_step(&self, database: &Client) -> Option<String> {
        let sql = "SELECT step FROM platform.provisioning_steps JOIN platform.signups USING (tenant_id)
            WHERE signups.id = $1 AND finished_at IS NULL ORDER BY position LIMIT 1";
        database.query_opt(sql, &[&uuid_of(&self.id)]).await.unwrap().map(|row| row.get(0))
    }

    /// The tenant is whole, and nothing of it is there twice; `kms` is the folder of the KMS double. The founder logs in.
    pub async fn is_whole(&self, site: &impl Site, database: &Client, kms: &Path) -> Person {
        let tenant = self.tenant(database).await.expect("the application was approved");
        for (what, expected, sql) in WHOLE {
            assert_eq!(count(database, sql, &[&tenant]).await, *expected, "{what} of {}", self.slug);
        }
        for (what, expected, sql) in [
            ("roles", PresetRole::ALL.len(), "SELECT count(*) FROM app.roles WHERE tenant_id = $1"),
            ("role names", PresetRole::ALL.len(), "SELECT count(DISTINCT key) FROM app.roles WHERE tenant_id = $1"),
            ("keys", Purpose::ALL.len(), "SELECT count(*) FROM app.tenant_keys WHERE tenant_id = $1 AND version = 1"),
            (
                "purposes",
                Purpose::ALL.len(),
                "SELECT count(DISTINCT purpose) FROM app.tenant_keys WHERE tenant_id = $1",
            ),
        ] {
            let expected = i64::try_from(expected).unwrap();
            assert_eq!(count(database, sql, &[&tenant]).await, expected, "{what} of {}", self.slug);
        }
        let sql = "SELECT count(*) FROM platform.tenants WHERE slug = $1";
        assert_eq!(count(database, sql, &[&self.slug]).await, 1, "tenants called {}", self.slug);
        let sql = "SELECT kms_key FROM platform.tenants WHERE id = $1";
        let key: String = database.query_one(sql, &[&tenant]).await.unwrap().get(0);
        let aliases = aliases(kms, tenant);
        assert_eq!(aliases.len(), 1, "one alias of {}: {aliases:?}", self.slug);
        assert!(key.ends_with(aliases[0]["key"].as_str().unwrap()), "the alias names {key}: {aliases:?}");
        Person::enter(site, &self.slug, &self.email).await
    }

    /// [`Self::is_whole`], and its trail begins with one event of its making and verifies offline.
    pub async fn is_whole_with_trail(&self, site: &impl Site, database: &Client, kms: &Path) {
        let admin = self.is_whole(site, database, kms).await;
        let tenant = self.tenant(database).await.expect("the application was approved");
        assert!(verified_trail(&admin, &TenantId(tenant).to_string(), database).await > 0);
        let sql = "SELECT count(*) FROM audit.events WHERE tenant_id = $1 AND n = 1 AND actor_kind = 'provisioning'";
        assert_eq!(count(database, sql, &[&tenant]).await, 1, "first events of {}", self.slug);
    }
}

/// Counts of what a tenant has exactly so many of.
const WHOLE: &[(&str, i64, &str)] = &[
    ("active", 1, "SELECT count(*) FROM platform.tenants WHERE id = $1 AND state = 'active'"),
    ("open steps", 0, "SELECT count(*) FROM platform.provisioning_steps WHERE tenant_id = $1 AND finished_at IS NULL"),
    ("steps", 4, "SELECT count(*) FROM platform.provisioning_steps WHERE tenant_id = $1"),
    ("settings", 1, "SELECT count(*) FROM app.settings WHERE tenant_id = $1"),
    ("members", 1, "SELECT count(*) FROM app.members WHERE tenant_id = $1"),
    ("key names", 1, "SELECT count(DISTINCT kms_key) FROM app.tenant_keys WHERE tenant_id = $1"),
    (
        "places to store",
        1,
        "SELECT count(*) FROM platform.tenants t JOIN app.tenant_keys k ON k.tenant_id = t.id AND k.kms_key = t.kms_key
        AND k.purpose = 'pii' WHERE t.id = $1 AND t.storage_prefix IS NOT NULL",
    ),
    ("activations", 1, "SELECT count(*) FROM platform.events WHERE action = 'tenant.activated' AND object_id = $1"),
    ("member events", 1, "SELECT count(*) FROM audit.events WHERE tenant_id = $1 AND action = 'member.created'"),
    (
        "events told twice",
        0,
        "SELECT count(*) FROM (SELECT 1 FROM audit.events WHERE tenant_id = $1 AND action LIKE '%.created'
        GROUP BY action, object_id HAVING count(*) > 1) AS twice",
    ),
];

/// What the KMS ever noted about the tenant's alias.
fn aliases(kms: &Path, tenant: Uuid) -> Vec<Value> {
    let tenant = TenantId(tenant).to_string();
    let log = std::fs::read_to_string(kms.join("aliases.log")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["alias"].as_str().is_some_and(|alias| alias.ends_with(&tenant))).collect()
}
