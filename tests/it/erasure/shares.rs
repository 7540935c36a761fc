//! The tenant's tree of shares: outages, crashes, several writers, and tenants of before.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use keystead_ids::{PresetRole::SalesAgent, TenantId};
use keystead_keys::{KeyError, Keys, Kms, TenantKeys, TreeAt, WrappedKey, Wrapping};
use keystead_proofs::Proof;
use keystead_tests::{
    Options, Person, ServerProcess, Tenant, World, becomes, count,
    fault_proxy::{FaultProxy, Faults},
    fresh_database, uuid_of,
};
use serde_json::json;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::{before, closed, decision, erase_to_the_end};

fn named(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// A server that reaches S3 through a proxy.
async fn behind_a_proxy(options: &Options) -> (ServerProcess, FaultProxy) {
    let store = FaultProxy::to_url(&named("AWS_ENDPOINT_URL_S3"), 6).await;
    let endpoint = format!("http://{}", store.address());
    let variables = [("AWS_ENDPOINT_URL_S3", endpoint.as_str())];
    (ServerProcess::start_with(fresh_database().await, options, &variables).await, store)
}

async fn buyers(agent: &Person, project: &str, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        let buyer = json!({ "project_id": project, "name": name });
        ids.push(agent.post("/v1/contacts", &buyer).expect(201).await.id());
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_store_cached_persons_open_and_others_are_a_503() {
    let (server, store) = behind_a_proxy(&Options { key_seconds: (1, 6), ..Options::default() }).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let project = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let jane = buyers(&agent, &project, &["Jane Doe"]).await.remove(0);
    let path = format!("/v1/contacts/{jane}");
    store.set(Faults { refused: true, ..Faults::default() });
    store.reset();
    // Longer than keys are fresh, the tree that is remembered serves; and not for ever.
    let deadline = Instant::now() + Duration::from_secs(30);
    let refused = loop {
        let answer = agent.get(&path).send().await;
        if answer.status != 200 {
            break answer;
        }
        assert_eq!(answer.json["name"], "J. D.");
        assert!(Instant::now() < deadline, "the tree is used for ever");
    };
    assert_eq!(refused.json["type"], "urn:keystead:problem:shares-unavailable", "{}", refused.text);
    assert!(server.log().contains("using a cached share tree"), "the outage was bridged for a while");
    let reveal = json!({ "fields": ["name"], "purpose": "an outage drill" });
    let ann = json!({ "project_id": project, "name": "Ann Late" });
    for call in [
        agent.get(&path),
        agent.get("/v1/contacts"),
        agent.post(&format!("{path}/reveal"), &reveal),
        agent.post("/v1/contacts", &ann),
    ] {
        let refused = call.refused(503, "shares-unavailable", "").await;
        assert!(refused.headers.contains_key("retry-after") && !refused.text.contains("J. D."), "{}", refused.text);
    }
    agent.get("/v1/projects").expect(200).await;
    store.heal();
    let deadline = Instant::now() + Duration::from_secs(30);
    while agent.get(&path).send().await.status != 200 {
        assert!(Instant::now() < deadline, "the store is back and nobody sees it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_a_crash_interrupts_reaches_backups_after_the_restart() {
    let proof = Proof::of("T22");
    let (server, store) = behind_a_proxy(&Options::default()).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let project = acme.project("FUSION").await;
    let jane = buyers(&acme.hire(SalesAgent, &[&project]).await, &project, &["Jane Doe"]).await.remove(0);
    // Committed, and no way to the tree.
    store.set(Faults { held: true, ..Faults::default() });
    let email = acme.admin.email.clone();
    let erased = acme.admin.post(&format!("/v1/contacts/{jane}/erase"), &decision()).expect(200).await;
    assert!(erased.json["backups_closed_at"].is_null(), "{}", erased.text);
    let database = server.database.superuser().await;
    becomes(&database, "SELECT count(*) FROM platform.share_tasks WHERE attempts > 0", &[], 1).await;
    server.kill9().await;
    let open = "SELECT count(*) FROM app.contacts WHERE erased_at IS NOT NULL AND backups_closed_at IS NULL";
    assert_eq!(count(&database, open, &[]).await, 1, "nothing says that it is done");
    store.heal();
    store.reset();
    server.restart().await;
    let admin = Person::enter(&server, "acme", &email).await;
    closed(&admin, &acme, &jane).await;
    proof.zero("erasures-left-open-by-a-crash", count(&database, open, &[]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasures_by_many_processes_at_once_all_stick() {
    let proof = Proof::of("T22");
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let names = ["A A", "B B", "C C", "D D", "E E", "F F", "G G", "H H", "I I", "J J"];
    let all = buyers(&agent, &project, &names).await;
    let database = world.database.superuser().await;
    let (gone, left) = all.split_at(8);
    let processes = join_all(gone.iter().map(|_| Process::start(&world, &database, &acme.id))).await;
    let punctures = processes
        .iter()
        .zip(gone)
        .map(async |(process, person)| process.keys.puncture(&process.tenant, &process.tree, &[uuid_of(person)]).await);
    for outcome in join_all(punctures).await {
        outcome.expect("a tree that others change is changed all the same");
    }
    let after = Process::start(&world, &database, &acme.id).await;
    let opens = |person: &String| after.opens(&database, uuid_of(person));
    let undone =
        join_all(gone.iter().map(opens)).await.iter().filter(|opened| *opened != &Err(KeyError::Erased)).count();
    proof.zero("concurrent-erasures-undone", undone);
    let opened = join_all(left.iter().map(opens)).await.iter().filter(|opened| opened.is_ok()).count();
    proof.exactly("others-open-after-concurrent-erasures", opened, left.len());
    // One that was started before has the older tree, and the same shares for who is left.
    processes[0].opens(&database, uuid_of(&left[0])).await.expect("shares of others stay what they were");
}

/// A process of its own, as far as keys go.
struct Process {
    keys: Keys,
    tenant: TenantKeys,
    tree: String,
}

impl Process {
    async fn start(world: &World, database: &Client, tenant: &str) -> Self {
        let id = TenantId(uuid_of(tenant));
        let sql = "SELECT kms_key, wrapped, shares FROM app.tenant_keys WHERE tenant_id = $1 AND purpose = 'pii'";
        let row = database.query_one(sql, &[&id.uuid()]).await.unwrap();
        let wrapped = WrappedKey {
            tenant: id,
            purpose: keystead_keys::Purpose::Pii,
            version: 1,
            kms_key: row.get(0),
            wrapped: row.get(1),
        };
        let kms = Kms::connect(Some(&named("AWS_ENDPOINT_URL_KMS")), "us-west-2", "drill").await.unwrap();
        let keys = Keys::new(kms, Arc::new(keystead_api::BucketShares::new(world.app.blobs.clone())));
        let tree: String = row.get(2);
        let tenant = keys.tenant(&[wrapped], Some(TreeAt { name: &tree, made: true }), 1).await.unwrap();
        Self { keys, tenant, tree }
    }

    async fn opens(&self, database: &Client, person: Uuid) -> Result<(), KeyError> {
        let sql = "SELECT key_version, wrapping, wrapped FROM app.subject_keys WHERE id = $1";
        let row = database.query_one(sql, &[&person]).await.unwrap();
        self.tenant.open_subject(person, &subject(&row)).map(drop)
    }
}

fn subject(row: &Row) -> keystead_keys::WrappedSubject {
    keystead_keys::WrappedSubject {
        key_version: row.get::<_, i32>(0).try_into().unwrap(),
        wrapping: Wrapping::of_code(row.get::<_, i16>(1).try_into().unwrap()).unwrap(),
        wrapped: row.get(2),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_that_is_lost_is_not_made_anew() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    buyers(&agent, &project, &["Jane Doe"]).await;
    let database = world.database.superuser().await;
    let sql = "SELECT shares FROM app.tenant_keys WHERE purpose = 'pii'";
    let tree: String = database.query_one(sql, &[]).await.unwrap().get(0);
    let kept = world.app.blobs.read_tagged(&tree, 1 << 20).await.unwrap().expect("the tree is there").content;
    world.app.blobs.delete(&tree).await.unwrap();
    world.app.keys.forget(acme.id.parse().unwrap()).await;
    agent.get("/v1/contacts").refused(503, "keys-denied", "").await;
    let there = world.app.blobs.read_tagged(&tree, 1 << 20).await.unwrap();
    assert!(there.is_none(), "another tree would open nobody, and take those with it who come");
    // Put back, from where it is replicated to.
    assert!(world.app.blobs.write_new(&tree, kept.to_vec()).await.unwrap());
    world.app.keys.forget(acme.id.parse().unwrap()).await;
    assert_eq!(agent.get("/v1/contacts").expect(200).await.items()[0]["name"], "J. D.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_before_open_and_are_wrapped_anew() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let all = buyers(&agent, &project, &["Jane Doe", "John Roe"]).await;
    let database = world.database.superuser().await;
    before::leave(&world, &database, &acme.id, &[(&all[0], "Jane Doe"), (&all[1], "John Roe")]).await;
    // Whoever comes first makes the tree, and reads what it does not wrap yet.
    let (a, b) = tokio::join!(agent.get("/v1/contacts").expect(200), acme.admin.get("/v1/contacts").expect(200));
    for listed in [a, b] {
        let names: Vec<&str> = listed.items().iter().filter_map(|item| item["name"].as_str()).collect();
        assert_eq!(names, ["J. R.", "J. D."], "{}", listed.text);
    }
    let task = "INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at) SELECT gen_random_uuid(), id, now(), now() FROM platform.tenants";
    database.execute(task, &[]).await.unwrap();
    becomes(&database, "SELECT count(*) FROM app.subject_keys WHERE wrapping = 1", &[], 0).await;
    becomes(&database, "SELECT count(*) FROM platform.share_tasks", &[], 0).await;
    world.app.keys.forget(acme.id.parse().unwrap()).await;
    assert_eq!(agent.get(&format!("/v1/contacts/{}", all[0])).expect(200).await.json["name"], "J. D.");
    erase_to_the_end(&acme.admin, &acme, &all[0]).await;
    assert_eq!(agent.get(&format!("/v1/contacts/{}", all[1])).expect(200).await.json["name"], "J. R.");
}
