//! T20: how far chains have come is signed in KMS; with the public key alone it shows when history was written anew.

use std::{
    cell::RefCell,
    process::Command,
    time::{Duration, Instant},
};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use keystead_audit::{
    Attestation, Expect, Fault, Frontier, Head, LogKey, Node, Proof as Signed, Report, Violation, verify,
};
use keystead_kms_double::{FaultMode, Faults, KmsDouble};
use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, Person, ServerProcess, Tenant, World, fresh_database, uuid_of};
use tokio::time::sleep;
use tokio_postgres::Client;

use super::{export, sale};
use crate::seed::settled;

/// The log's key. A server that has just started says to try again until it has learnt it.
pub(crate) async fn key(who: &Person) -> LogKey {
    let deadline = Instant::now() + Duration::from_secs(10);
    let answer = loop {
        let answer = who.get("/v1/audit/key").send().await;
        if answer.status != 503 || Instant::now() > deadline {
            break answer;
        }
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["key"].as_str().unwrap().parse().unwrap()
}

/// The tenant's last signed checkpoint, as its auditor keeps it.
pub(crate) async fn kept(who: &Person) -> Signed {
    let head = who.get("/v1/audit/head").expect(200).await.json;
    let signed: Signed = head["checkpoint"]["proof"].as_str().unwrap().parse().unwrap();
    assert_eq!(head["checkpoint"]["n"], signed.statement.n);
    assert_eq!(head["checkpoint"]["hash"], signed.statement.hash.to_string());
    signed
}

fn judged(export: &str, tenant: &str, keys: &[LogKey], kept: Option<&Signed>) -> Result<Report, Violation> {
    let head = kept.map(|kept| Head { n: kept.statement.n, hash: kept.statement.hash });
    verify(export.as_bytes(), Expect { tenant: tenant.parse().ok(), head, keys })
}

#[tokio::test]
async fn an_export_is_verified_with_the_public_key_alone() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    sale(&acme).await;
    settled(&world.database.superuser().await).await;
    let keys = [key(&acme.admin).await];
    assert_eq!(keys[0], key(&rival.admin).await, "a cell has one log");
    let (signed, whole) = (kept(&acme.admin).await, export(&acme.admin).await);
    assert!(signed.is_signed_by(&keys[0]));
    let report = judged(&whole, &acme.id, &keys, Some(&signed)).expect("verifies");
    assert_eq!(report.signed.map(|signed| signed.n), Some(report.events), "all of it is signed");

    let theirs = kept(&rival.admin).await;
    assert!(theirs.is_signed_by(&keys[0]) && theirs.statement.tenant.to_string() == rival.id);
    let n = theirs.statement.n;
    let (mine, not_mine) = (serde_json::json!(signed.to_string()), serde_json::json!(theirs.to_string()));
    let swapped = whole.replace(&mine.to_string(), &not_mine.to_string());
    let refused = judged(&swapped, &acme.id, &keys, None).unwrap_err().kind;
    assert_eq!(
        refused,
        Fault::Unsigned { n: report.events },
        "another tenant's statement ({n} events) is none of ours"
    );

    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let spelled = keys[0].to_string();
    let (name, _) = spelled.split_once('+').unwrap();
    let other = [LogKey::new(name, public.as_ref().to_vec()).unwrap()];
    assert!(matches!(judged(&whole, &acme.id, &other, None).unwrap_err().kind, Fault::Unsigned { .. }));
    by_the_binary(&whole, &acme, &keys[0], &signed, &other[0]);
}

/// The command that SECURITY.md names.
fn by_the_binary(export: &str, tenant: &Tenant<'_>, key: &LogKey, kept: &Signed, other: &LogKey) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let (export, proof) = (file("audit.ndjson", export), file("kept.tlog-proof", &format!("{kept}\n")));
    let run = |key: &str| {
        let options = ["--tenant", &tenant.id, "--key", key, "--checkpoint", &proof];
        Command::new(keystead_tests::program()).args(["audit", "verify", &export]).args(options).output().unwrap()
    };
    for key in [key.to_string(), file("key", &key.to_string())] {
        let good = run(&key);
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
        let said = String::from_utf8_lossy(&good.stdout).into_owned();
        assert!(said.contains(&format!("signed: the first {0} of {0} events", kept.statement.n)), "{said}");
    }
    let bad = run(&other.to_string());
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("VIOLATION"));
}

