//! What spans resources: the search field and the dashboard. Both show what the caller's lists show, and nothing else.

use keystead_ids::PresetRole::{Admin, SalesAgent, Viewer, VpSales};
use keystead_tests::{Answer, Person, Tenant, World};
use serde_json::{Value, json};

async fn found(who: &Person, q: &str) -> Vec<(String, String, String)> {
    let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = who.get(&format!("/v1/search?q={q}")).expect(200).await;
    let text = |hit: &Value, name: &str| hit[name].as_str().unwrap_or_default().to_owned();
    answer.items().iter().map(|hit| (text(hit, "kind"), text(hit, "title"), text(hit, "subtitle"))).collect()
}

fn hit(kind: &str, title: &str, subtitle: &str) -> (String, String, String) {
    (kind.to_owned(), title.to_owned(), subtitle.to_owned())
}

/// A project with a plan, two homes and a contract of Jane Doe on the first; with the agent who sells there.
async fn community(tenant: &Tenant<'_>, code: &str) -> (String, Person, Answer) {
    let project = tenant.project(code).await;
    let plan = json!({ "project_id": project, "code": format!("{code}-1"), "name": "Sequoia" });
    tenant.admin.post("/v1/plans", &plan).expect(201).await;
    let home = tenant.unit(&project, "101").await;
    tenant.unit(&project, "1010").await;
    let agent = tenant.hire(SalesAgent, &[&project]).await;
    let buyer = json!({ "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123" });
    let contract = json!({ "unit_id": home, "buyers": [{ "contact": buyer }] });
    let contract = agent.post("/v1/contracts", &contract).expect(201).await;
    (project, agent, contract)
}

#[tokio::test]
async fn one_field_finds_every_kind_of_record_and_shows_buyers_masked() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (_, agent, _) = community(&acme, "FUSION").await;
    assert_eq!(found(&agent, "fus").await, [hit("project", "FUSION", "FUSION"), hit("plan", "FUSION-1", "Sequoia")]);
    assert_eq!(found(&agent, "sequ").await, [hit("plan", "FUSION-1", "Sequoia")]);
    // The very number comes first; the contract is found by its home.
    assert_eq!(
        found(&agent, "101").await,
        [hit("unit", "101", ""), hit("unit", "1010", ""), hit("contract", "1", "101")]
    );
    assert!(found(&agent, "#1").await.contains(&hit("contract", "1", "101")));
    let jane = [hit("contact", "J. D.", "j…@e….com")];
    for q in ["ja do", "Jane Doe", "JANE@example.com", "(415) 555-0123"] {
        assert_eq!(found(&agent, q).await, jane, "{q}");
    }
    for q in ["john@example.com", "+1 415 555 0124", "jane@", "%", "_", "\\", "?"] {
        assert_eq!(found(&agent, q).await, [], "{q}");
    }
    let by_state = agent.get("/v1/search?q=101").expect(200).await;
    assert_eq!((&by_state.items()[0]["state"], &by_state.items()[1]["state"]), (&json!("offer"), &json!("available")));
    for refused in ["/v1/search", "/v1/search?q=%20", "/v1/search?q="] {
        agent.get(refused).refused(422, "invalid", "q").await;
    }
}

#[tokio::test]
async fn a_search_shows_at_most_eight_of_a_kind() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUSION").await;
    let phase = acme.phase(&project).await;
    for number in 0..10 {
        acme.unit_in(&project, &phase, &format!("7{number}")).await;
    }
    let homes = found(&acme.admin, "7").await;
    assert_eq!(homes.len(), 8);
    assert_eq!(homes[0], hit("unit", "70", ""));
}

#[tokio::test]
async fn a_search_stays_within_tenant_project_and_role() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let (_, agent, _) = community(&acme, "FUSION").await;
    let (_, other, _) = community(&acme, "OTHER").await;
    community(&bolt, "VOLTA").await;
    assert_eq!(found(&agent, "volta").await, []);
    assert_eq!(found(&agent, "other").await, []);
    assert_eq!(found(&other, "fusion").await, []);
    assert_eq!(found(&agent, "jane").await.len(), 1, "the other project's Jane is not theirs");
    assert_eq!(found(&acme.admin, "jane").await.len(), 2);
    let viewer = acme.hire(Viewer, &[]).await;
    assert_eq!(found(&viewer, "jane@example.com").await, []);
    assert_eq!(found(&viewer, "101").await.len(), 6, "homes and contracts of both projects");
    let nothing = json!({ "permissions": [] });
    acme.admin.patch(&format!("/v1/roles/{}", acme.role(Viewer).await), &nothing).await.expect(200).await;
    let viewer = Person::enter(&world, "acme", &viewer.email).await;
    for q in ["101", "fusion", "jane"] {
        assert_eq!(found(&viewer, q).await, [], "{q}");
    }
}

