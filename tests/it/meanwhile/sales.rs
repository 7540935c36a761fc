//! A home that changes while a contract for it is drafted, and names that change while a spreadsheet uses them.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::count;
use serde_json::json;

use super::{Held, world};

#[tokio::test]
async fn a_home_is_sold_as_it_is_and_not_as_it_was() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let vp = acme.hire(VpSales, &[]).await;
    let database = world.database.superuser().await;
    for (number, change) in [("101", "price_minor = price_minor + 1"), ("102", "not_for_sale_reason = 'a model home'")]
    {
        let home = acme.unit(&fusion, number).await;
        let contract = json!({ "unit_id": home, "buyers": [{ "role": "buyer", "contact": { "name": "Jane Doe" } }] });
        let held = Held::by(&world, &format!("UPDATE app.units SET {change} WHERE number = '{number}'")).await;
        held.until(vp.post("/v1/contracts", &contract).refused(409, "unit-changed", "")).await;
        for table in ["contracts", "contacts", "contract_parties"] {
            assert_eq!(count(&database, &format!("SELECT count(*) FROM app.{table}"), &[]).await, 0, "{table}");
        }
        let now = vp.get(&format!("/v1/units/{home}")).expect(200).await;
        assert_ne!(now.json["status"], "offer", "{}", now.text);
    }
    // Under a contract both may change, and the contract goes on.
    let home = acme.unit(&fusion, "103").await;
    let contract = json!({ "unit_id": home, "buyers": [{ "role": "buyer", "contact": { "name": "Jane Doe" } }] });
    let contract = vp.post("/v1/contracts", &contract).expect(201).await.id();
    let dearer = json!({ "price": { "amount_minor": 70_000_000, "currency": "USD" }, "not_for_sale_reason": "sold" });
    acme.admin.patch(&format!("/v1/units/{home}"), &dearer).await.expect(200).await;
    vp.call("POST", &format!("/v1/contracts/{contract}/submit")).expect(200).await;
}

#[tokio::test]
async fn a_home_is_sold_with_its_phase_and_its_project() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let vp = acme.hire(VpSales, &[]).await;
    let draft =
        |home: &str| json!({ "unit_id": home, "buyers": [{ "role": "buyer", "contact": { "name": "Jane Doe" } }] });
    let phase = acme.phase(&fusion).await;
    let changes = [
        (
            format!("/v1/phases/{phase}"),
            json!({ "released_at": null }),
            json!({ "released_at": "2020-01-01T00:00:00Z" }),
        ),
        (format!("/v1/projects/{fusion}"), json!({ "state": "archived" }), json!({ "state": "active" })),
    ];
    let mut sold = String::new();
    for (number, (path, change, back)) in (101..).zip(&changes) {
        let home = acme.unit_in(&fusion, &phase, &number.to_string()).await;
        // The trigger's own statement is what waits.
        let lock = format!("SELECT 1 FROM app.units WHERE number = '{number}' FOR NO KEY UPDATE");
        let held = Held::by(&world, &lock).await;
        let contract = held.stops(vp.post("/v1/contracts", &draft(&home))).await;
        acme.admin.patch(path, change).await.expect(200).await;
        held.lets_go().await;
        let contract = contract.await.unwrap();
        assert_eq!(
            (contract.status, &contract.json["type"]),
            (409, &json!("urn:keystead:problem:unit-changed")),
            "{}",
            contract.text
        );
        acme.admin.patch(path, back).await.expect(200).await;
        sold = vp.post("/v1/contracts", &draft(&home)).expect(201).await.id();
    }
    let later = json!({ "project_id": fusion, "name": "Later" });
    acme.admin.post("/v1/phases", &later).expect(201).await;
    let home = acme.unit_in(&fusion, &phase, "103").await;
    let moved = "UPDATE app.units SET phase_id = (SELECT id FROM app.phases WHERE name = 'Later') WHERE number = '103'";
    let held = Held::by(&world, moved).await;
    held.until(vp.post("/v1/contracts", &draft(&home)).refused(409, "unit-changed", "")).await;
    // Under a contract a home goes on, whatever becomes of its phase.
    acme.admin.patch(&changes[0].0, &changes[0].1).await.expect(200).await;
    vp.call("POST", &format!("/v1/contracts/{sold}/submit")).expect(200).await;
}

#[tokio::test]
async fn a_phase_that_is_renamed_under_an_import_is_made() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let phase = json!({ "project_id": fusion, "name": "One", "released_at": "2020-01-01T00:00:00Z" });
    let phase = acme.admin.post("/v1/phases", &phase).expect(201).await.id();
    // An import makes the phases that are not there, and waits, and then looks for them.
    let held = Held::at(&world, "AFTER INSERT ON app.phases").await;
    let path = format!("/v1/imports?project_id={fusion}&dry_run=false&file_name=homes.csv");
    let import = acme.admin.call("POST", &path).body("text/csv", "number,phase,price\n1,One,5\n");
    let import = held.stops(import).await;
    acme.admin.patch(&format!("/v1/phases/{phase}"), &json!({ "name": "The First" })).await.expect(200).await;
    held.lets_go().await;
    let report = import.await.unwrap();
    assert_eq!((report.status, &report.json["rows_imported"]), (201, &json!(1)), "{}", report.text);
    let phases = acme.admin.get(&format!("/v1/phases?project_id={fusion}")).expect(200).await;
    let mut names: Vec<&str> = phases.items().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["One", "The First"]);
}
