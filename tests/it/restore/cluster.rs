//! A whole database, by `pg_dump` under the role that may read everything and change nothing.

use std::time::Instant;

use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, Person, ServerProcess, World};
use serde_json::json;

use super::{
    bulk, check,
    stage::{Builder, NO_PROGRAMS, deployment, dump, kms, programs, undump},
};
use crate::{audit::checkpoints, seed::settled};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dump_of_the_backup_role_comes_back_whole() {
    let world = World::new().await;
    let proof = Proof::of("T22");
    let Some((pg_dump, pg_restore)) = programs(&world.database).await else {
        proof.skipped("dump", NO_PROGRAMS);
        return;
    };
    let acme = Builder::of(&world, "acme", scale(3, 400)).await;
    let zenith = Builder::of(&world, "zenith", 2).await;
    let original = world.database.superuser().await;
    settled(&original).await;
    let (log_key, signed) = (checkpoints::key(&acme.tenant.admin).await, checkpoints::kept(&acme.tenant.admin).await);
    bulk::enlarge(&original, &acme.tenant.id).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keystead.dump");
    let root = deployment(&world.database).0.root().unwrap();
    dump(&pg_dump, &world.database, &root.role_password("keystead_backup"), &file).await;
    let before = check::content(&original).await;
    let began = Instant::now();
    let scratch = undump(&pg_restore, &file, &world.database).await;
    let undumped = began.elapsed();
    let restored = scratch.superuser().await;
    let mismatches = check::mismatches(&before, &check::content(&restored).await);
    println!("tables that differ: {mismatches:?}");
    // Logging in and housekeeping go on while the dump is taken.
    proof.note("dump-tables", before.len());
    proof.zero("dump-mismatches", mismatches.len());
    proof.zero("dump-dangling-references", check::dangling(&restored).await.0);
    let (events, broken) = check::chains(&restored).await;
    proof.at_least("dump-audit-events", events, 50);
    proof.zero("dump-broken-chains", broken);
    for builder in [&acme, &zenith] {
        let (opened, refused) = check::opened(&restored, &kms(), &world.app.blobs, &builder.tenant.id).await;
        assert_eq!((opened, refused.len()), (builder.contacts.len(), 0), "{refused:?}");
    }

    // And it serves. Comparing the two was the drill's business and took time of its own.
    let began = Instant::now();
    let bucket = deployment(&world.database).1.bucket;
    let server = ServerProcess::start_with(scratch, &Options::default(), &[("KEYSTEAD_BUCKET", &bucket)]).await;
    let agent = Person::enter(&server, "acme", &acme.agent.email).await;
    let reveal = json!({ "fields": ["name"], "purpose": "the restore drill" });
    let path = format!("/v1/contacts/{}/reveal", acme.contacts[0]);
    assert_eq!(agent.post(&path, &reveal).expect(200).await.json["name"], "Jane Doe");
    bulk::report(&proof, "dump", &restored, undumped + began.elapsed()).await;
    // Whoever kept the log's key from before verifies what was signed then.
    let auditor = Person::enter(&server, "acme", &acme.tenant.admin.email).await;
    let attested = check::attested(&auditor, &acme.tenant.id, log_key).await;
    proof.at_least("dump-signed-events", attested, signed.statement.n);
    server.kill9().await;
}

#[tokio::test]
async fn the_backup_role_changes_nothing() {
    let world = World::new().await;
    let backup = world.database.role("keystead_backup").await;
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let tables = backup.query(tables, &[]).await.unwrap();
    assert!(tables.len() > 30);
    for row in &tables {
        let name: &str = row.get(0);
        backup.query_one(&format!("SELECT count(*) FROM {name}"), &[]).await.unwrap();
        for sql in [
            format!("DELETE FROM {name}"),
            format!("TRUNCATE {name}"),
            format!("INSERT INTO {name} DEFAULT VALUES"),
            format!("LOCK TABLE {name} IN ROW EXCLUSIVE MODE"),
        ] {
            let refused = backup.batch_execute(&format!("BEGIN; {sql}")).await.expect_err(&sql);
            assert_eq!(refused.code().map(|code| code.code()), Some("42501"), "{sql}: {refused:?}");
            backup.batch_execute("ROLLBACK").await.unwrap();
        }
    }
}
