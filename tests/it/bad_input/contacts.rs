//! Buyers' data.

use chrono::Duration;
use keystead_ids::PresetRole::VpSales;
use keystead_tests::World;
use serde_json::{Value, json};

use super::keeps_silent;
use crate::rows::Rows;

/// In every bad value, so that an answer that quotes one is found.
const CANARY: &str = "Zyzzogeton";

fn bad_people(tomorrow: &str) -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "date_of_birth": tomorrow }), "/date_of_birth"),
        (json!({ "date_of_birth": "1899-12-31" }), "/date_of_birth"),
        (json!({ "date_of_birth": "1983-02-29" }), "/date_of_birth"),
        (json!({ "date_of_birth": "31.12.1983" }), "/date_of_birth"),
        (json!({ "date_of_birth": 19831231 }), "/date_of_birth"),
        (json!({ "phone": "911" }), "/phone"),
        (json!({ "phone": CANARY }), "/phone"),
        (json!({ "phone": "+999 1234567" }), "/phone"),
        (json!({ "phone": "512 555 0123; DROP TABLE" }), "/phone"),
        (json!({ "phone": 5_125_550_123_u64 }), "/phone"),
        (json!({ "email": CANARY }), "/email"),
        (json!({ "email": format!("{CANARY}@") }), "/email"),
        (json!({ "email": format!("a@b.test\r\nBcc: {CANARY}@c.test") }), "/email"),
        (json!({ "email": { "address": CANARY } }), "/email"),
        (json!({ "name": "" }), "/name"),
        (json!({ "name": format!("{CANARY}\n") + "x" }), "/name"),
        (json!({ "name": CANARY.repeat(21) }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": [CANARY] }), "/name"),
        (json!({ "address": CANARY }), "/address"),
        (json!({ "address": {} }), "/address"),
        (json!({ "address": { "country": CANARY } }), "/address/country"),
        (json!({ "address": { "zip": CANARY } }), "/address/zip"),
        (json!({ "address": { "line1": CANARY.repeat(21) } }), "/address/line1"),
        (json!({ "ssn": CANARY }), "/ssn"),
        (json!({ "tenant_id": CANARY }), "/tenant_id"),
        (json!({ "damaged": true }), "/damaged"),
    ]
}

fn person(changes: &Value) -> Value {
    let mut body = json!({ "name": "Jane Doe" });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_persons_data_that_cannot_be_is_refused_by_field_and_never_quoted() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let home = acme.unit(&fusion, "1").await;
    let vp = acme.hire(VpSales, &[]).await;
    let known = person(&json!({ "project_id": fusion, "email": "jane@doe.test" }));
    let known = vp.post("/v1/contacts", &known).expect(201).await.id();
    let tomorrow = (world.app.clock.now() + Duration::hours(36)).date_naive().to_string();
    let rows = Rows::of(&world).await;
    for (bad, pointer) in bad_people(&tomorrow) {
        let mut contact = person(&bad);
        contact["project_id"] = fusion.as_str().into();
        let answer = vp.post("/v1/contacts", &contact).refused(422, "invalid", pointer).await;
        keeps_silent(&answer, &[CANARY]);
        let contract =
            json!({ "unit_id": home, "buyers": [{ "contact": { "name": "John Roe" } }, { "contact": person(&bad) }] });
        let answer =
            vp.post("/v1/contracts", &contract).refused(422, "invalid", &format!("/buyers/1/contact{pointer}")).await;
        keeps_silent(&answer, &[CANARY]);
        let patch = vp.patch(&format!("/v1/contacts/{known}"), &bad).await;
        keeps_silent(&patch.refused(422, "invalid", pointer).await, &[CANARY]);
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn a_search_for_what_cannot_be_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    for (query, pointer) in [
        (format!("email={CANARY}"), "email"),
        (format!("phone={CANARY}"), "phone"),
        ("name=%2D%2D".to_owned(), "name"),
        ("name=%20".to_owned(), "name"),
        ("name=%00".to_owned(), "name"),
        ("ssn=1".to_owned(), "ssn"),
        ("project_id=FUSION".to_owned(), "project_id"),
    ] {
        let answer = acme.admin.get(&format!("/v1/contacts?{query}")).refused(422, "invalid", pointer).await;
        keeps_silent(&answer, &[CANARY]);
    }
}

#[tokio::test]
async fn without_known_fields_and_a_purpose_nothing_is_revealed_or_recorded() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let vp = acme.hire(VpSales, &[]).await;
    let jane = json!({ "project_id": fusion, "name": "Jane Doe", "email": "jane@doe.test" });
    let jane = vp.post("/v1/contacts", &jane).expect(201).await.id();
    let rows = Rows::of(&world).await;
    for (body, pointer) in [
        (json!({ "fields": ["ssn"], "purpose": "closing" }), "/fields/0"),
        (json!({ "fields": ["name", "Email"], "purpose": "closing" }), "/fields/1"),
        (json!({ "fields": [], "purpose": "closing" }), "/fields"),
        (json!({ "fields": "name", "purpose": "closing" }), "/fields"),
        (json!({ "purpose": "closing" }), "/fields"),
        (json!({ "fields": ["name"] }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": "" }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": "     " }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": "ok" }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": "x".repeat(301) }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": null }), "/purpose"),
        (json!({ "fields": ["name"], "purpose": "closing", "silent": true }), "/silent"),
    ] {
        let answer = vp.post(&format!("/v1/contacts/{jane}/reveal"), &body).refused(422, "invalid", pointer).await;
        keeps_silent(&answer, &["Jane", "doe.test"]);
    }
    let body = json!({ "fields": ["name"], "purpose": "closing" });
    let answer = acme.admin.post(&format!("/v1/contacts/{jane}/reveal"), &body).refused(403, "forbidden", "").await;
    keeps_silent(&answer, &["Jane"]);
    rows.unchanged().await;
}
