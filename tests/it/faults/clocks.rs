//! Clocks jump: the server's, or the one of its machine against the database's.

use std::{fs, path::PathBuf, time::Duration};

use chrono::TimeDelta;
use keystead_proofs::Proof;
use keystead_tests::{
    Options, Person, ServerProcess, Site, Tenant, World, fresh_database,
    history::{Load, Loaded},
};
use serde_json::json;

use super::RECOVERED_WITHIN;
use crate::time::Time;

/// Ids and order do not depend on the clock, sessions end by it, and the trail stays whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ends_sessions_and_harms_no_row() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let email = acme.admin.email.clone();
    let mut admin = acme.admin.clone();
    for (round, hours) in [1, -2, 24, -30, 9_000, -9_000].into_iter().enumerate() {
        time.pass(TimeDelta::hours(hours));
        // A token from what is now the future or the past is worth nothing; the password is.
        let with_old = admin.get("/v1/projects").send().await.status;
        assert!(matches!(with_old, 200 | 401), "{with_old}");
        admin = Person::enter(&world, "acme", &email).await;
        let body = json!({ "project_id": fusion, "name": format!("Phase {round}") });
        let key = format!("k{round}");
        let first = admin.post("/v1/phases", &body).header("idempotency-key", &key).expect(201).await;
        let again = admin.post("/v1/phases", &body).header("idempotency-key", &key).expect(201).await;
        assert_eq!(first.json, again.json);
        let phases = format!("/v1/phases?project_id={fusion}");
        assert_eq!(admin.get(&phases).expect(200).await.items().len(), round + 1);
    }
    let database = world.database.superuser().await;
    let events = "SELECT count(*) FROM audit.events WHERE action = 'phase.created'";
    assert_eq!(keystead_tests::count(&database, events, &[]).await, 6);
}

/// Where Debian, Fedora and an environment variable have libfaketime.
fn faketime() -> Option<PathBuf> {
    let given = std::env::var_os("KEYSTEAD_FAKETIME").map(PathBuf::from);
    let usual = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];
    let usual = usual.map(|folder| PathBuf::from(folder).join("faketime/libfaketimeMT.so.1"));
    given.into_iter().chain(usual).find(|path| path.exists())
}

/// The server's machine and the database's disagree: contexts are good for seconds, so the server can do nothing, says that
/// it is not ready and answers 503. It does not say that rows are gone or forbidden.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_machine_with_a_wrong_clock_says_so_and_recovers() {
    let proof = Proof::of("T19");
    let Some(library) = faketime() else {
        proof.skipped("clock", "libfaketime is not installed (Debian: libfaketime, or KEYSTEAD_FAKETIME)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let offset = folder.path().join("offset");
    fs::write(&offset, "+0\n").unwrap();
    let (library, file) = (library.display().to_string(), offset.display().to_string());
    let variables = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", file.as_str()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let server = ServerProcess::start_with(fresh_database().await, &Options::default(), &variables).await;
    let acme = Loaded::of(&Tenant::sign_up(&server, "acme").await).await;
    let load = Load::of(std::slice::from_ref(&acme), 2);
    load.acknowledges(4).await;
    let mut slowest = Duration::ZERO;
    // Less than the life of a token, so that the session is not what ends.
    for jump in ["+300\n", "-300\n"] {
        let told = load.history.answers(503);
        fs::write(&offset, jump).unwrap();
        let health = server.call("GET", "/health/ready").expect(503).await;
        assert_eq!(health.json["checks"]["clock"], "down", "{}", health.text);
        let deadline = std::time::Instant::now() + RECOVERED_WITHIN;
        while load.history.answers(503) == told {
            assert!(std::time::Instant::now() < deadline, "{:?}", load.history);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        fs::write(&offset, "+0\n").unwrap();
        slowest = slowest.max(load.recovers(RECOVERED_WITHIN).await);
    }
    server.call("GET", "/health/ready").expect(200).await;
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    history.verify(&proof, "clock", &server.database.superuser().await, &server.log()).await;
    proof.at_most("clock-recovery-seconds", slowest.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
}
