//! Prices.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::World;
use serde_json::{Value, json};

use crate::rows::Rows;

/// What is no price in dollars, and the part of it that is wrong.
fn bad_prices() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "amount_minor": -1, "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": i64::MIN, "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": 9_223_372_036_854_775_808_u64, "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": 650_000.5, "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": 1e300, "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": "65000000", "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": null, "currency": "USD" }), "/amount_minor"),
        (json!({ "currency": "USD" }), "/amount_minor"),
        (json!({ "amount_minor": 65_000_000, "currency": "EUR" }), "/currency"),
        (json!({ "amount_minor": 65_000_000, "currency": "usd" }), "/currency"),
        (json!({ "amount_minor": 65_000_000, "currency": "" }), "/currency"),
        (json!({ "amount_minor": 65_000_000 }), "/currency"),
        (json!({ "amount_minor": 65_000_000, "currency": "USD", "exponent": 2 }), "/exponent"),
        (json!(65_000_000), ""),
    ]
}

#[tokio::test]
async fn a_price_that_is_negative_endless_broken_or_in_another_currency_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let phase = acme.phase(&fusion).await;
    let home = acme.unit_in(&fusion, &phase, "1").await;
    let vp = acme.hire(VpSales, &[]).await;
    let rows = Rows::of(&world).await;
    for (price, part) in bad_prices() {
        let pointer = format!("/price{part}");
        let body = json!({ "project_id": fusion, "phase_id": phase, "number": "2", "price": price });
        acme.admin.post("/v1/units", &body).refused(422, "invalid", &pointer).await;
        let change = acme.admin.patch(&format!("/v1/units/{home}"), &json!({ "price": price })).await;
        change.refused(422, "invalid", &pointer).await;
        let contract = json!({ "unit_id": home, "price": price, "buyers": [{ "contact": { "name": "Jane Doe" } }] });
        vp.post("/v1/contracts", &contract).refused(422, "invalid", &pointer).await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn the_largest_price_that_can_be_kept_is_kept_to_the_cent() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let phase = acme.phase(&fusion).await;
    for (number, amount) in [("1", i64::MAX), ("2", 9_007_199_254_740_993), ("3", 0)] {
        let price = json!({ "amount_minor": amount, "currency": "USD" });
        let body = json!({ "project_id": fusion, "phase_id": phase, "number": number, "price": price });
        let id = acme.admin.post("/v1/units", &body).expect(201).await.id();
        let read = acme.admin.get(&format!("/v1/units/{id}")).expect(200).await;
        assert_eq!(read.json["price"]["amount_minor"], amount);
    }
}
