//! What is written behind the first sweep of a tenant that leaves, and a step that two try at once.

use keystead_api::jobs::JOBS;
use keystead_tests::{World, count, uuid_of};
use serde_json::json;

use crate::{jobs::works, seed};

/// What a request that was let in before leaves, everywhere.
const LATE: &str = "SET session_replication_role = replica;
    INSERT INTO app.search_tokens (tenant_id, project_id, contact_id, field, token)
        SELECT tenant_id, project_id, id, 1, 1 FROM app.contacts WHERE erased_at IS NULL;
    UPDATE app.contacts SET email_bidx = '\\x0102030405060708' WHERE erased_at IS NULL";

#[tokio::test]
async fn one_leaver_who_cannot_be_swept_up_after_keeps_no_other() {
    let world = World::new().await;
    let (database, operator) = (world.database.superuser().await, world.operator().await);
    let mut leavers = Vec::new();
    for slug in ["acme", "bolt"] {
        let tenant = world.tenant(slug).await;
        seed::fill(&tenant, "FUSION").await;
        let goodbye = json!({ "slug": slug, "reason": "the contract ended" });
        operator.post(&format!("/v1/platform/tenants/{}/offboard", tenant.id), &goodbye).expect(200).await;
        leavers.push(uuid_of(&tenant.id));
    }
    database.batch_execute(LATE).await.unwrap();
    let broken = format!(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a broken disk'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON app.search_tokens FOR EACH ROW WHEN (OLD.tenant_id = '{}')
            EXECUTE FUNCTION public.refuse()",
        leavers.iter().min().unwrap()
    );
    database.batch_execute(&broken).await.unwrap();
    JOBS.iter().find(|job| job.name == "leavers").unwrap().once(&works(&world)).await.unwrap();
    let left = "SELECT count(DISTINCT tenant_id) FROM app.search_tokens";
    assert_eq!(count(&database, left, &[]).await, 1);
}

#[tokio::test]
async fn what_comes_behind_the_sweep_of_a_leaver_is_swept_up() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    seed::fill(&acme, "FUSION").await;
    let (id, database) = (uuid_of(&acme.id), world.database.superuser().await);
    let path = format!("/v1/platform/tenants/{}/offboard", acme.id);
    let goodbye = json!({ "slug": "acme", "reason": "the contract ended" });
    world.operator().await.post(&path, &goodbye).expect(200).await;
    // A request that was let in before leaves this.
    let prefix = "SELECT storage_prefix FROM platform.tenants WHERE id = $1";
    let prefix: String = database.query_one(prefix, &[&id]).await.unwrap().get(0);
    let file = format!("{prefix}/late.pdf");
    world.app.blobs.write_new(&file, b"%PDF".to_vec()).await.unwrap();
    database.batch_execute(LATE).await.unwrap();
    let left = async || {
        let sql = "SELECT (SELECT count(*) FROM app.search_tokens WHERE tenant_id = $1)
            + (SELECT count(*) FROM app.contacts WHERE tenant_id = $1 AND email_bidx IS NOT NULL)";
        (count(&database, sql, &[&id]).await, world.app.blobs.head(&file).await.unwrap().is_some())
    };
    let (rows, there) = left().await;
    assert!(rows >= 2 && there, "{rows} {there}");
    JOBS.iter().find(|job| job.name == "leavers").unwrap().once(&works(&world)).await.unwrap();
    assert_eq!(left().await, (0, false));
}

#[tokio::test]
async fn a_step_that_was_done_stays_done() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (platform, now) = (world.app.db.platform(), world.app.clock.now());
    let id = uuid_of(&acme.id).into();
    let before = platform.provisioning_steps(id).await.unwrap();
    platform.step_ended(id, "data_keys", Some("KMS is away"), now).await.unwrap();
    for (step, before) in platform.provisioning_steps(id).await.unwrap().iter().zip(&before) {
        assert_eq!((step.finished_at, &step.error), (before.finished_at, &None), "{step:?}");
    }
}
