//! A backup that is older than a shredding opens nothing of what was shredded.

use keystead_keys::{Denial, KeyError};
use keystead_proofs::Proof;
use keystead_server::tenant::{export, restore};
use keystead_tests::{Options, Person, ServerProcess, World};
use serde_json::json;

use super::{
    check,
    stage::{Builder, NO_PROGRAMS, admin_url, deployment, dump, kms, programs, undump, unused_name},
};
use crate::seed::settled;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_tenant_that_left_no_backup_opens() {
    let proof = Proof::of("T22");
    let world = World::new().await;
    let acme = Builder::of(&world, "acme", 4).await;
    let zenith = Builder::of(&world, "zenith", 2).await;
    let original = world.database.superuser().await;
    settled(&original).await;
    let (shared, cloud) = deployment(&world.database);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("acme");
    export(&shared, &cloud, "acme", &out).await.unwrap();
    let programs = programs(&world.database).await;
    let file = folder.path().join("before.dump");
    if let Some((pg_dump, _)) = &programs {
        let password = shared.root().unwrap().role_password("keystead_backup");
        dump(pg_dump, &world.database, &password, &file).await;
    }
    assert_eq!(
        check::opened(&original, &kms(), &world.app.blobs, &acme.tenant.id).await.0,
        4,
        "before, everything opens"
    );

    offboard(&world, &acme).await;

    // The live database.
    let mut readable = check::opened(&original, &kms(), &world.app.blobs, &acme.tenant.id).await.0;
    for (what, sql) in [
        ("keys", "SELECT count(*) FROM app.tenant_keys WHERE tenant_id = $1"),
        ("search tokens", "SELECT count(*) FROM app.search_tokens WHERE tenant_id = $1"),
        (
            "digests",
            "SELECT count(*) FROM app.contacts WHERE tenant_id = $1 AND (email_bidx IS NOT NULL OR phone_bidx IS NOT NULL)",
        ),
    ] {
        let id = keystead_tests::uuid_of(&acme.tenant.id);
        assert_eq!(keystead_tests::count(&original, sql, &[&id]).await, 0, "{what} are gone");
    }
    // The dump of before.
    match &programs {
        None => proof.skipped("dump-of-before-the-shredding", NO_PROGRAMS),
        Some((_, pg_restore)) => {
            let scratch = undump(pg_restore, &file, &world.database).await;
            let restored = scratch.superuser().await;
            let (opened, refused) = check::opened(&restored, &kms(), &world.app.blobs, &acme.tenant.id).await;
            assert_eq!(refused, [KeyError::Denied(Denial::KeyState)]);
            readable += opened;
            assert_eq!(
                check::opened(&restored, &kms(), &world.app.blobs, &zenith.tenant.id).await.0,
                2,
                "others are not concerned"
            );
            assert_eq!(check::chains(&restored).await.1, 0, "what is left proves what happened");
            let server = ServerProcess::start(scratch, &Options::default()).await;
            let agent = Person::enter(&server, "acme", &acme.agent.email).await;
            let reveal = json!({ "fields": ["name"], "purpose": "the shredding drill" });
            for contact in &acme.contacts {
                agent.post(&format!("/v1/contacts/{contact}/reveal"), &reveal).refused(503, "keys-denied", "").await;
            }
            server.kill9().await;
        }
    }
    // The export of before.
    let into = unused_name();
    let refused = restore(&shared, &cloud, &admin_url(), &out, &into, None).await.expect_err("nothing opens");
    assert!(format!("{refused:#}").contains("the tenant's keys do not open"), "{refused:#}");
    proof.zero("readable-after-tenant-shred", readable);
}

async fn offboard(world: &World, acme: &Builder<'_>) {
    let operator = world.operator().await;
    let path = format!("/v1/platform/tenants/{}/offboard", acme.tenant.id);
    let wrong = json!({ "slug": "zenith", "reason": "the contract ended" });
    operator.post(&path, &wrong).refused(422, "invalid", "/slug").await;
    acme.agent.get("/v1/contacts").expect(200).await;
    let right = json!({ "slug": "acme", "reason": "the contract ended" });
    let gone = operator.post(&path, &right).expect(200).await;
    assert_eq!(gone.json["state"], "offboarded", "{}", gone.text);
    let again = operator.post(&path, &right).expect(200).await;
    assert_eq!(gone.json, again.json, "repeating it changes nothing");
    let login = json!({ "email": acme.agent.email, "password": keystead_tests::PASSWORD, "tenant": "acme", "client": "native" });
    let login = world.call("POST", "/v1/auth/login").json(&login).send().await;
    assert_eq!(login.status / 100, 4, "{}", login.text);
    let database = world.database.superuser().await;
    let sql = "SELECT count(*) FROM identity.sessions WHERE tenant_id = $1 AND revoked_at IS NULL";
    let id = keystead_tests::uuid_of(&acme.tenant.id);
    assert_eq!(keystead_tests::count(&database, sql, &[&id]).await, 0, "every session ended");
    let sql = "SELECT count(*) FROM platform.events WHERE object_id = $1 AND action IN ('tenant.offboarding', 'tenant.offboarded')";
    assert_eq!(keystead_tests::count(&database, sql, &[&id]).await, 2, "once each");
}