/// A superuser can do all this in the database, and has the honest job sign what came of it.
#[tokio::test]
async fn whoever_kept_a_checkpoint_sees_that_history_was_written_anew() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    sale(&acme).await;
    let superuser = world.database.superuser().await;
    settled(&superuser).await;
    let (keys, kept) = ([key(&acme.admin).await], kept(&acme.admin).await);
    let tenant = uuid_of(&acme.id);
    let rewrite = format!(
        "UPDATE audit.events SET action = 'unit.deleted' WHERE tenant_id = '{tenant}' AND action = 'unit.created';
        UPDATE audit.events SET n = NULL, hash = NULL WHERE tenant_id = '{tenant}';
        DELETE FROM audit.heads WHERE tenant_id = '{tenant}';"
    );
    superuser.batch_execute(&rewrite).await.unwrap();
    settled_anew(&superuser, kept.statement.n.cast_signed()).await;
    let export_of_forgery = export(&acme.admin).await;
    let found = judged(&export_of_forgery, &acme.id, &keys, None).unwrap_err().kind;
    assert!(matches!(found, Fault::Forked { .. }), "what was signed contradicts it: {found}");

    superuser.batch_execute(&format!("DELETE FROM audit.checkpoints WHERE tenant_id = '{tenant}'")).await.unwrap();
    settled(&superuser).await;
    let export_of_forgery = export(&acme.admin).await;
    judged(&export_of_forgery, &acme.id, &keys, None).expect("the log was made to sign it");
    let found = judged(&export_of_forgery, &acme.id, &keys, Some(&kept)).unwrap_err().kind;
    assert_eq!(found, Fault::Forked { n: kept.statement.n }, "who kept a checkpoint sees it");
}

async fn settled_anew(superuser: &Client, n: i64) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while superuser.query_opt("SELECT FROM audit.heads WHERE n = $1", &[&n]).await.unwrap().is_none() {
        assert!(Instant::now() < deadline, "the events are not chained anew");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Every entry stands where the log says, and everything it ever signed is true of the entries that it has now.
async fn is_one_log(database: &Client, key: &LogKey) -> usize {
    let sql = "SELECT position, audit.statement(c), path, note FROM audit.checkpoints c WHERE note IS NOT NULL ORDER BY position";
    let rows = database.query(sql, &[]).await.unwrap();
    let mut leaves: Vec<Node> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (place, row) in (0_i64..).zip(&rows) {
        assert_eq!(row.get::<_, i64>(0), place, "no gap, nothing twice");
        let statement: Attestation = row.get::<_, String>(1).parse().unwrap();
        leaves.push(statement.leaf().0);
        let path: Vec<u8> = row.get(2);
        let note: String = row.get(3);
        let proof = Signed { statement, index: place.unsigned_abs(), path: path.as_chunks::<32>().0.to_vec(), note };
        assert!(proof.is_signed_by(key), "entry {place}");
        notes.push(proof.note);
    }
    for note in &notes {
        let (size, root) = key.opened(note).unwrap();
        let stood = &leaves[..usize::try_from(size).unwrap()];
        assert_eq!(Frontier::default().grow(stood).unwrap().root, root, "what was signed of the first {size} entries");
    }
    let log = database.query_one("SELECT size FROM platform.audit_log", &[]).await.unwrap();
    assert_eq!(log.get::<_, i64>(0), i64::try_from(leaves.len()).unwrap());
    leaves.len()
}

/// KMS signs and its answers are lost, servers die between stating and signing, and two of them work at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_log_never_says_two_things() {
    let proof = Proof::of("T20");
    let folder = tempfile::tempdir().unwrap();
    let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let options = Options { kms_endpoint: Some(kms.endpoint()), ..Options::default() };
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let second = ServerProcess::start(server.database.clone(), &options).await;
    let database = server.database.superuser().await;
    let tenants = [Tenant::sign_up(&server, "acme").await, Tenant::sign_up(&server, "bolt").await];
    settled(&database).await;
    let fails = |mode| kms.set_faults(Faults { mode, ..Faults::default() });
    for round in 0..scale(2, 20) {
        for (number, mode) in [FaultMode::Mute, FaultMode::Down, FaultMode::Drop].into_iter().enumerate() {
            fails(mode);
            for tenant in &tenants {
                tenant.project(&format!("P{round}-{number}")).await;
            }
            stated(&database).await;
            server.kill9().await;
            fails(FaultMode::None);
            server.restart().await;
        }
        settled(&database).await;
    }
    let key = key(&tenants[0].admin).await;
    proof.at_least("entries-of-the-log", is_one_log(&database, &key).await, 4);
    let calls = kms.ledger()["Sign"];
    proof.note("signatures-asked-for", calls);
    for tenant in &tenants {
        let whole = export(&tenant.admin).await;
        let report = judged(&whole, &tenant.id, std::slice::from_ref(&key), None).expect("verifies");
        assert_eq!(report.signed.map(|signed| signed.n), Some(report.events));
    }
    drop(second);
}

