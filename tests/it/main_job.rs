//! The main job: a builder signs up, is provisioned and sells a home.

use keystead_ids::PresetRole::{EscrowCoord, SalesAgent, VpSales};
use keystead_tests::World;
use serde_json::json;

#[tokio::test]
async fn a_builder_signs_up_and_sells_a_home() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let other = acme.project("OTHER").await;
    let home = acme.unit(&fusion, "1101").await;
    let hidden = acme.unit(&other, "1").await;

    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let vp = acme.hire(VpSales, &[]).await;
    let escrow = acme.hire(EscrowCoord, &[]).await;

    // The agent sees Fusion and nothing else.
    let projects = agent.get("/v1/projects").expect(200).await;
    assert_eq!(projects.items().len(), 1);
    agent.get(&format!("/v1/projects/{other}")).refused(404, "not-found", "").await;
    agent.get(&format!("/v1/units/{hidden}")).refused(404, "not-found", "").await;
    let found = agent.get(&format!("/v1/units?project_id={fusion}&status=available&number=1101")).expect(200).await;
    assert_eq!(found.items().len(), 1, "{}", found.text);

    let contract = json!({ "unit_id": home, "buyers": [
        { "contact": { "name": "Jane Doe", "email": "jane.doe@example.com", "phone": "+14155550123", "date_of_birth": "1980-02-29",
            "address": { "line1": "1 Main St", "city": "Reno", "region": "NV", "postal_code": "89501", "country": "US" } } },
        { "contact": { "name": "John Roe", "email": "john.roe@example.com" } } ] });
    let created = agent.post("/v1/contracts", &contract).expect(201).await;
    let id = created.id();
    assert_eq!(created.json["price"]["amount_minor"], 65_000_000);
    assert!(
        !created.text.contains("Jane") && !created.text.contains("example.com"),
        "buyers are masked: {}",
        created.text
    );
    let again = json!({ "unit_id": home, "buyers": [{ "contact": { "name": "Third Person" } }] });
    agent.post("/v1/contracts", &again).expect(409).await;

    agent.post(&format!("/v1/contracts/{id}/submit"), &json!({})).expect(200).await;
    agent.post(&format!("/v1/contracts/{id}/approve"), &json!({})).refused(403, "forbidden", "").await;
    let approved = vp.post(&format!("/v1/contracts/{id}/approve"), &json!({})).expect(200).await;
    assert_eq!(approved.json["state"], "approved");

    let buyer = created.json["buyers"][0]["contact_id"].as_str().unwrap().to_owned();
    let reveal = json!({ "fields": ["name", "email"], "purpose": "preparing the purchase agreement" });
    let plain = agent.post(&format!("/v1/contacts/{buyer}/reveal"), &reveal).expect(200).await;
    assert!(plain.text.contains("Jane Doe") && plain.text.contains("jane.doe@example.com"));
    acme.admin.post(&format!("/v1/contacts/{buyer}/reveal"), &reveal).refused(403, "forbidden", "").await;

    let cancel = json!({ "reason": "financing_denied", "note": "the lender declined" });
    let cancelled = escrow.post(&format!("/v1/contracts/{id}/cancel"), &cancel).expect(200).await;
    assert_eq!(cancelled.json["state"], "cancelled");
    agent.post("/v1/contracts", &again).expect(201).await;

    let trail = acme.admin.get("/v1/audit/events?limit=200").expect(200).await;
    let actions: Vec<&str> = trail.items().iter().filter_map(|event| event["action"].as_str()).collect();
    for action in [
        "contract.created",
        "contract.submitted",
        "contract.approved",
        "contract.cancelled",
        "reveal.created",
        "member.created",
    ] {
        assert!(actions.contains(&action), "{action} is missing in {actions:?}");
    }
    assert!(!trail.text.contains("Jane") && !trail.text.contains("example.com"), "the trail holds no buyer in full");
}
