//! The server dies without a word, again and again: nothing that it acknowledged is lost, nothing happens twice, and what it
//! had begun it finishes by itself.

use std::{
    fmt::Write as _,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use keystead_ids::{PresetRole, TenantId, UnitId};
use keystead_keys::Purpose;
use keystead_kms_double::{KmsDouble, Running};
use keystead_tests::{
    Operator, Options, PASSWORD, Person, Seen, ServerProcess, Site, Tenant, check_sales, count, fresh_database,
    import_to_the_end, sell, uuid_of, verified_trail,
};
use rand::Rng;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_postgres::Client;
use uuid::Uuid;

/// A server with a KMS of its own, whose keys can be counted.
async fn server(kms: &Running) -> Arc<ServerProcess> {
    let options = Options { auto_approve: false, kms_endpoint: Some(kms.endpoint()), ..Options::default() };
    Arc::new(ServerProcess::start(fresh_database().await, &options).await)
}

async fn kms(folder: &Path) -> Running {
    KmsDouble::start(folder.to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap()
}

async fn pause(longest_ms: u64) {
    let pause = Duration::from_millis(rand::rng().random_range(0..longest_ms));
    println!("the server is killed after {pause:?}");
    tokio::time::sleep(pause).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tenants_that_were_approved_become_active_whenever_the_server_dies() {
    let folder = tempfile::tempdir().unwrap();
    let kms = kms(folder.path()).await;
    let server = server(&kms).await;
    let database = server.database.superuser().await;
    let operator = Person::log_in(&*server).await;
    let mut applications = Vec::new();
    for round in 0..6 {
        for place in 0..3 {
            applications.push(apply(&server, &format!("builder-{round}-{place}")).await);
        }
        let begun: Vec<_> = applications.iter().rev().take(3).cloned().collect();
        let approvals = approve_all(&operator, &begun);
        pause(if round % 2 == 0 { 60 } else { 400 }).await;
        server.kill9().await;
        for (application, tenant) in approvals.join_all().await {
            if let Some(tenant) = tenant {
                let kept = tenant_of(&database, &application).await.map(|id| TenantId(id).to_string());
                assert_eq!(kept, Some(tenant), "an approval was acknowledged and is lost");
            }
        }
        server.restart().await;
    }
    let approved = approved(&database).await;
    println!("{approved} of {} approvals were kept before the clients asked again", applications.len());
    // What was approved before a crash is finished by the server; nobody asks for it.
    wait_for(&database, "SELECT count(*) FROM platform.tenants WHERE state = 'provisioning'", 0).await;
    assert_eq!(count(&database, "SELECT count(*) FROM platform.tenants WHERE state = 'active'", &[]).await, approved);
    for application in &applications {
        let path = format!("/v1/platform/signups/{}/approve", application.id);
        let tenant = operator.call("POST", &path).expect(200).await;
        assert_eq!(tenant.json["state"], "active", "{}", tenant.text);
        check_tenant(&server, &database, application, &tenant.id(), folder.path()).await;
    }
    assert_eq!(count(&database, "SELECT count(*) FROM platform.tenants", &[]).await, 18);
}

/// A builder's verified application.
#[derive(Clone)]
struct Application {
    id: String,
    slug: String,
    email: String,
}

async fn apply(server: &ServerProcess, slug: &str) -> Application {
    let email = format!("admin-{}@{slug}.test", Uuid::new_v4().simple());
    let body =
        json!({ "company_name": slug, "slug": slug, "admin_name": "Ada Admin", "email": email, "password": PASSWORD });
    let id = server.call("POST", "/v1/signups").json(&body).expect(202).await.id();
    let token = server.token_mailed_to(&email, "ksv_").await;
    server.call("POST", "/v1/signups/verify").json(&json!({ "token": token })).expect(200).await;
    Application { id, slug: slug.to_owned(), email }
}

/// Approves all at once; each gives the tenant that was acknowledged, if any was.
fn approve_all(operator: &Operator, applications: &[Application]) -> JoinSet<(Application, Option<String>)> {
    let mut approvals = JoinSet::new();
    for application in applications.iter().cloned() {
        let call = operator.call("POST", &format!("/v1/platform/signups/{}/approve", application.id));
        approvals.spawn(async move {
            let answer = call.try_send().await.filter(|answer| answer.status == 200);
            (application, answer.map(|answer| answer.id()))
        });
    }
    approvals
}

async fn tenant_of(database: &Client, application: &Application) -> Option<Uuid> {
    let sql = "SELECT tenant_id FROM platform.signups WHERE id = $1";
    database.query_one(sql, &[&uuid_of(&application.id)]).await.unwrap().get(0)
}

async fn approved(database: &Client) -> i64 {
    count(database, "SELECT count(*) FROM platform.signups WHERE state = 'approved'", &[]).await
}

async fn wait_for(database: &Client, sql: &str, expected: i64) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while count(database, sql, &[]).await != expected {
        assert!(Instant::now() < deadline, "{sql} does not become {expected}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The tenant is whole, and nothing of it is there twice.
async fn check_tenant(server: &ServerProcess, database: &Client, application: &Application, tenant: &str, kms: &Path) {
    let id = uuid_of(tenant);
    for (what, expected, sql) in [
        (
            "open steps",
            0,
            "SELECT count(*) FROM platform.provisioning_steps WHERE tenant_id = $1 AND finished_at IS NULL",
        ),
        ("steps", 4, "SELECT count(*) FROM platform.provisioning_steps WHERE tenant_id = $1"),
        ("settings", 1, "SELECT count(*) FROM app.settings WHERE tenant_id = $1"),
        ("members", 1, "SELECT count(*) FROM app.members WHERE tenant_id = $1"),
        ("roles", PresetRole::ALL.len(), "SELECT count(*) FROM app.roles WHERE tenant_id = $1"),
        ("keys", Purpose::ALL.len(), "SELECT count(*) FROM app.tenant_keys WHERE tenant_id = $1 AND version = 1"),
        ("key names", 1, "SELECT count(DISTINCT kms_key) FROM app.tenant_keys WHERE tenant_id = $1"),
        (
            "tenants",
            1,
            "SELECT count(*) FROM platform.tenants t JOIN app.tenant_keys k ON k.tenant_id = t.id
            AND k.kms_key = t.kms_key AND k.purpose = 'pii' WHERE t.id = $1 AND t.storage_prefix IS NOT NULL",
        ),
        ("activations", 1, "SELECT count(*) FROM platform.events WHERE action = 'tenant.activated' AND object_id = $1"),
        ("member events", 1, "SELECT count(*) FROM audit.events WHERE tenant_id = $1 AND action = 'member.created'"),
    ] {
        let expected = i64::try_from(expected).unwrap();
        assert_eq!(count(database, sql, &[&id]).await, expected, "{what} of {}", application.slug);
    }
    let key: String =
        database.query_one("SELECT kms_key FROM platform.tenants WHERE id = $1", &[&id]).await.unwrap().get(0);
    let aliases = aliases(kms, tenant);
    assert_eq!(aliases.len(), 1, "one alias for {tenant}: {aliases:?}");
    assert!(key.ends_with(aliases[0]["key"].as_str().unwrap()), "the alias names {key}: {aliases:?}");
    let admin = Person::enter(server, &application.slug, &application.email).await;
    assert!(verified_trail(&admin, tenant, database).await > 0);
}

/// What the KMS ever noted about the tenant's alias.
fn aliases(kms: &Path, tenant: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(kms.join("aliases.log")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["alias"].as_str().is_some_and(|alias| alias.ends_with(tenant))).collect()
}

const ROWS: usize = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_goes_on_where_the_server_died() {
    let folder = tempfile::tempdir().unwrap();
    let kms = kms(folder.path()).await;
    let server = server(&kms).await;
    let database = server.database.superuser().await;
    let acme = Tenant::sign_up(&*server, "acme").await;
    let fusion = acme.project("FUSION").await;
    let (admin, project) = (acme.admin.clone(), fusion.clone());
    let import = tokio::spawn(async move { import_to_the_end(&admin, &project, &homes(ROWS), &Seen::default()).await });
    for (from, to) in [(1, 4_000), (6_000, 10_000), (11_000, 15_000)] {
        let row = rand::rng().random_range(from..to);
        let reached = read_rows(&database, row).await;
        pause(60).await;
        server.kill9().await;
        println!("the server was killed after row {reached}");
        assert!(!import.is_finished(), "the import was over before the server died");
        server.restart().await;
    }
    let import = import.await.unwrap();
    assert_eq!(import["state"], "finished", "{import}");
    for figure in ["rows_read", "rows_imported"] {
        assert_eq!(import[figure], ROWS, "{import}");
    }
    assert_eq!(import["rows_refused"], 0, "{import}");
    let rows = i64::try_from(ROWS).unwrap();
    let id = uuid_of(&fusion);
    for (what, expected, sql) in [
        ("homes", rows, "SELECT count(*) FROM app.units WHERE project_id = $1"),
        ("numbers", rows, "SELECT count(DISTINCT number) FROM app.units WHERE project_id = $1"),
        ("phases", 7, "SELECT count(*) FROM app.phases WHERE project_id = $1"),
        ("errors", 0, "SELECT count(*) FROM app.import_errors WHERE project_id = $1"),
        ("events", rows, "SELECT count(*) FROM audit.events WHERE project_id = $1 AND action = 'unit.created'"),
    ] {
        assert_eq!(count(&database, sql, &[&id]).await, expected, "{what}");
    }
    assert!(verified_trail(&acme.admin, &acme.id, &database).await > rows);
}

/// Waits until the import has read at least `rows`; tells how many it has.
async fn read_rows(database: &Client, rows: i64) -> i64 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let read = count(database, "SELECT coalesce(max(rows_read), 0) FROM app.imports", &[]).await;
        if read >= rows {
            return read;
        }
        assert!(Instant::now() < deadline, "the import stands at row {read}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A spreadsheet of homes in seven phases.
fn homes(rows: usize) -> String {
    let mut csv = "number,phase,price\n".to_owned();
    for row in 0..rows {
        writeln!(csv, "{row:06},Phase {},499900.00", row % 7).unwrap();
    }
    csv
}

/// Clients that sell at the same time.
const CLIENTS: usize = 4;

/// Homes that each of them sells.
const EACH: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sale_happens_once_whenever_the_server_dies() {
    let folder = tempfile::tempdir().unwrap();
    let kms = kms(folder.path()).await;
    let server = server(&kms).await;
    let database = server.database.superuser().await;
    let acme = Tenant::sign_up(&*server, "acme").await;
    let fusion = acme.project("FUSION").await;
    import_to_the_end(&acme.admin, &fusion, &homes(CLIENTS * EACH), &Seen::default()).await;
    let agent = acme.hire(PresetRole::SalesAgent, &[&fusion]).await;
    let rows = database.query("SELECT id FROM app.units", &[]).await.unwrap();
    let units: Vec<String> = rows.iter().map(|row| UnitId(row.get(0)).to_string()).collect();

    let seen = Arc::new(Seen::default());
    let mut clients = JoinSet::new();
    for units in units.chunks(EACH) {
        let (agent, project, units, seen) = (agent.clone(), fusion.clone(), units.to_vec(), Arc::clone(&seen));
        clients.spawn(async move {
            let mut sales = Vec::new();
            for unit in units {
                sales.push(sell(&agent, &project, &unit, &seen).await);
            }
            sales
        });
    }
    for progress in [20, 70, 120, 180] {
        seen.reaches(&seen.acknowledged, progress).await;
        pause(80).await;
        server.kill9().await;
        let broken = seen.broken.load(Ordering::Relaxed);
        // Somebody was in the middle of a request, or asks in vain now.
        seen.reaches(&seen.broken, broken.max(1)).await;
        server.restart().await;
    }
    let sales = clients.join_all().await.concat();
    assert_eq!(sales.len(), CLIENTS * EACH);
    println!("{seen:?}");
    check_sales(&agent, &fusion, &sales, &database).await;
    verified_trail(&acme.admin, &acme.id, &database).await;
}