/// Chains that grow one after the other share a signature a minute, and what waits for one stays as it is.
#[tokio::test]
async fn heads_are_stated_together_and_wait_unchanged() {
    // Nobody serves this database, so the worker's role is all there is.
    let database = fresh_database().await;
    let (superuser, worker) = (database.superuser().await, database.role("keystead_worker").await);
    let grow = async |tenant: i32, n: i64| {
        let sql = "INSERT INTO audit.heads VALUES (lpad($1::int::text, 32, '0')::uuid, $2, sha256('x'))
            ON CONFLICT (tenant_id) DO UPDATE SET n = $2";
        superuser.execute(sql, &[&tenant, &n]).await.unwrap();
    };
    let state =
        async || -> i64 { worker.query_one("SELECT audit.state_heads(1000, '60 s')", &[]).await.unwrap().get(0) };
    let waiting = async || -> Vec<String> {
        let row = worker.query_one("SELECT coalesce(statements, '{}') FROM audit.unsigned()", &[]).await.unwrap();
        row.get(0)
    };
    let log = RefCell::new(Frontier::default());
    let sign = async || -> bool {
        let entry = |text: String| text.parse::<Attestation>().unwrap().leaf().0;
        let leaves: Vec<Node> = waiting().await.into_iter().map(entry).collect();
        let stood = log.borrow().clone();
        let grown = stood.grow(&leaves).unwrap();
        let paths: Vec<Vec<u8>> = grown.paths.iter().map(|path| path.concat()).collect();
        let (size, frontier) = (stood.size().cast_signed(), grown.frontier.to_bytes());
        log.replace(grown.frontier);
        let sql = "SELECT audit.sign($1, $2, 'a note', $3)";
        worker.query_one(sql, &[&size, &frontier, &paths]).await.unwrap().get(0)
    };
    let later = async |by: &str| {
        let sql = format!("UPDATE platform.audit_log SET stated_at = stated_at - interval '{by}'");
        superuser.batch_execute(&sql).await.unwrap();
    };

    for tenant in [2, 4] {
        grow(tenant, 1).await;
    }
    assert_eq!(state().await, 2, "who was never stated does not wait");
    let statements = waiting().await;
    grow(3, 1).await;
    assert_eq!(state().await, 0, "what waits for a signature is not added to");
    assert_eq!(waiting().await, statements);
    assert!(sign().await);
    assert_eq!(state().await, 1);
    assert!(sign().await);

    for tenant in [2, 3, 4] {
        grow(tenant, 2).await;
        assert_eq!(state().await, 0, "{tenant} waits for the minute");
    }
    later("61 s").await;
    assert_eq!(state().await, 3, "one round for all");
    assert!(sign().await);
    grow(2, 1_001).await;
    assert_eq!(state().await, 0, "999 events");
    grow(2, 1_002).await;
    assert_eq!(state().await, 1, "1,000 events");
    assert!(sign().await);
    grow(3, 3).await;
    later("-1 hour").await;
    assert_eq!(state().await, 1, "a clock that was set back puts nothing off");
    for bad in ["sign(7, '', 'x', '{}')", "sign(7, 'x', 'x', ARRAY['x'::bytea])"] {
        worker.batch_execute(&format!("SELECT audit.{bad}")).await.expect_err(bad);
    }
    assert!(sign().await);
    let rows = superuser.query("SELECT position FROM audit.checkpoints ORDER BY 1", &[]).await.unwrap();
    assert!(rows.iter().map(|row| row.get::<_, i64>(0)).eq(0..8), "every place once");
}

/// Waits until some entry was made, signed or not, for every chain that has grown.
async fn stated(database: &Client) {
    let waiting = "SELECT EXISTS (SELECT FROM audit.events WHERE n IS NULL) OR NOT EXISTS (SELECT FROM audit.checkpoints WHERE note IS NULL)
        AND EXISTS (SELECT FROM audit.heads h WHERE NOT EXISTS (SELECT FROM audit.checkpoints c
            WHERE c.tenant_id = h.tenant_id AND c.n = h.n))";
    let deadline = Instant::now() + Duration::from_secs(15);
    while database.query_one(waiting, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(Instant::now() < deadline, "heads are not stated");
        sleep(Duration::from_millis(20)).await;
    }
}
