//! KMS, the object store and the mail server are away, slow or not to be found, while clients work.

use std::time::{Duration, Instant};

use keystead_ids::PresetRole::SalesAgent;
use keystead_kms_double::{FaultMode, Faults as KmsFaults, KmsDouble};
use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Options, Person, ServerProcess, Site, Tenant, World,
    fault_proxy::{FaultProxy, Faults},
    fresh_database,
    history::{Load, Loaded},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::{ANSWERED_WITHIN_MS, RECOVERED_WITHIN, tenants};

fn named(name: &str) -> String {
    std::env::var(name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_kms_a_restarted_server_serves_what_needs_no_key() {
    let proof = Proof::of("T19");
    let folder = tempfile::tempdir().unwrap();
    let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let options = Options { kms_endpoint: Some(kms.endpoint()), ..Options::default() };
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 2);
    load.acknowledges(6).await;
    let mut slowest = Duration::ZERO;
    let modes = [
        KmsFaults { mode: FaultMode::Throttle, ..KmsFaults::default() },
        KmsFaults { mode: FaultMode::Down, ..KmsFaults::default() },
        KmsFaults { mode: FaultMode::Slow, latency_ms: 5_000, ..KmsFaults::default() },
        KmsFaults { mode: FaultMode::Drop, ..KmsFaults::default() },
        KmsFaults { mode: FaultMode::Deny, ..KmsFaults::default() },
    ];
    // The fast tier shows one kind; the restart makes the cache of keys cold.
    for fault in modes.into_iter().take(scale(1, 5)) {
        kms.set_faults(fault);
        server.restart_alone().await;
        let told = load.history.answers(503);
        let person = &tenants[0].person;
        person.get("/v1/projects").expect(200).await;
        let deadline = Instant::now() + RECOVERED_WITHIN;
        while load.history.answers(503) == told {
            assert!(Instant::now() < deadline, "{fault:?} held nobody up: {:?}", load.history);
            sleep(Duration::from_millis(10)).await;
        }
        sleep(scale(Duration::ZERO, Duration::from_secs(15))).await;
        person.get("/v1/projects").expect(200).await;
        kms.set_faults(KmsFaults::default());
        slowest = slowest.max(load.recovers(RECOVERED_WITHIN).await);
    }
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    history.verify(&proof, "kms", &server.database.superuser().await, &server.log()).await;
    proof.at_most("kms-recovery-seconds", slowest.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
}

/// Declares a file and puts its bytes into the store, as a client does.
async fn uploaded(admin: &Person, project: &str, name: &str) -> String {
    let content = b"%PDF-1.7\n%%EOF\n";
    let plan = json!({ "project_id": project, "code": name, "name": name });
    let plan = admin.post("/v1/plans", &plan).expect(201).await.id();
    let declared = json!({ "project_id": project, "plan_id": plan, "kind": "floorplan", "name": name, "content_type": "application/pdf",
        "length": content.len(), "sha256": hex::encode(Sha256::digest(content)) });
    let made = admin.post("/v1/files", &declared).expect(201).await.json;
    let upload = &made["upload"];
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http.put(upload["url"].as_str().unwrap()).body(content.to_vec());
    for (header, value) in upload["headers"].as_object().unwrap() {
        request = request.header(header, value.as_str().unwrap());
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
    made["file"]["id"].as_str().or(made["id"].as_str()).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_the_object_store_only_files_wait() {
    let proof = Proof::of("T19");
    let store = FaultProxy::to_url(&named("AWS_ENDPOINT_URL_S3"), proof.seed()).await;
    let endpoint = format!("http://{}", store.address());
    let variables = [("AWS_ENDPOINT_URL_S3", endpoint.as_str())];
    let server = ServerProcess::start_with(fresh_database().await, &Options::default(), &variables).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let loaded = Loaded::of(&acme).await;
    let admin = acme.admin.clone();
    let files = [uploaded(&admin, &loaded.project, "a.pdf").await, uploaded(&admin, &loaded.project, "b.pdf").await];
    let load = Load::of(&[loaded], 2);
    let away = Faults { refused: true, ..Faults::default() };
    let silent = Faults { held: true, ..Faults::default() };
    for (fault, file) in [away, silent].into_iter().zip(&files).take(scale(1, 2)) {
        store.set(fault);
        if fault.refused {
            store.reset();
        }
        let began = Instant::now();
        let confirm = format!("/v1/files/{file}/confirm");
        let refused = admin.call("POST", &confirm).refused(503, "files-unavailable", "").await;
        assert!(refused.headers.contains_key("retry-after"));
        let health = server.call("GET", "/health/ready").expect(503).await;
        assert_eq!(health.json["checks"]["files"], "down", "{}", health.text);
        assert!(began.elapsed() < Duration::from_millis(2 * ANSWERED_WITHIN_MS), "{:?}", began.elapsed());
        // Whoever needs no file does not notice.
        load.acknowledges(4).await;
        store.heal();
        store.reset();
        server.ready(RECOVERED_WITHIN).await;
        admin.call("POST", &confirm).expect(200).await;
    }
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    proof
        .zero("files-others-refused", history.answers(503) + history.broken.load(std::sync::atomic::Ordering::Relaxed));
    history.verify(&proof, "files", &server.database.superuser().await, &server.log()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_waits_for_its_server() {
    let smtp = FaultProxy::to_url(&named("KEYSTEAD_SMTP_URL"), 1).await;
    let url = smtp.instead_in(&named("KEYSTEAD_SMTP_URL"));
    let variables = [("KEYSTEAD_SMTP_URL", url.as_str())];
    let server = ServerProcess::start_with(fresh_database().await, &Options::default(), &variables).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    smtp.set(Faults { held: true, ..Faults::default() });
    let email = "invited@acme.test";
    let role = acme.role(SalesAgent).await;
    let body = json!({ "email": email, "role_id": role, "all_projects": true, "project_ids": [] });
    acme.admin.post("/v1/invitations", &body).expect(201).await;
    sleep(scale(Duration::from_secs(1), Duration::from_secs(40))).await;
    server.call("GET", "/health/live").expect(200).await;
    smtp.heal();
    let token = acme.world.token_mailed_to(email, "ksi_");
    // In the deep tier the first attempt has failed, and the next is due after half a minute or a minute.
    tokio::time::timeout(Duration::from_secs(20), token).await.expect("the invitation arrives");
    assert!(!server.log().contains(email), "a log tells who is invited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_do_not_resolve_are_said_in_time() {
    let options = Options { kms_endpoint: Some("http://kms.keystead.invalid:9".into()), ..Options::default() };
    let world = World::with(options).await;
    let began = Instant::now();
    let health = world.call("GET", "/health/ready").expect(503).await;
    assert_eq!(health.json["checks"]["kms"], "down", "{}", health.text);
    assert_eq!(health.json["checks"]["database"], "up", "{}", health.text);
    assert!(began.elapsed() < Duration::from_millis(ANSWERED_WITHIN_MS), "{:?}", began.elapsed());
    world.call("GET", "/health/live").expect(200).await;
}
