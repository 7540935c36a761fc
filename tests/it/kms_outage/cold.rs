//! A server that starts while KMS is away, and values that do not open.

use keystead_ids::PresetRole::SalesAgent;
use keystead_kms_double::{FaultMode, Faults, KmsDouble};
use keystead_proofs::Proof;
use keystead_tests::{Options, Person, ServerProcess, Site, Tenant, fresh_database, uuid_of};
use serde_json::json;
use tokio_postgres::Client;

use super::{Seller, Stage, person};

/// A contact's sealed columns, as they are in the row.
async fn sealed(database: &Client, contact: &str) -> Vec<Option<Vec<u8>>> {
    let sql = "SELECT name, email, phone, address, date_of_birth FROM app.contacts WHERE id = $1";
    let row = database.query_one(sql, &[&uuid_of(contact)]).await.unwrap();
    (0..5).map(|column| row.get(column)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_without_kms_serves_what_needs_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let options = Options { kms_endpoint: Some(kms.endpoint()), ..Options::default() };
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let project = acme.project("FUSION").await;
    acme.unit(&project, "1101").await;
    let email = acme.hire(SalesAgent, &[&project]).await.email;
    let agent = Person::enter(&server, "acme", &email).await;
    let contact = agent.post("/v1/contacts", &person(&project)).expect(201).await;
    let path = format!("/v1/contacts/{}", contact.id());
    let etag = agent.get(&path).expect(200).await.etag();
    let database = server.database.superuser().await;
    let before = sealed(&database, &contact.id()).await;

    kms.set_faults(Faults { mode: FaultMode::Down, ..Faults::default() });
    server.restart_alone().await;
    let health = server.call("GET", "/health/ready").expect(503).await;
    assert_eq!(health.json["checks"]["kms"], "down", "{}", health.text);
    // Whoever comes now logs in, and works with homes.
    let agent = Person::enter(&server, "acme", &email).await;
    let seller = Seller { agent, project, contact: contact.id() };
    seller.sees_homes().await;
    seller.is_refused("kms-unavailable").await;
    let changes = json!({ "name": "Joan Roe", "phone": null });
    let change = seller.agent.call("PATCH", &path).header("if-match", &etag).json(&changes);
    change.refused(503, "kms-unavailable", "").await;
    let changed =
        sealed(&database, &seller.contact).await.iter().zip(&before).filter(|(now, then)| now != then).count();
    let proof = Proof::of("KMS");
    proof.zero("columns-written-without-keys", changed);
    kms.set_faults(Faults::default());
    seller.recovers().await;
    seller.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_leaves_values_that_do_not_open_as_they_are() {
    let stage = Stage::set().await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    let path = format!("/v1/contacts/{}", seller.contact);
    let first = json!({ "phone": "+14155550100", "date_of_birth": "1984-02-29", "address": { "city": "Reno", "country": "US" } });
    seller.agent.patch(&path, &first).await.expect(200).await;
    let database = stage.world.database.superuser().await;
    // As a failing disk would leave it: no trigger sees that.
    database.batch_execute("SET session_replication_role = replica").await.unwrap();
    let damage = "UPDATE app.contacts SET email = set_byte(email, octet_length(email) - 1, get_byte(email, octet_length(email) - 1) # 1),
        address = substring(address FROM 2) WHERE id = $1";
    database.execute(damage, &[&uuid_of(&seller.contact)]).await.unwrap();
    let before = sealed(&database, &seller.contact).await;

    seller.agent.patch(&path, &json!({ "phone": "+14155550111" })).await.expect(200).await;
    let after = sealed(&database, &seller.contact).await;
    let columns = ["name", "email", "phone", "address", "date_of_birth"];
    let changed: Vec<&str> = columns
        .into_iter()
        .zip(after.iter().zip(&before))
        .filter(|(_, (now, then))| now != then)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["phone"], "only what was named changes");
    let proof = Proof::of("KMS");
    proof.zero("undecryptable-fields-turned-to-null", after.iter().filter(|value| value.is_none()).count());
    // What does not open is mended by writing it anew.
    let anew = json!({ "email": "jane.doe@example.com", "address": { "city": "Reno", "country": "US" } });
    seller.agent.patch(&path, &anew).await.expect(200).await;
    let reveal = json!({ "fields": ["email", "phone"], "purpose": "an outage drill" });
    let plain = seller.agent.post(&format!("{path}/reveal"), &reveal).expect(200).await;
    assert_eq!((&plain.json["email"], &plain.json["phone"]), (&"jane.doe@example.com".into(), &"+14155550111".into()));
}
