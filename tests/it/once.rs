//! `Idempotency-Key`: a write that is sent again happens once, is answered the same, and keeps nobody's data for that.

use keystead_ids::PresetRole::SalesAgent;
use keystead_tests::{Seen, World, count, insist};
use serde_json::{Value, json};

#[tokio::test]
async fn a_repeated_sale_is_answered_the_same_and_keeps_no_buyer() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let home = acme.unit(&fusion, "1101").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;

    let jane = json!({ "project_id": fusion, "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123",
        "address": { "city": "Reno", "region": "NV" } });
    let contact = async || agent.post("/v1/contacts", &jane).header("idempotency-key", "jane").expect(201).await.json;
    let first = contact().await;
    assert_eq!((&first["name"], &first["address"]), (&"J. D.".into(), &"Reno, NV".into()));
    assert_eq!(contact().await, first);

    let buyers = json!([{ "contact_id": first["id"] }, { "contact": { "name": "John Roe" } }]);
    let sale = json!({ "unit_id": home, "buyers": buyers });
    let contract = async || agent.post("/v1/contracts", &sale).header("idempotency-key", "sale").expect(201).await.json;
    let first = contract().await;
    assert_eq!((&first["buyers"][0]["name"], &first["buyers"][1]["name"]), (&"J. D.".into(), &"J. R.".into()));
    assert_eq!(contract().await, first);

    let database = world.database.superuser().await;
    assert_eq!(count(&database, "SELECT count(*) FROM app.contacts", &[]).await, 2);
    for row in database.query("SELECT body FROM app.idempotency_keys", &[]).await.unwrap() {
        let kept = row.get::<_, Value>(0).to_string();
        for trace in ["J. D.", "J. R.", "0123\"", "Reno", "j…"] {
            assert!(!kept.contains(trace), "{trace} is kept: {kept}");
        }
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let body = json!({ "project_id": fusion, "name": "One" });
    acme.admin.post("/v1/phases", &body).header("idempotency-key", "k").expect(201).await;
    // The same body elsewhere is another request.
    acme.admin
        .post("/v1/buildings", &body)
        .header("idempotency-key", "k")
        .refused(422, "invalid", "Idempotency-Key")
        .await;
    let other = json!({ "project_id": fusion, "name": "Two" });
    acme.admin
        .post("/v1/phases", &other)
        .header("idempotency-key", "k")
        .refused(422, "invalid", "Idempotency-Key")
        .await;
    // A key is its member's own.
    let rival = world.tenant("rival").await;
    rival.admin.post("/v1/phases", &body).header("idempotency-key", "k").refused(422, "invalid", "/project_id").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_many_times_at_once_happens_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let jane = json!({ "project_id": fusion, "name": "Jane Doe" });
    let seen = Seen::default();
    let all = (0..24).map(|_| insist(&agent, "/v1/contacts", "jane", &jane, &seen));
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    let database = world.database.superuser().await;
    assert_eq!(count(&database, "SELECT count(*) FROM app.contacts", &[]).await, 1);
    assert_eq!(count(&database, "SELECT count(*) FROM app.subject_keys", &[]).await, 1);
}
