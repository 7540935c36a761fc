//! The server dies without a word, again and again: nothing that it acknowledged is lost, nothing happens twice, and what it
//! had begun it finishes by itself.

use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use keystead_ids::{PresetRole, TenantId, UnitId};
use keystead_kms_double::{KmsDouble, Running};
use keystead_tests::{
    Application, Operator, Options, Person, Seen, ServerProcess, Tenant, becomes, check_sales, count, fresh_database,
    import_to_the_end, sell, uuid_of, verified_trail,
};
use rand::Rng;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// A server with a KMS of its own, whose keys can be counted.
struct Stage {
    server: Arc<ServerProcess>,
    database: Client,
    folder: TempDir,
    _kms: Running,
}

impl Stage {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let options = Options { auto_approve: false, kms_endpoint: Some(kms.endpoint()), ..Options::default() };
        let server = Arc::new(ServerProcess::start(fresh_database().await, &options).await);
        let database = server.database.superuser().await;
        Self { server, database, folder, _kms: kms }
    }

    /// A builder with one project.
    async fn builder(&self) -> (Tenant<'_, ServerProcess>, String) {
        let acme = Tenant::sign_up(&*self.server, "acme").await;
        let fusion = acme.project("FUSION").await;
        (acme, fusion)
    }
}

async fn pause(longest_ms: u64) {
    let pause = Duration::from_millis(rand::rng().random_range(0..longest_ms));
    println!("the server is killed after {pause:?}");
    tokio::time::sleep(pause).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tenants_that_were_approved_become_active_whenever_the_server_dies() {
    let stage = Stage::set().await;
    let (server, database) = (&stage.server, &stage.database);
    let operator = Person::log_in(&**server).await;
    let mut applications = Vec::new();
    for round in 0..6 {
        for place in 0..3 {
            applications.push(Application::verified(&**server, &format!("builder-{round}-{place}")).await);
        }
        let begun: Vec<_> = applications.iter().rev().take(3).cloned().collect();
        let approvals = approve_all(&operator, &begun);
        pause(if round % 2 == 0 { 60 } else { 400 }).await;
        server.kill9().await;
        for (application, tenant) in approvals.join_all().await {
            if let Some(tenant) = tenant {
                let kept = application.tenant(database).await.map(|id| TenantId(id).to_string());
                assert_eq!(kept, Some(tenant), "an approval was acknowledged and is lost");
            }
        }
        server.restart().await;
    }
    let approved = approved(database).await;
    println!("{approved} of {} approvals were kept before the clients asked again", applications.len());
    // What was approved before a crash is finished by the server; nobody asks for it.
    becomes(database, "SELECT count(*) FROM platform.tenants WHERE state = 'provisioning'", &[], 0).await;
    assert_eq!(count(database, "SELECT count(*) FROM platform.tenants WHERE state = 'active'", &[]).await, approved);
    for application in &applications {
        let tenant = application.approval(&operator).expect(200).await;
        assert_eq!(tenant.json["state"], "active", "{}", tenant.text);
        application.is_whole_with_trail(&**server, database, stage.folder.path()).await;
    }
    assert_eq!(count(database, "SELECT count(*) FROM platform.tenants", &[]).await, 18);
}

/// Approves all at once; each gives the tenant that was acknowledged, if any was.
fn approve_all(operator: &Operator, applications: &[Application]) -> JoinSet<(Application, Option<String>)> {
    let mut approvals = JoinSet::new();
    for application in applications.iter().cloned() {
        let call = application.approval(operator);
        approvals.spawn(async move {
            let answer = call.try_send().await.filter(|answer| answer.status == 200);
            (application, answer.map(|answer| answer.id()))
        });
    }
    approvals
}

async fn approved(database: &Client) -> i64 {
    count(database, "SELECT count(*) FROM platform.signups WHERE state = 'approved'", &[]).await
}

const ROWS: usize = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_goes_on_where_the_server_died() {
    let stage = Stage::set().await;
    let (server, database) = (&stage.server, &stage.database);
    let (acme, fusion) = stage.builder().await;
    let (admin, project) = (acme.admin.clone(), fusion.clone());
    let import = tokio::spawn(async move { import_to_the_end(&admin, &project, &homes(ROWS), &Seen::default()).await });
    for (from, to) in [(1, 4_000), (6_000, 10_000), (11_000, 15_000)] {
        let row = rand::rng().random_range(from..to);
        let reached = read_rows(database, row).await;
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
        assert_eq!(count(database, sql, &[&id]).await, expected, "{what}");
    }
    assert!(verified_trail(&acme.admin, &acme.id, database).await > rows);
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
    let stage = Stage::set().await;
    let (server, database) = (&stage.server, &stage.database);
    let (acme, fusion) = stage.builder().await;
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
    check_sales(&agent, &fusion, &sales, database).await;
    verified_trail(&acme.admin, &acme.id, database).await;
}
