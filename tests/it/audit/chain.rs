//! T20: the chain through a crash, and an export of a million events.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    time::Instant,
};

use keystead_audit::{EventLine, Manifest, chain_step};
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{Options, ServerProcess, Tenant, World, count, fresh_database, uuid_of, verified_trail};
use rand::Rng as _;
use serde_json::Value;

use super::{chained, log::Log, sale};

/// The server dies when events are committed and have no place in the chain yet; the next one gives them theirs.
#[tokio::test]
async fn events_that_a_crash_left_unchained_are_chained_once() {
    let proof = Proof::of("T20");
    let mut random = proof.rng();
    let server = ServerProcess::start(fresh_database().await, &Options::default()).await;
    let database = server.database.superuser().await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let tenant = uuid_of(&acme.id);
    let mut left_behind = 0;
    for round in 0..scale(2, 40) {
        // Whoever holds the head keeps the sequencer away from this tenant, and from no other.
        let mut sequencer = server.database.superuser().await;
        let held = sequencer.transaction().await.unwrap();
        held.execute("SELECT FROM audit.heads WHERE tenant_id = $1 FOR UPDATE", &[&tenant]).await.unwrap();
        for place in 0..random.random_range(1..4) {
            acme.project(&format!("P{round}-{place}")).await;
        }
        left_behind +=
            count(&database, "SELECT count(*) FROM audit.events WHERE tenant_id = $1 AND n IS NULL", &[&tenant]).await;
        server.kill9().await;
        held.rollback().await.unwrap();
        server.restart().await;
        verified_trail(&acme.admin, &acme.id, &database).await;
    }
    proof.at_least("events-between-commit-and-chain", left_behind, 2);
    let acknowledged = count(&database, "SELECT count(*) FROM app.projects WHERE tenant_id = $1", &[&tenant]).await;
    let on_record =
        "SELECT count(DISTINCT object_id) FROM audit.events WHERE tenant_id = $1 AND action = 'project.created'";
    proof.zero("changes-lost-to-the-trail", acknowledged - count(&database, on_record, &[&tenant]).await);
    let gaps = "SELECT max(n) - count(*) FROM audit.events WHERE tenant_id = $1";
    proof.zero("gaps-after-crashes", count(&database, gaps, &[&tenant]).await);
}

/// The database dies while it gives events their places: all of a batch have theirs, or none.
#[tokio::test]
async fn half_a_batch_is_never_chained() {
    let proof = Proof::of("T20");
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    sale(&acme).await;
    chained(&world, &acme.admin).await;
    let tenant = uuid_of(&acme.id);
    let superuser = world.database.superuser().await;
    let mut cut = 0;
    for round in 0..scale(4, 100) {
        acme.project(&format!("P{round}")).await;
        let mut other = world.database.superuser().await;
        let work = other.transaction().await.unwrap();
        let done: i32 = work.query_one("SELECT audit.sequence(10)", &[]).await.unwrap().get(0);
        let own = work.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get::<_, i32>(0);
        // The connection goes before it commits.
        superuser.execute("SELECT pg_terminate_backend($1)", &[&own]).await.unwrap();
        cut += i64::from(done);
    }
    proof.note("events-whose-chaining-was-cut-off", cut);
    let (head, _) = chained(&world, &acme.admin).await;
    let report = super::judged(&super::export(&acme.admin).await, &head);
    proof.zero("broken-chains", usize::from(report.is_err()));
    let twice = "SELECT count(*) - count(DISTINCT n) FROM audit.events WHERE tenant_id = $1";
    proof.zero("places-given-twice", count(&superuser, twice, &[&tenant]).await);
}

/// The binary verifies an export of the real format, made of a real export's events over and over.
#[tokio::test]
async fn a_million_events_are_verified_offline_within_a_minute() {
    let proof = Proof::of("T20");
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    sale(&acme).await;
    chained(&world, &acme.admin).await;
    let real = super::export(&acme.admin).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.ndjson");
    let events: u64 = scale(20_000, 1_000_000);
    let mut log = Log::new();
    let bytes = write_long_export(&real, events, &mut log, &file);
    let key = log.key.to_string();
    let started = Instant::now();
    // Nothing of ours is in its environment: it needs the file and the log's public key.
    let mut verifier = Command::new(keystead_tests::program());
    let output = verifier.args(["audit", "verify", "--key", &key]).arg(&file).env_clear().output().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    let verified = said.strip_prefix("good: ").and_then(|said| said.split_once(&format!(" events of {}", acme.id)));
    let verified: u64 = verified.unwrap_or_else(|| panic!("{said}")).0.parse().unwrap();
    proof.note("export-megabytes", bytes as f64 / 1e6);
    proof.exactly("events-verified", verified, events);
    let signed = format!("\nsigned: the first {events} of {events} events");
    proof.zero("long-exports-not-signed-to-the-end", usize::from(!said.contains(&signed)));
    if full() {
        proof.at_most("seconds-per-million-events", seconds, 60);
    } else {
        proof.note("seconds", seconds);
    }
}

/// How many checkpoints an export names at most.
const CHECKPOINTS: u64 = 100;

/// Repeats the events of a real export under new ids, in one chain, of which the log signs every hundredth part. Returns how many
/// bytes that is.
fn write_long_export(real: &str, events: u64, log: &mut Log, file: &Path) -> u64 {
    let mut lines = real.lines();
    let manifest: Manifest = serde_json::from_str(lines.next().unwrap()).unwrap();
    let leaves: Vec<(String, String)> = lines
        .map(|line| {
            let leaf = serde_json::from_str::<EventLine<'_>>(line).unwrap().leaf.into_owned();
            let id = serde_json::from_str::<Value>(&leaf).unwrap()["id"].as_str().unwrap().to_owned();
            (leaf, id)
        })
        .collect();
    let (tenant, leaves) = (manifest.tenant, &leaves);
    let chain = || {
        (1..=events).scan(manifest.prev, move |hash, n| {
            let (leaf, id) = &leaves[usize::try_from(n).unwrap() % leaves.len()];
            let leaf = leaf.replace(id, &format!("evt_{n:032x}"));
            *hash = chain_step(tenant, n, hash, leaf.as_bytes());
            Some(EventLine { n, leaf: leaf.into(), hash: *hash })
        })
    };
    // The manifest comes first and says how it ends, so the chain is made twice and never in memory.
    let stated = chain().filter(|line| line.n.is_multiple_of(events / CHECKPOINTS));
    let checkpoints: Vec<_> = stated.map(|line| log.state(tenant, line.n, line.hash)).collect();
    let head = checkpoints.last().unwrap().hash;
    let mut out = BufWriter::new(File::create(file).unwrap());
    let declared = Manifest { count: events, head, checkpoints, ..manifest.clone() };
    writeln!(out, "{}", serde_json::to_string(&declared).unwrap()).unwrap();
    for line in chain() {
        writeln!(out, "{}", serde_json::to_string(&line).unwrap()).unwrap();
    }
    out.flush().unwrap();
    std::fs::metadata(file).unwrap().len()
}
