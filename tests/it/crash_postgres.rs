//! The database dies in the middle of writes and comes back: the server says so meanwhile, recovers by itself, and what it
//! acknowledged is there, once.

use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use keystead_ids::{PresetRole, UnitId};
use keystead_local::postgres::Durability;
use keystead_tests::{
    Options, OwnServices, Person, Seen, ServerProcess, Site, Tenant, check_sales, count, import_to_the_end, sell,
    uuid_of, verified_trail,
};
use tokio::task::JoinSet;

/// Recovery takes at most this long (security.md, T19).
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

/// No request waits longer than this for an answer.
const ANSWERED_WITHIN_MS: u64 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_the_death_of_the_database() {
    let mut own = OwnServices::start(Durability::Full).await;
    let server = Arc::new(own.serve(&Options::default(), &[]).await);
    let acme = Tenant::sign_up(&*server, "acme").await;
    let fusion = acme.project("FUSION").await;
    import_to_the_end(&acme.admin, &fusion, &homes("S", 120), &Seen::default()).await;
    let agent = acme.hire(PresetRole::SalesAgent, &[&fusion]).await;
    let rows = own.database().superuser().await.query("SELECT id FROM app.units", &[]).await.unwrap();
    let units: Vec<String> = rows.iter().map(|row| UnitId(row.get(0)).to_string()).collect();

    let seen = Arc::new(Seen::default());
    let mut clients = JoinSet::new();
    for units in units.chunks(30) {
        clients.spawn(sell_all(agent.clone(), fusion.clone(), units.to_vec(), Arc::clone(&seen)));
    }
    for progress in [30, 110, 190] {
        seen.reaches(&seen.acknowledged, progress).await;
        outage(&mut own, &server, &seen).await;
    }
    let sales = clients.join_all().await.concat();
    println!("{seen:?}");
    let slowest = seen.slowest_ms.load(Ordering::Relaxed);
    assert!(slowest < ANSWERED_WITHIN_MS, "a request waited {slowest} ms");
    assert_eq!(seen.broken.load(Ordering::Relaxed), 0, "the server lived on and answered everybody: {seen:?}");
    let database = own.database().superuser().await;
    check_sales(&agent, &fusion, &sales, &database).await;
    verified_trail(&acme.admin, &acme.id, &database).await;
    server.kill9().await;
    own.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_survives_the_death_of_the_database() {
    const ROWS: usize = 15_000;
    let mut own = OwnServices::start(Durability::Full).await;
    let server = Arc::new(own.serve(&Options::default(), &[]).await);
    let acme = Tenant::sign_up(&*server, "acme").await;
    let fusion = acme.project("FUSION").await;
    let seen = Arc::new(Seen::default());
    let (admin, project, watching) = (acme.admin.clone(), fusion.clone(), Arc::clone(&seen));
    let import = tokio::spawn(async move { import_to_the_end(&admin, &project, &homes("I", ROWS), &watching).await });
    for row in [2_000, 9_000] {
        let database = own.database().superuser().await;
        let deadline = Instant::now() + Duration::from_secs(60);
        while count(&database, "SELECT coalesce(max(rows_read), 0) FROM app.imports", &[]).await < row {
            assert!(Instant::now() < deadline, "the import does not reach row {row}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(!import.is_finished(), "the import was over before the database died");
        outage(&mut own, &server, &seen).await;
    }
    let import = import.await.unwrap();
    assert_eq!((&import["state"], &import["rows_imported"]), (&"finished".into(), &ROWS.into()), "{import}");
    let database = own.database().superuser().await;
    let (rows, id) = (i64::try_from(ROWS).unwrap(), uuid_of(&fusion));
    for sql in [
        "SELECT count(*) FROM app.units WHERE project_id = $1",
        "SELECT count(DISTINCT number) FROM app.units WHERE project_id = $1",
        "SELECT count(*) FROM audit.events WHERE project_id = $1 AND action = 'unit.created'",
    ] {
        assert_eq!(count(&database, sql, &[&id]).await, rows, "{sql}");
    }
    verified_trail(&acme.admin, &acme.id, &database).await;
    server.kill9().await;
    own.stop().await;
}

async fn sell_all(agent: Person, project: String, units: Vec<String>, seen: Arc<Seen>) -> Vec<keystead_tests::Sale> {
    let mut sales = Vec::new();
    for unit in units {
        sales.push(sell(&agent, &project, &unit, &seen).await);
    }
    sales
}

/// Kills the database, waits until somebody was told, and brings it back. The server is not touched.
async fn outage(own: &mut OwnServices, server: &ServerProcess, seen: &Seen) {
    let told = seen.unavailable.load(Ordering::Relaxed);
    own.services.postgres().kill9().await;
    seen.reaches(&seen.unavailable, told + 1).await;
    server.call("GET", "/health/live").expect(200).await;
    let health = server.call("GET", "/health/ready").expect(503).await;
    assert_eq!(health.json["checks"]["database"], "down", "{}", health.text);
    own.services.postgres().restart().await.expect("the database starts again");
    let back = Instant::now();
    server.ready(RECOVERED_WITHIN).await;
    println!("the server was ready {:?} after the database", back.elapsed());
}

/// A spreadsheet of homes.
fn homes(prefix: &str, rows: usize) -> String {
    let mut csv = "number,phase,price\n".to_owned();
    for row in 0..rows {
        writeln!(csv, "{prefix}{row:06},Phase {},499900.00", row % 3).unwrap();
    }
    csv
}
