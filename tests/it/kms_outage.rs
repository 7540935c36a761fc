//! The key service is away, slow or refuses: what needs keys says so, the rest goes on, and nothing is shown without a key.

mod bridge;
mod cold;
mod cost;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use keystead_ids::PresetRole::SalesAgent;
use keystead_kms_double::{FaultMode, Faults, KmsDouble, Running};
use keystead_tests::{Answer, Options, Person, Tenant, World};
use serde_json::{Value, json};
use tempfile::TempDir;

/// An answer about an outage comes within this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

struct Stage {
    kms: Running,
    _folder: TempDir,
    world: World,
}

impl Stage {
    async fn set() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let world = World::with(Options { kms_endpoint: Some(kms.endpoint()), ..options }).await;
        Self { kms, _folder: folder, world }
    }

    fn fails(&self, mode: FaultMode) {
        self.kms.set_faults(Faults { mode, ..Faults::default() });
    }

    /// Calls so far, but for the signatures of the audit log, which come by themselves; the log's key has been asked for.
    async fn calls(&self) -> BTreeMap<&'static str, u64> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let mut calls = self.kms.ledger();
            if calls.remove("Sign").is_some() {
                return calls;
            }
            assert!(Instant::now() < deadline, "nothing is signed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// As after a restart of the server.
    async fn forget_keys(&self, tenant: &Tenant<'_>) {
        self.world.app.keys.forget(tenant.id.parse().unwrap()).await;
    }

    /// What AWS's console does.
    async fn switch_key(&self, tenant: &Tenant<'_>, operation: &str) {
        let database = self.world.database.superuser().await;
        let id = keystead_tests::uuid_of(&tenant.id);
        let row = database.query_one("SELECT kms_key FROM platform.tenants WHERE id = $1", &[&id]).await.unwrap();
        let request = self.world.http.post(self.kms.endpoint()).header("authorization", "anybody");
        let request = request.header("x-amz-target", format!("TrentService.{operation}"));
        let answer = request.body(json!({ "KeyId": row.get::<_, String>(0) }).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

struct Seller {
    agent: Person,
    project: String,
    contact: String,
}

impl Seller {
    async fn of(tenant: &Tenant<'_>) -> Self {
        let project = tenant.project("FUSION").await;
        tenant.unit(&project, "1101").await;
        let agent = tenant.hire(SalesAgent, &[&project]).await;
        let contact = agent.post("/v1/contacts", &person(&project)).expect(201).await.id();
        Self { agent, project, contact }
    }

    /// Everything that needs the tenant's keys is refused with 503 and this kind; nothing of the buyer shows.
    async fn is_refused(&self, kind: &str) {
        let contact = format!("/v1/contacts/{}", self.contact);
        let reveal = json!({ "fields": ["name"], "purpose": "an outage drill" });
        for call in [
            self.agent.post("/v1/contacts", &person(&self.project)),
            self.agent.get("/v1/contacts"),
            self.agent.get("/v1/contacts?name=jane"),
            self.agent.get(&contact),
            self.agent.post(&format!("{contact}/reveal"), &reveal),
        ] {
            let began = Instant::now();
            let answer = call.refused(503, kind, "").await;
            assert!(began.elapsed() < ANSWERED_WITHIN, "{:?}", began.elapsed());
            assert!(!answer.text.contains("Jane") && !answer.text.contains("J. D."), "{}", answer.text);
        }
    }

    async fn works(&self) {
        self.agent.post("/v1/contacts", &person(&self.project)).expect(201).await;
        let list = self.agent.get("/v1/contacts").expect(200).await;
        assert!(list.items().iter().all(|item| item["name"] == "J. D."), "{}", list.text);
        let reveal = json!({ "fields": ["name"], "purpose": "an outage drill" });
        let plain = self.agent.post(&format!("/v1/contacts/{}/reveal", self.contact), &reveal).expect(200).await;
        assert_eq!(plain.json["name"], "Jane Doe");
    }

    /// What has no personal data does not care.
    async fn sees_homes(&self) {
        self.agent.get("/v1/projects").expect(200).await;
        let homes = self.agent.get("/v1/units").expect(200).await;
        assert_eq!(homes.items().len(), 1);
        self.agent.get("/v1/me").expect(200).await;
    }

    /// Waits until the keys are back.
    async fn recovers(&self) -> Answer {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let answer = self.agent.get("/v1/contacts").send().await;
            if answer.status == 200 {
                return answer;
            }
            assert!(answer.status == 503 && Instant::now() < deadline, "{}", answer.text);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn person(project: &str) -> Value {
    json!({ "project_id": project, "name": "Jane Doe", "email": "jane.doe@example.com" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_kms_cached_keys_serve_and_others_answer_503() {
    let stage = Stage::set().await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    let calls = stage.calls().await;
    seller.works().await;
    assert_eq!(stage.calls().await, calls, "warm keys cost no call");

    for mode in [FaultMode::Down, FaultMode::Drop, FaultMode::Throttle] {
        stage.fails(mode);
        seller.works().await;
        let health = stage.world.call("GET", "/health/ready").expect(503).await;
        assert_eq!(health.json["checks"]["kms"], "down", "{}", health.text);
        stage.world.call("GET", "/health/live").expect(200).await;

        stage.forget_keys(&acme).await;
        seller.is_refused("kms-unavailable").await;
        seller.sees_homes().await;

        stage.fails(FaultMode::None);
        seller.recovers().await;
        seller.works().await;
        stage.world.call("GET", "/health/ready").expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_never_answers_holds_nobody_up() {
    let stage = Stage::set().await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    stage.forget_keys(&acme).await;
    stage.kms.set_faults(Faults { mode: FaultMode::Slow, latency_ms: 60_000, ..Faults::default() });
    // All at once, more than there are database connections: none of them is held while KMS is waited for.
    let began = Instant::now();
    let waiting = (0..24).map(|_| async {
        seller.agent.get("/v1/contacts").refused(503, "kms-unavailable", "").await;
        began.elapsed()
    });
    let homes = async {
        seller.sees_homes().await;
        began.elapsed()
    };
    let (refused, homes) = tokio::join!(futures::future::join_all(waiting), homes);
    assert!(refused.iter().all(|after| homes < *after), "homes waited for KMS: {homes:?} {refused:?}");
    assert!(refused.iter().all(|after| *after < ANSWERED_WITHIN), "{refused:?}");
    stage.fails(FaultMode::None);
    seller.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_refuses_shuts_the_tenant_and_only_that_one() {
    let stage = Stage::set().await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    let other = stage.world.tenant("other").await;
    let other_seller = Seller::of(&other).await;

    stage.fails(FaultMode::Deny);
    stage.forget_keys(&acme).await;
    seller.is_refused("keys-denied").await;
    seller.sees_homes().await;
    stage.fails(FaultMode::None);
    seller.recovers().await;

    stage.switch_key(&acme, "DisableKey").await;
    stage.forget_keys(&acme).await;
    stage.forget_keys(&other).await;
    seller.is_refused("keys-denied").await;
    seller.sees_homes().await;
    other_seller.works().await;
    // A refusal is a decision: an outage afterwards does not bring the old keys back.
    stage.fails(FaultMode::Down);
    let after = seller.agent.get("/v1/contacts").expect(503).await;
    assert!(!after.text.contains("J. D."), "{}", after.text);
    stage.fails(FaultMode::None);
    stage.switch_key(&acme, "EnableKey").await;
    seller.recovers().await;
    seller.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_raised_epoch_ends_cached_keys() {
    let stage = Stage::set().await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    stage.fails(FaultMode::Down);
    seller.works().await;

    let database = stage.world.database.superuser().await;
    let raise = "UPDATE platform.tenants SET key_epoch = key_epoch + 1 WHERE id = $1";
    assert_eq!(database.execute(raise, &[&keystead_tests::uuid_of(&acme.id)]).await.unwrap(), 1);
    // A session, which tells the epoch, is read anew every few seconds.
    let deadline = Instant::now() + Duration::from_secs(15);
    while seller.agent.get("/v1/contacts").send().await.status == 200 {
        assert!(Instant::now() < deadline, "the cached keys serve on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    seller.is_refused("kms-unavailable").await;
    seller.sees_homes().await;

    stage.fails(FaultMode::None);
    seller.recovers().await;
    seller.works().await;
}
