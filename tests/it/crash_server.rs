//! The server dies without a word, again and again: nothing that it acknowledged is lost, nothing happens twice, and what it
//! had begun it finishes by itself.

use std::{
    collections::HashSet,
    fmt::Write as _,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use keystead_ids::{PresetRole, TenantId, UnitId};
use keystead_kms_double::{KmsDouble, Running};
use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Application, Operator, Options, Person, Sale, Seen, ServerProcess, Tenant, becomes, check_sales, count,
    fresh_database, import_to_the_end, sell, uuid_of, verified_trail,
};
use rand::{Rng, rngs::StdRng};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_postgres::Client;
use uuid::Uuid;

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

async fn pause(rng: &mut StdRng, longest_ms: u64) {
    let pause = Duration::from_millis(rng.random_range(0..longest_ms));
    println!("the server is killed after {pause:?}");
    tokio::time::sleep(pause).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tenants_that_were_approved_become_active_whenever_the_server_dies() {
    let proof = Proof::of("T19");
    let mut rng = proof.rng();
    let stage = Stage::set().await;
    let (server, database) = (&stage.server, &stage.database);
    let operator = Person::log_in(&**server).await;
    let (mut applications, mut acknowledged, mut lost) = (Vec::new(), 0, 0);
    let rounds = scale(6, 20);
    for round in 0..rounds {
        for place in 0..3 {
            applications.push(Application::verified(&**server, &format!("builder-{round}-{place}")).await);
        }
        let begun: Vec<_> = applications.iter().rev().take(3).cloned().collect();
        let approvals = approve_all(&operator, &begun);
        pause(&mut rng, if round % 2 == 0 { 60 } else { 400 }).await;
        server.kill9().await;
        for (application, tenant) in approvals.join_all().await {
            if let Some(tenant) = tenant {
                let kept = application.tenant(database).await.map(|id| TenantId(id).to_string());
                acknowledged += 1;
                lost += usize::from(kept != Some(tenant));
            }
        }
        server.restart().await;
    }
    proof.note("approvals-kills", rounds);
    proof.note("approvals-acknowledged", acknowledged);
    proof.zero("approvals-acknowledged-but-lost", lost);
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
    let tenants = count(database, "SELECT count(*) FROM platform.tenants", &[]).await;
    proof.zero("approvals-doubled", tenants - i64::try_from(applications.len()).unwrap());
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
    let proof = Proof::of("T19");
    let mut rng = proof.rng();
    let stage = Stage::set().await;
    let (acme, fusion) = stage.builder().await;
    let mut projects = vec![fusion];
    for number in 1..scale(1, 4) {
        projects.push(acme.project(&format!("P{number}")).await);
    }
    let (mut kills, mut lost, mut doubled) = (0, 0, 0);
    for project in &projects {
        kills += import_through_crashes(&stage, &acme, project, &mut rng).await;
        let id = uuid_of(project);
        let counted = async |what: &str| {
            count(&stage.database, &format!("SELECT count({what}) FROM app.units WHERE project_id = $1"), &[&id]).await
        };
        let (homes, numbers) = (counted("*").await, counted("DISTINCT number").await);
        lost += whole(ROWS) - numbers;
        doubled += homes - numbers;
        for (what, expected, sql) in [
            ("phases", 7, "SELECT count(*) FROM app.phases WHERE project_id = $1"),
            ("errors", 0, "SELECT count(*) FROM app.import_errors WHERE project_id = $1"),
            (
                "events",
                whole(ROWS),
                "SELECT count(*) FROM audit.events WHERE project_id = $1 AND action = 'unit.created'",
            ),
        ] {
            assert_eq!(count(&stage.database, sql, &[&id]).await, expected, "{what}");
        }
    }
    proof.note("import-kills", kills);
    proof.note("import-acknowledged-rows", projects.len() * ROWS);
    proof.zero("import-acknowledged-but-lost", lost);
    proof.zero("import-doubled", doubled);
    assert!(verified_trail(&acme.admin, &acme.id, &stage.database).await > whole(projects.len() * ROWS));
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// Imports homes into a project while the server dies; what the import says at its end is what was asked for. Tells how
/// often the server died.
async fn import_through_crashes(
    stage: &Stage,
    acme: &Tenant<'_, ServerProcess>,
    project: &str,
    rng: &mut StdRng,
) -> usize {
    let (admin, into) = (acme.admin.clone(), project.to_owned());
    let import = tokio::spawn(async move { import_to_the_end(&admin, &into, &homes(ROWS), &Seen::default()).await });
    let windows = [(1, 4_000), (6_000, 10_000), (11_000, 15_000)];
    for (from, to) in windows {
        let row = rng.random_range(from..to);
        let reached = read_rows(&stage.database, project, row).await;
        pause(rng, 60).await;
        stage.server.kill9().await;
        println!("the server was killed after row {reached}");
        assert!(!import.is_finished(), "the import was over before the server died");
        stage.server.restart().await;
    }
    let import = import.await.unwrap();
    assert_eq!(import["state"], "finished", "{import}");
    for figure in ["rows_read", "rows_imported"] {
        assert_eq!(import[figure], ROWS, "{import}");
    }
    assert_eq!(import["rows_refused"], 0, "{import}");
    windows.len()
}

/// Waits until the project's import has read at least `rows`; tells how many it has.
async fn read_rows(database: &Client, project: &str, rows: i64) -> i64 {
    let (id, deadline) = (uuid_of(project), Instant::now() + Duration::from_secs(60));
    let sql = "SELECT coalesce(max(rows_read), 0) FROM app.imports WHERE project_id = $1";
    loop {
        let read = count(database, sql, &[&id]).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sale_happens_once_whenever_the_server_dies() {
    let proof = Proof::of("T19");
    let mut rng = proof.rng();
    // Homes that each client sells, with two writes, and how often the server dies meanwhile.
    let (each, kills) = scale((30, 4), (150, 22));
    let stage = Stage::set().await;
    let (server, database) = (&stage.server, &stage.database);
    let (acme, fusion) = stage.builder().await;
    import_to_the_end(&acme.admin, &fusion, &homes(CLIENTS * each), &Seen::default()).await;
    let agent = acme.hire(PresetRole::SalesAgent, &[&fusion]).await;
    let rows = database.query("SELECT id FROM app.units", &[]).await.unwrap();
    let units: Vec<String> = rows.iter().map(|row| UnitId(row.get(0)).to_string()).collect();

    let seen = Arc::new(Seen::default());
    let mut clients = JoinSet::new();
    for units in units.chunks(each) {
        let (agent, project, units, seen) = (agent.clone(), fusion.clone(), units.to_vec(), Arc::clone(&seen));
        clients.spawn(async move {
            let mut sales = Vec::new();
            for unit in units {
                sales.push(sell(&agent, &project, &unit, &seen).await);
            }
            sales
        });
    }
    for kill in 0..kills {
        seen.reaches(&seen.acknowledged, 20 + 50 * kill).await;
        pause(&mut rng, 80).await;
        server.kill9().await;
        let broken = seen.broken.load(Ordering::Relaxed);
        // Somebody was in the middle of a request, or asks in vain now.
        seen.reaches(&seen.broken, broken.max(1)).await;
        server.restart().await;
    }
    let sales = clients.join_all().await.concat();
    assert_eq!(sales.len(), CLIENTS * each);
    println!("{seen:?}");
    let (lost, doubled) = lost_and_doubled(database, &fusion, &sales).await;
    proof.note("sales-kills", kills);
    proof.note("sales-acknowledged-writes", seen.acknowledged.load(Ordering::Relaxed));
    proof.zero("sales-acknowledged-but-lost", lost);
    proof.zero("sales-doubled", doubled);
    check_sales(&agent, &fusion, &sales, database).await;
    verified_trail(&acme.admin, &acme.id, database).await;
}

/// Sales that were acknowledged and are not there, and contacts and contracts that are there beside those of the sales.
async fn lost_and_doubled(database: &Client, project: &str, sales: &[Sale]) -> (usize, usize) {
    let id = uuid_of(project);
    let contracts = "SELECT c.id, p.contact_id FROM app.contracts c
        JOIN app.contract_parties p ON p.tenant_id = c.tenant_id AND p.contract_id = c.id WHERE c.project_id = $1";
    let there = database.query(contracts, &[&id]).await.unwrap();
    let there: HashSet<[Uuid; 2]> = there.iter().map(|row| [row.get(0), row.get(1)]).collect();
    let told = sales.iter().map(|sale| [&sale.contract, &sale.contact].map(|id| uuid_of(id)));
    let told: HashSet<[Uuid; 2]> = told.collect();
    let contacts = database.query("SELECT id FROM app.contacts WHERE project_id = $1", &[&id]).await.unwrap();
    let buyers: HashSet<Uuid> = told.iter().map(|[_, contact]| *contact).collect();
    let strays = contacts.iter().filter(|row| !buyers.contains(&row.get::<_, Uuid>(0))).count();
    (told.difference(&there).count(), there.difference(&told).count() + strays)
}
