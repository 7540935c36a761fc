//! Contracts found, ordered and paged; homes on a board.

use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::{Person, Tenant, World};
use serde_json::{Value, json};

/// Contracts of one project: number, home, price and buyer.
const SALES: [(&str, i64, &str); 5] = [
    ("101", 50_000_000, "Jane Doe"),
    ("102", 70_000_000, "John Roe"),
    ("103", 50_000_000, "Jane Roe"),
    ("104", 60_000_000, "Mary Major"),
    ("5", 40_000_000, "Richard Miles"),
];

async fn sell(tenant: &Tenant<'_>) -> (String, Person) {
    let project = tenant.project("FUSION").await;
    let agent = tenant.hire(SalesAgent, &[&project]).await;
    for (number, price, name) in SALES {
        let home = tenant.unit(&project, number).await;
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let sale = json!({ "unit_id": home, "price": { "amount_minor": price, "currency": "USD" },
            "buyers": [{ "contact": { "name": name, "email": email } }] });
        agent.post("/v1/contracts", &sale).expect(201).await;
    }
    (project, agent)
}

/// What a query of a resource lists, page by page.
async fn items(who: &Person, resource: &str, query: &str) -> Vec<Value> {
    let (mut items, mut next) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("/v1/{resource}?limit=2&{query}{next}")).expect(200).await;
        items.extend_from_slice(page.items());
        match page.json["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return items,
        }
    }
}

/// The numbers of all contracts that a query lists.
async fn listed(who: &Person, query: &str) -> Vec<i64> {
    items(who, "contracts", query).await.iter().map(|contract| contract["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn contacts_are_found_by_the_beginnings_of_all_words_newest_first() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let names = ["Jane Doe", "John Roe", "Jane Roe", "Janet Bartholomewson", "Jane Roe-Bartholomewsen"];
    let mut ids = Vec::new();
    for name in names {
        let contact = agent.post("/v1/contacts", &json!({ "project_id": project, "name": name })).expect(201).await;
        ids.push(contact.id());
    }
    for (name, found) in [
        ("j", vec![4, 3, 2, 1, 0]),
        ("jane", vec![4, 3, 2, 0]),
        ("jane%20ro", vec![4, 2]),
        ("ro%20jane", vec![4, 2]),
        ("ja%20bart", vec![4, 3]),
        // Beyond eight letters a word is found by its pieces.
        ("bartholomews", vec![4, 3]),
        ("bartholomewson", vec![3]),
        ("janet%20roe", vec![]),
    ] {
        let listed = items(&agent, "contacts", &format!("name={name}&project_id={project}")).await;
        let listed: Vec<usize> =
            listed.iter().map(|one| ids.iter().position(|id| one["id"] == id.as_str()).unwrap()).collect();
        assert_eq!(listed, found, "{name}");
    }
}

#[tokio::test]
async fn contracts_come_in_the_order_that_is_wanted_and_every_one_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (_, agent) = sell(&acme).await;
    assert_eq!(listed(&agent, "sort=newest").await, [5, 4, 3, 2, 1]);
    assert_eq!(listed(&agent, "sort=oldest").await, [1, 2, 3, 4, 5]);
    // Of the same price: the younger first going down, the older first going up.
    assert_eq!(listed(&agent, "sort=highest_price").await, [2, 4, 3, 1, 5]);
    assert_eq!(listed(&agent, "sort=lowest_price").await, [5, 1, 3, 4, 2]);
    let first = agent.get("/v1/contracts?sort=oldest&limit=1").expect(200).await.items()[0]["id"].clone();
    agent.post(&format!("/v1/contracts/{}/submit", first.as_str().unwrap()), &json!({})).expect(200).await;
    assert_eq!(listed(&agent, "sort=last_changed").await, [1, 5, 4, 3, 2]);
    assert_eq!(listed(&agent, "sort=last_changed&state=draft").await, [5, 4, 3, 2]);
    agent.get("/v1/contracts?sort=by_magic").refused(422, "invalid", "sort").await;
    // A cursor belongs to its order.
    let page = agent.get("/v1/contracts?limit=2&sort=oldest").expect(200).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    agent.get(&format!("/v1/contracts?limit=2&sort=newest&cursor={cursor}")).refused(422, "invalid", "cursor").await;
}

#[tokio::test]
async fn contracts_are_found_by_number_home_buyer_and_agent() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (_, agent) = sell(&acme).await;
    assert_eq!(listed(&agent, "q=102").await, [2]);
    assert_eq!(listed(&agent, "q=%235").await, [5], "the number");
    assert_eq!(listed(&agent, "q=5").await, [5], "number and home");
    assert_eq!(listed(&agent, "q=jane").await, [3, 1]);
    assert_eq!(listed(&agent, "q=jane%20ro").await, [3]);
    assert_eq!(listed(&agent, "q=mary.major@example.com").await, [4]);
    assert_eq!(listed(&agent, "q=nobody").await, [0_i64; 0]);
    assert_eq!(listed(&agent, &format!("created_by={}", agent.member)).await.len(), 5);
    assert_eq!(listed(&agent, &format!("created_by={}", acme.admin.member)).await.len(), 0);
    // Who sees no buyers does not find by them.
    let viewer = acme.hire(Viewer, &[]).await;
    assert_eq!(listed(&viewer, "q=jane").await, [0_i64; 0]);
    assert_eq!(listed(&viewer, "q=102").await, [2]);
}

#[tokio::test]
async fn a_board_shows_every_home_of_a_project_or_building_at_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (project, agent) = sell(&acme).await;
    let phase = acme.phase(&project).await;
    let building = json!({ "project_id": project, "name": "North" });
    let building = acme.admin.post("/v1/buildings", &building).expect(201).await.id();
    let home = |number: i32| {
        json!({ "project_id": project, "phase_id": phase, "building_id": building, "number": number.to_string(),
            "floor": number / 100, "price": { "amount_minor": 1, "currency": "USD" } })
    };
    for number in 1_000..1_205 {
        acme.admin.post("/v1/units", &home(number)).expect(201).await;
    }
    let board = agent.get(&format!("/v1/units/board?project_id={project}")).expect(200).await;
    assert_eq!((board.items().len(), &board.json["complete"]), (210, &json!(true)));
    let by_status = |status: &str| board.items().iter().filter(|home| home["status"] == status).count();
    assert_eq!((by_status("offer"), by_status("available")), (5, 205));
    let north = agent.get(&format!("/v1/units/board?project_id={project}&building_id={building}")).expect(200).await;
    assert_eq!(north.items().len(), 205);
    let first = &north.items()[0];
    assert_eq!(
        (&first["number"], &first["floor"], &first["price"]["amount_minor"]),
        (&json!("1000"), &json!(10), &json!(1))
    );
    agent.get("/v1/units/board").refused(422, "invalid", "project_id").await;
    let bolt = world.tenant("bolt").await;
    let nothing = bolt.admin.get(&format!("/v1/units/board?project_id={project}")).expect(200).await;
    assert_eq!(nothing.json["items"], Value::Array(Vec::new()));
}
