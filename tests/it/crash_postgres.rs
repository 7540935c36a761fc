//! The database dies in the middle of writes and comes back: the server says so meanwhile, recovers by itself, and what it
//! acknowledged is there, once.

use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use keystead_ids::{PresetRole, UnitId};
use keystead_kms_double::{FaultMode, Faults};
use keystead_local::postgres::Durability;
use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Answer, Application, Operator, Options, OwnServices, Person, Seen, ServerProcess, Site, Tenant, becomes,
    check_sales, count, import_to_the_end, sell, uuid_of, verified_trail,
};
use tokio::task::JoinSet;

/// Recovery takes at most this long (security.md, T19).
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

/// No request waits longer than this for an answer.
const ANSWERED_WITHIN_MS: u64 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_the_death_of_the_database() {
    let proof = Proof::of("T19");
    let mut own = OwnServices::start(Durability::Full).await;
    let server = Arc::new(own.serve(&Options::default(), &[]).await);
    let acme = Tenant::sign_up(&*server, "acme").await;
    let fusion = acme.project("FUSION").await;
    import_to_the_end(&acme.admin, &fusion, &homes("S", 120), &Seen::default()).await;
    let agent = acme.hire(PresetRole::SalesAgent, &[&fusion]).await;
    let rows = own.database().superuser().await.query("SELECT id FROM app.units", &[]).await.unwrap();
    let units: Vec<String> = rows.iter().map(|row| UnitId(row.get(0)).to_string()).collect();

    let (seen, mut slowest_back) = (Arc::new(Seen::default()), Duration::ZERO);
    let mut clients = JoinSet::new();
    for units in units.chunks(30) {
        clients.spawn(sell_all(agent.clone(), fusion.clone(), units.to_vec(), Arc::clone(&seen)));
    }
    for progress in [30, 110, 190] {
        seen.reaches(&seen.acknowledged, progress).await;
        slowest_back = slowest_back.max(outage(&mut own, &server, &seen).await);
    }
    let sales = clients.join_all().await.concat();
    println!("{seen:?}");
    proof.exactly("sales-beside-database-deaths", sales.len(), 120);
    proof.at_most("database-deaths-slowest-answer-ms", seen.slowest_ms.load(Ordering::Relaxed), ANSWERED_WITHIN_MS);
    proof.at_most("database-deaths-recovery-seconds", slowest_back.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
    // The server lived on.
    proof.zero("database-deaths-requests-unanswered", seen.broken.load(Ordering::Relaxed));
    let database = own.database().superuser().await;
    check_sales(&agent, &fusion, &sales, &database).await;
    verified_trail(&acme.admin, &acme.id, &database).await;
    server.kill9().await;
    own.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_survives_the_death_of_the_database() {
    const ROWS: usize = 15_000;
    let proof = Proof::of("T19");
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
    proof.exactly("rows-imported-beside-database-deaths", import["rows_imported"].as_u64().unwrap(), ROWS);
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

/// Where provisioning stands when the database dies: at which of its steps, and what the test sees then.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// KMS is in the middle of this call.
    Calling(&'static str),
    /// An insertion waits for this table, with the transaction's earlier statements done.
    Writing(&'static str),
    /// The approval was acknowledged this very moment.
    Acknowledged,
}

/// Every step's every system, and the moment after the last. The deep tier goes through all of them several times.
const MOMENTS: [(&str, Moment); 8] = [
    ("kms_key", Moment::Calling("DescribeKey")),
    ("kms_key", Moment::Calling("CreateAlias")),
    ("data_keys", Moment::Writing("app.tenant_keys")),
    ("workspace", Moment::Writing("app.members")),
    ("activate", Moment::Writing("platform.outbox")),
    ("kms_key", Moment::Calling("CreateKey")),
    ("data_keys", Moment::Calling("GenerateDataKeyWithoutPlaintext")),
    ("done", Moment::Acknowledged),
];

/// Long enough to see that KMS is being called; short of what a request waits for it.
const KMS_TAKES_MS: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn provisioning_survives_the_death_of_the_database() {
    let proof = Proof::of("T19");
    let mut own = OwnServices::start(Durability::Full).await;
    let server = own.serve(&Options { auto_approve: false, ..Options::default() }, &[]).await;
    // The fast tier has one death in every step.
    let moments: Vec<_> = (0..scale(1, 4)).flat_map(|_| MOMENTS).take(scale(5, usize::MAX)).collect();
    let mut applications = Vec::new();
    for place in 0..=moments.len() {
        applications.push(Application::verified(&server, &format!("builder-{place}")).await);
    }
    let mut acknowledged = Vec::new();
    for ((step, moment), application) in moments.iter().zip(&applications) {
        println!("the database dies at {step}, {moment:?}");
        let operator = Person::log_in(&server).await;
        let answer = die_at(&mut own, &operator, application, step, *moment).await;
        acknowledged.extend(answer.is_some().then_some(application));
        assert_eq!(answer.is_some(), matches!(moment, Moment::Acknowledged), "{step}, {moment:?}");
        own.services.postgres().restart().await.expect("the database starts again");
        server.ready(RECOVERED_WITHIN).await;
    }
    let database = own.database().superuser().await;
    for application in acknowledged {
        assert!(
            application.tenant(&database).await.is_some(),
            "an acknowledged approval of {} is lost",
            application.slug
        );
    }
    // Nobody asks again: what was begun is finished by the server that lived on.
    becomes(&database, "SELECT count(*) FROM platform.tenants WHERE state = 'provisioning'", &[], 0).await;
    let operator = Person::log_in(&server).await;
    let kms = own.folder("kms");
    for application in &applications {
        let tenant = application.approval(&operator).expect(200).await;
        assert_eq!(tenant.json["state"], "active", "{}", tenant.text);
        application.is_whole_with_trail(&server, &database, &kms).await;
    }
    let tenants = count(&database, "SELECT count(*) FROM platform.tenants", &[]).await;
    proof.exactly("database-deaths-in-provisioning", moments.len(), scale(5, 32));
    proof.exactly("tenants-whole-afterwards", tenants, applications.len());
    server.kill9().await;
    own.stop().await;
}

/// Approves, and kills the database when provisioning of this very tenant stands at the moment. Gives the answer, if it was
/// an acknowledgement.
async fn die_at(
    own: &mut OwnServices,
    operator: &Operator,
    application: &Application,
    step: &str,
    moment: Moment,
) -> Option<Answer> {
    let database = own.database().superuser().await;
    let mut other = own.database().superuser().await;
    let lock = other.transaction().await.unwrap();
    match moment {
        Moment::Calling(_) => {
            let slow = Faults { mode: FaultMode::Slow, latency_ms: KMS_TAKES_MS, ..Faults::default() };
            own.services.kms().set_faults(slow);
        }
        Moment::Writing(table) => {
            // The session is remembered for seconds: looking it up must not wait for the lock.
            operator.get("/v1/platform/signups").expect(200).await;
            lock.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.unwrap();
        }
        Moment::Acknowledged => {}
    }
    let calls = calls(own, moment);
    let approval = tokio::spawn(application.approval(operator).try_send());
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let reached = match moment {
            Moment::Acknowledged => approval.is_finished(),
            Moment::Calling(_) => self::calls(own, moment) > calls,
            Moment::Writing(table) => {
                let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                    AND replace(query, '\"', '') LIKE 'INSERT INTO ' || $1::text || ' %'";
                count(&database, sql, &[&table]).await > 0
            }
        };
        let next = application.next_step(&database).await;
        if reached && next.as_deref().unwrap_or("done") == step && application.tenant(&database).await.is_some() {
            break;
        }
        assert!(Instant::now() < deadline, "provisioning does not come to {step}, {moment:?}: {next:?} {reached}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    own.services.postgres().kill9().await;
    own.services.kms().set_faults(Faults::default());
    approval.await.unwrap().filter(|answer| answer.status == 200)
}

/// Calls that KMS has had of the operation that the moment names.
fn calls(own: &OwnServices, moment: Moment) -> u64 {
    let Moment::Calling(operation) = moment else { return 0 };
    own.services.kms().ledger().get(operation).copied().unwrap_or(0)
}

/// Kills the database, waits until somebody was told, and brings it back. The server is not touched. Tells how long it took the server
/// to be ready again.
async fn outage(own: &mut OwnServices, server: &ServerProcess, seen: &Seen) -> Duration {
    let told = seen.unavailable.load(Ordering::Relaxed);
    own.services.postgres().kill9().await;
    seen.reaches(&seen.unavailable, told + 1).await;
    server.alive(Duration::from_millis(ANSWERED_WITHIN_MS)).await;
    let health = server.call("GET", "/health/ready").expect(503).await;
    assert_eq!(health.json["checks"]["database"], "down", "{}", health.text);
    own.services.postgres().restart().await.expect("the database starts again");
    let back = Instant::now();
    server.ready(RECOVERED_WITHIN).await;
    back.elapsed()
}

/// A spreadsheet of homes.
fn homes(prefix: &str, rows: usize) -> String {
    let mut csv = "number,phase,price\n".to_owned();
    for row in 0..rows {
        writeln!(csv, "{prefix}{row:06},Phase {},499900.00", row % 3).unwrap();
    }
    csv
}
