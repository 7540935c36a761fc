//! A tenant is made step by step; whatever step fails, the next attempt finishes it, and nothing is made twice.

use std::time::{Duration, Instant};

use keystead_kms_double::{FaultMode, Faults, KmsDouble, Running};
use keystead_tests::{Application, Call, Operator, Options, World, becomes, uuid_of};
use tempfile::TempDir;
use tokio_postgres::Client;
use uuid::Uuid;

/// Time for the test to break what the next call needs.
const LATENCY_MS: u64 = 250;

struct Stage {
    kms: Running,
    folder: TempDir,
    world: World,
    operator: Operator,
    database: Client,
}

impl Stage {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let options = Options { auto_approve: false, kms_endpoint: Some(kms.endpoint()), ..Options::default() };
        let world = World::with(options).await;
        let (operator, database) = (world.operator().await, world.database.superuser().await);
        Self { kms, folder, world, operator, database }
    }

    async fn apply(&self, slug: &str) -> Application {
        Application::verified(&self.world, slug).await
    }

    fn approve(&self, application: &Application) -> Call {
        application.approval(&self.operator)
    }

    fn fails(&self, mode: FaultMode, latency_ms: u64) {
        self.kms.set_faults(Faults { mode, latency_ms, ..Faults::default() });
    }

    /// Lets KMS work until it was called for `operation` once more, and be down for every call after that one.
    async fn down_after(&self, operation: &str) {
        let calls = |ledger: std::collections::BTreeMap<&'static str, u64>| ledger.get(operation).copied().unwrap_or(0);
        let before = calls(self.kms.ledger());
        let deadline = Instant::now() + Duration::from_secs(10);
        while calls(self.kms.ledger()) == before {
            assert!(Instant::now() < deadline, "nobody calls {operation}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.fails(FaultMode::Down, 0);
    }

    /// The tenant stands at `step`: those before are done, this one failed, those after were not begun.
    async fn stands_at(&self, application: &Application, step: &str) -> Uuid {
        let tenant = application.tenant(&self.database).await.expect("the approval itself is kept");
        let sql =
            "SELECT step, finished_at IS NOT NULL, attempts, error, (SELECT state FROM platform.tenants WHERE id = $1)
            FROM platform.provisioning_steps WHERE tenant_id = $1 ORDER BY position";
        let mut reached = false;
        for row in self.database.query(sql, &[&tenant]).await.unwrap() {
            let (name, done, attempts): (String, bool, i32) = (row.get(0), row.get(1), row.get(2));
            let error: Option<String> = row.get(3);
            assert_eq!(row.get::<_, String>(4), "provisioning");
            if name == step {
                reached = true;
                assert!(!done && attempts > 0 && error.is_some(), "{name}: {done} {attempts} {error:?}");
            } else {
                assert_eq!((done, attempts > 0), (!reached, !reached), "{name}, before or after {step}");
            }
        }
        assert!(reached);
        tenant
    }

    async fn is_whole(&self, application: &Application) {
        application.is_whole(&self.world, &self.database, self.folder.path()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_fails_at_any_call_delays_a_tenant_and_no_more() {
    let stage = Stage::set().await;
    for (slug, last_good_call, step) in [
        ("kms-away", None, "kms_key"),
        ("no-key-made", Some("DescribeKey"), "kms_key"),
        ("no-alias-made", Some("CreateKey"), "kms_key"),
        ("no-data-keys", Some("CreateAlias"), "data_keys"),
    ] {
        let application = stage.apply(slug).await;
        let approval = stage.approve(&application).refused(503, "kms-unavailable", "");
        match last_good_call {
            None => {
                stage.fails(FaultMode::Down, 0);
                approval.await;
            }
            Some(call) => {
                stage.fails(FaultMode::None, LATENCY_MS);
                tokio::join!(approval, stage.down_after(call));
            }
        }
        let tenant = stage.stands_at(&application, step).await;
        stage.approve(&application).refused(503, "kms-unavailable", "").await;
        stage.fails(FaultMode::None, 0);
        let made = stage.approve(&application).expect(200).await;
        assert_eq!((uuid_of(&made.id()), &made.json["state"]), (tenant, &"active".into()), "{}", made.text);
        let again = stage.approve(&application).expect(200).await;
        assert_eq!(again.id(), made.id());
        stage.is_whole(&application).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_fails_at_a_step_delays_a_tenant_and_no_more() {
    let mut stage = Stage::set().await;
    for (slug, table, step) in [
        ("keys-locked", "app.tenant_keys", "data_keys"),
        ("roles-locked", "app.roles", "workspace"),
        ("members-locked", "app.members", "workspace"),
        ("outbox-locked", "platform.outbox", "activate"),
    ] {
        let application = stage.apply(slug).await;
        // Looking up a session reads members and roles, too: this one is remembered before they are locked.
        stage.operator = stage.world.operator().await;
        stage.operator.get("/v1/platform/signups").expect(200).await;
        // The mail that was sent for the application leaves the outbox first: its job would wait for the lock as well.
        let mut other = stage.world.database.superuser().await;
        let lock = other.transaction().await.unwrap();
        lock.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.unwrap();
        stage.approve(&application).refused(503, "busy", "").await;
        // A transaction that the lock holds up must not be mistaken for one that is done.
        let tenant = stage.stands_at(&application, step).await;
        lock.rollback().await.unwrap();
        let made = stage.approve(&application).expect(200).await;
        assert_eq!((uuid_of(&made.id()), &made.json["state"]), (tenant, &"active".into()), "{}", made.text);
        stage.is_whole(&application).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_becomes_active_by_itself_once_kms_is_back() {
    let stage = Stage::set().await;
    let application = stage.apply("patient").await;
    stage.fails(FaultMode::Deny, 0);
    stage.approve(&application).refused(503, "keys-denied", "").await;
    let tenant = stage.stands_at(&application, "kms_key").await;
    stage.fails(FaultMode::None, 0);
    let sql = "SELECT count(*) FROM platform.tenants WHERE id = $1 AND state = 'active'";
    becomes(&stage.database, sql, &[&tenant], 1).await;
    stage.is_whole(&application).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approving_at_the_same_time_makes_one_tenant() {
    let stage = Stage::set().await;
    let application = stage.apply("eager").await;
    stage.fails(FaultMode::None, 20);
    let approvals = (0..6).map(|_| stage.approve(&application).expect(200));
    let made = futures::future::join_all(approvals).await;
    let tenant = application.tenant(&stage.database).await.unwrap();
    assert!(made.iter().all(|answer| uuid_of(&answer.id()) == tenant && answer.json["state"] == "active"), "{made:?}");
    stage.is_whole(&application).await;
}
