//! How long approval takes until the tenant is active, with many tenants present.

use std::time::Instant;

use anyhow::{Context, bail};
use keystead_tests::{Database, PASSWORD, token_if_mailed_to};
use serde_json::json;
use uuid::Uuid;

use crate::{bench::Bench, server::Server};

const SAMPLES: usize = 25;

/// Fills the database up to `present` tenants and measures fresh ones: verification, which approves, until it answers.
pub async fn measure(bench: &mut Bench, server: &Server, present: i64) -> anyhow::Result<()> {
    crowd(&bench.database, present).await?;
    let mut millis = Vec::new();
    for sample in 0..SAMPLES {
        let (slug, email) = (format!("p{present}-{sample}"), format!("p-{}@bench.test", Uuid::new_v4().simple()));
        let body = json!({ "company_name": slug, "slug": slug, "admin_name": "Ada Admin", "email": email, "password": PASSWORD });
        server.post("/v1/signups", "", &body).await?;
        let Some(token) = token_if_mailed_to(&email, "ksv_").await else {
            bail!("no mail came to {email}: {}", waiting(&bench.database, &email).await?)
        };
        let begun = Instant::now();
        let verified = server.post("/v1/signups/verify", "", &json!({ "token": token })).await?;
        millis.push(begun.elapsed().as_secs_f64() * 1000.0);
        verified["tenant_id"].as_str().context("the tenant is there")?;
    }
    millis.sort_by(f64::total_cmp);
    bench.figures.add(&format!("provisioning with {present} tenants present, p50"), millis[millis.len() / 2], "ms");
    bench.figures.add(&format!("provisioning with {present} tenants present, p99"), millis[millis.len() - 1], "ms");
    Ok(())
}

/// What the outbox says of somebody's mail, and how much else is due.
async fn waiting(database: &Database, email: &str) -> anyhow::Result<String> {
    let sql =
        "SELECT coalesce((SELECT format('attempts %s, next at %s, now %s, %s', attempts, next_at, now(), last_error)
            FROM platform.outbox WHERE recipient = $1), 'not in the outbox'),
        (SELECT count(*) FROM platform.outbox WHERE next_at <= now() AND parked_at IS NULL)";
    let row = database.superuser().await.query_one(sql, &[&email]).await?;
    Ok(format!("{}; {} mails are due", row.get::<_, String>(0), row.get::<_, i64>(1)))
}

/// Copies a real tenant's rows, so that tables and indexes have the size that so many tenants give them.
async fn crowd(database: &Database, present: i64) -> anyhow::Result<()> {
    let superuser = database.superuser().await;
    superuser
        .batch_execute(&format!(
            "SET session_replication_role = replica;
            CREATE TEMP TABLE crowd AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {present} - (SELECT count(*) FROM platform.tenants)) n;
            INSERT INTO platform.tenants (id, slug, name, state, kms_key, storage_prefix, created_at, activated_at)
                SELECT id, 'c' || left(replace(id::text, '-', ''), 20), 'Crowd', 'active', 'none', id::text, now(), now() FROM crowd;
            INSERT INTO app.settings (tenant_id, id, name) SELECT id, id, 'Crowd' FROM crowd;
            INSERT INTO app.roles (tenant_id, id, key, title, permissions)
                SELECT c.id, gen_random_uuid(), r.key, r.title, r.permissions FROM crowd c,
                    (SELECT DISTINCT ON (key) key, title, permissions FROM app.roles) r;
            INSERT INTO app.tenant_keys (tenant_id, id, purpose, version, kms_key, wrapped)
                SELECT c.id, gen_random_uuid(), k.purpose, 1, 'none', k.wrapped FROM crowd c,
                    (SELECT DISTINCT ON (purpose) purpose, wrapped FROM app.tenant_keys) k;
            DROP TABLE crowd; ANALYZE;"
        ))
        .await?;
    Ok(())
}
