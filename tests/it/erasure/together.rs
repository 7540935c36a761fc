//! Erasures, and what else is done to the same person, at the same moment.

use keystead_tests::{World, count, uuid_of};
use serde_json::json;
use tokio::join;
use tokio_postgres::types::ToSql;

use super::{Stage, decision};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_erased_or_becomes_a_party_and_never_both() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let database = world.database.superuser().await;
    let mut outcomes = [0, 0];
    for round in 0..12 {
        let ann = json!({ "project_id": stage.project, "name": "Ann Race" });
        let ann = stage.agent.post("/v1/contacts", &ann).expect(201).await.id();
        let home = stage.acme.unit(&stage.project, &format!("R{round}")).await;
        let sale = json!({ "unit_id": home, "buyers": [{ "contact_id": ann }] });
        let erase = stage.acme.admin.post(&format!("/v1/contacts/{ann}/erase"), &decision());
        let (sold, erased) = join!(stage.agent.post("/v1/contracts", &sale).send(), erase.send());
        match (sold.status, erased.status) {
            (201, 409) => outcomes[0] += 1,
            (422, 200) => outcomes[1] += 1,
            _ => panic!("{} and {}", sold.text, erased.text),
        }
        let both = "SELECT count(*) FROM app.contacts c JOIN app.contract_parties p ON p.contact_id = c.id
            WHERE c.id = $1 AND c.erased_at IS NOT NULL";
        assert_eq!(count(&database, both, &[&uuid_of(&ann)]).await, 0);
    }
    println!("sold first {}, erased first {}", outcomes[0], outcomes[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_that_slips_past_the_api_is_refused_by_the_database() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let contract = stage.contract("101").await.id();
    stage.cancel(&contract).await;
    stage.erase().expect(200).await;
    let database = world.database.superuser().await;
    let home = stage.acme.unit(&stage.project, "102").await;
    let sale = json!({ "unit_id": home, "buyers": [{ "contact": { "name": "John Roe" } }] });
    let other = stage.agent.post("/v1/contracts", &sale).expect(201).await.id();
    let join = "INSERT INTO app.contract_parties (tenant_id, id, project_id, contract_id, contact_id, role, position)
        SELECT tenant_id, gen_random_uuid(), project_id, $2, contact_id, role, 9 FROM app.contract_parties WHERE contact_id = $1";
    // A superuser passes every policy, and not this.
    database.batch_execute("ALTER TABLE app.contract_parties DISABLE TRIGGER contract_parties_audit").await.unwrap();
    let parameters: [&(dyn ToSql + Sync); 2] = [&uuid_of(&stage.jane), &uuid_of(&other)];
    let refused = database.execute(join, &parameters).await.expect_err("an erased contact is no party");
    let constraint = refused.as_db_error().and_then(|error| error.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("contract_parties_not_erased"), "{refused:?}");
}