#[tokio::test]
async fn the_dashboard_counts_homes_and_contracts_and_sums_prices_to_the_cent() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (fusion, agent, contract) = community(&acme, "FUSION").await;
    let (other, _, _) = community(&acme, "OTHER").await;
    let vp = acme.hire(VpSales, &[]).await;
    // Two more contracts whose prices end in odd cents; one is approved, one cancelled.
    for (number, cents, ends) in [("201", 12_345_678_901_i64, "approve"), ("202", 99, "cancel")] {
        let home = acme.unit(&fusion, number).await;
        let price = json!({ "amount_minor": cents, "currency": "USD" });
        let sale = json!({ "unit_id": home, "price": price, "buyers": [{ "contact": { "name": "John Roe" } }] });
        let id = vp.post("/v1/contracts", &sale).expect(201).await.id();
        vp.post(&format!("/v1/contracts/{id}/submit"), &json!({})).expect(200).await;
        let body = if ends == "cancel" { json!({ "reason": "remorse" }) } else { json!({}) };
        vp.post(&format!("/v1/contracts/{id}/{ends}"), &body).expect(200).await;
    }
    let shown = vp.get(&format!("/v1/dashboard?project_id={fusion}")).expect(200).await.json;
    let mut homes = shown["homes"].as_array().unwrap().clone();
    homes.sort_by_key(|home| home["status"].as_str().unwrap().to_owned());
    assert_eq!(
        json!(homes),
        json!([{ "status": "available", "count": 2 }, { "status": "offer", "count": 1 },
            { "status": "pending_signature", "count": 1 }])
    );
    let stage = |shown: &Value, state: &str| {
        shown["contracts"].as_array().unwrap().iter().find(|stage| stage["state"] == state).cloned().unwrap()
    };
    let draft = contract.json["price"]["amount_minor"].as_i64().unwrap();
    for (state, total) in [("draft", draft), ("approved", 12_345_678_901), ("cancelled", 99)] {
        let expected = json!({ "state": state, "count": 1, "total": { "amount_minor": total, "currency": "USD" } });
        assert_eq!(stage(&shown, state), expected);
    }
    assert_eq!((&shown["months"]["this"]["approved"], &shown["months"]["this"]["cancelled"]), (&json!(1), &json!(1)));
    assert!(!shown["activity"].as_array().unwrap().is_empty());

    let all = vp.get("/v1/dashboard").expect(200).await.json;
    assert_eq!(stage(&all, "draft")["count"], 2, "both projects");
    assert_eq!(stage(&all, "draft")["total"]["amount_minor"], draft * 2);
    let own = agent.get("/v1/dashboard").expect(200).await.json;
    assert_eq!(stage(&own, "draft")["count"], 1, "an agent's own project");
    assert_eq!(own["activity"], Value::Null, "an agent does not read the trail");
    let foreign = agent.get(&format!("/v1/dashboard?project_id={other}")).expect(200).await.json;
    assert_eq!((&foreign["homes"], &foreign["contracts"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn the_dashboards_months_are_the_builders() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (_, _, contract) = community(&acme, "FUSION").await;
    let superuser = world.database.superuser().await;
    let id = crate::seed::uuid_of(&contract.id());
    let approved = async |at: &str| {
        let sql = format!("UPDATE app.contracts SET approved_at = {at} WHERE id = $1");
        superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
        superuser.execute(&sql, &[&id]).await.unwrap();
        let months = acme.admin.get("/v1/dashboard").expect(200).await.json["months"].clone();
        (months["last"]["approved"].as_i64().unwrap(), months["this"]["approved"].as_i64().unwrap())
    };
    let zone = "America/Los_Angeles";
    let month = format!("(date_trunc('month', now() AT TIME ZONE '{zone}') AT TIME ZONE '{zone}')");
    assert_eq!(approved(&month).await, (0, 1), "its first moment");
    assert_eq!(approved(&format!("{month} - interval '1 microsecond'")).await, (1, 0), "the moment before");
    assert_eq!(approved(&format!("{month} - interval '32 days'")).await, (0, 0), "longer ago");
    let row = superuser.query_one(&format!("SELECT ({month} AT TIME ZONE '{zone}')::date::text"), &[]).await.unwrap();
    let months = acme.admin.get("/v1/dashboard").expect(200).await.json["months"].clone();
    assert_eq!(months["this"]["starts"], row.get::<_, String>(0));
}

#[tokio::test]
async fn a_dashboard_leaves_out_what_the_role_does_not_show() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    community(&acme, "FUSION").await;
    let clerk = acme.hire(Viewer, &[]).await;
    let only = json!({ "permissions": ["units.read"] });
    acme.admin.patch(&format!("/v1/roles/{}", acme.role(Viewer).await), &only).await.expect(200).await;
    let clerk = Person::enter(&world, "acme", &clerk.email).await;
    let shown = clerk.get("/v1/dashboard").expect(200).await.json;
    assert!(shown["homes"].is_array());
    for part in ["contracts", "months", "activity"] {
        assert_eq!(shown[part], Value::Null, "{part}");
    }
    let admin = acme.hire(Admin, &[]).await;
    assert!(admin.get("/v1/dashboard").expect(200).await.json["activity"].as_array().unwrap().len() <= 10);
}
