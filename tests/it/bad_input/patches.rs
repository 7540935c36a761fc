//! A field of a patch that is absent stays, null clears, a value sets.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::{Person, World};
use serde_json::{Value, json};

use crate::rows::Rows;

/// Takes a field through set, absent, cleared, absent; all other fields stay as they were. `shown` is what a value becomes.
async fn three_states(who: &Person, path: &str, field: &str, value: &Value, shown: &Value) {
    let before = who.get(path).expect(200).await.json;
    let patched = async |change: Value| {
        let answer = who.patch(path, &change).await.expect(200).await;
        let read = who.get(path).expect(200).await;
        assert_eq!((&read.json, read.etag()), (&answer.json, answer.etag()), "{path} {change}");
        answer.json
    };
    let with = |now: &Value| {
        let mut expected = before.clone();
        expected[field] = now.clone();
        // Where a home stands follows from other fields.
        expected.as_object_mut().unwrap().remove("status");
        expected
    };
    let without_status = |mut answer: Value| {
        answer.as_object_mut().unwrap().remove("status");
        answer
    };
    for (change, now) in [
        (json!({ field: value }), shown),
        (json!({}), shown),
        (json!({ field: null }), &Value::Null),
        (json!({}), &Value::Null),
        (json!({ field: null }), &Value::Null),
        (json!({ field: value }), shown),
    ] {
        assert_eq!(without_status(patched(change.clone()).await), with(now), "{path} after {change}");
    }
    patched(json!({ field: null })).await;
}

#[tokio::test]
async fn every_field_of_a_home_that_may_be_empty_can_be_kept_cleared_and_set() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let admin = &acme.admin;
    let fusion = acme.project("FUSION").await;
    let home = format!("/v1/units/{}", acme.unit(&fusion, "1").await);
    let new = async |path: &str, body: Value| json!(admin.post(path, &body).expect(201).await.id());
    let building = new("/v1/buildings", json!({ "project_id": fusion, "name": "B" })).await;
    let plan = new("/v1/plans", json!({ "project_id": fusion, "code": "P", "name": "Plan" })).await;
    let elevation = json!({ "project_id": fusion, "plan_id": plan, "code": "E", "name": "Elevation" });
    let elevation = new("/v1/elevations", elevation).await;
    for (field, value) in [
        ("building_id", building),
        ("plan_id", plan.clone()),
        ("floor", json!(-1)),
        ("address", json!("1 Main St")),
        ("parcel", json!("0526-301-100")),
        ("bedrooms", json!(0)),
        ("square_feet", json!(1_656)),
        ("not_for_sale_reason", json!("model home")),
    ] {
        three_states(admin, &home, field, &value, &value).await;
    }
    admin.patch(&home, &json!({ "elevation_id": elevation })).await.refused(422, "invalid", "/elevation_id").await;
    admin.patch(&home, &json!({ "plan_id": plan })).await.expect(200).await;
    three_states(admin, &home, "elevation_id", &elevation, &elevation).await;
    admin.patch(&home, &json!({ "elevation_id": elevation })).await.expect(200).await;
    admin.patch(&home, &json!({ "plan_id": null })).await.refused(422, "invalid", "/elevation_id").await;
    admin.patch(&home, &json!({ "plan_id": null, "elevation_id": null })).await.expect(200).await;
}

#[tokio::test]
async fn what_belongs_to_the_layout_can_be_kept_cleared_and_set() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let admin = &acme.admin;
    let fusion = acme.project("FUSION").await;
    let phase = format!("/v1/phases/{}", acme.phase(&fusion).await);
    let released = json!("2021-02-03T04:05:06Z");
    three_states(admin, &phase, "released_at", &released, &released).await;
    let building = admin.post("/v1/buildings", &json!({ "project_id": fusion, "name": "B" })).expect(201).await.id();
    three_states(admin, &format!("/v1/buildings/{building}"), "floors", &json!(3), &json!(3)).await;
    let plan =
        admin.post("/v1/plans", &json!({ "project_id": fusion, "code": "P", "name": "Plan" })).expect(201).await.id();
    for field in ["bedrooms", "bathrooms", "half_bathrooms", "square_feet"] {
        three_states(admin, &format!("/v1/plans/{plan}"), field, &json!(2), &json!(2)).await;
    }
}

#[tokio::test]
async fn every_field_of_a_contact_that_may_be_empty_can_be_kept_cleared_and_set() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let vp = acme.hire(VpSales, &[]).await;
    let jane = vp.post("/v1/contacts", &json!({ "project_id": fusion, "name": "Jane Doe" })).expect(201).await.id();
    let path = format!("/v1/contacts/{jane}");
    for (field, value, plain) in [
        ("email", json!("Jane@Doe.test"), json!("jane@doe.test")),
        ("phone", json!("(512) 555-0123"), json!("+15125550123")),
        (
            "address",
            json!({ "city": "Austin", "region": "TX" }),
            json!({ "line1": "", "line2": "", "city": "Austin", "region": "TX", "postal_code": "", "country": "" }),
        ),
        ("date_of_birth", json!("1984-02-29"), json!("1984-02-29")),
    ] {
        let masked = vp.patch(&path, &json!({ field: value })).await.expect(200).await.json[field].clone();
        assert!(masked.is_string() && masked != plain, "{field} is masked: {masked}");
        let reveal = json!({ "fields": [field], "purpose": "checking the file" });
        let shown = vp.post(&format!("{path}/reveal"), &reveal).expect(200).await;
        assert_eq!(shown.json[field], plain);
        vp.patch(&path, &json!({ field: null })).await.expect(200).await;
        three_states(&vp, &path, field, &value, &masked).await;
        let shown = vp.post(&format!("{path}/reveal"), &reveal).expect(200).await;
        assert_eq!(shown.json[field], Value::Null);
    }
}

#[tokio::test]
async fn a_field_that_may_not_be_empty_cannot_be_cleared_and_one_that_may_not_change_cannot_be_named() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let other = acme.project("OTHER").await;
    let phase = acme.phase(&fusion).await;
    let home = acme.unit_in(&fusion, &phase, "1").await;
    let foreign_phase = acme.phase(&other).await;
    let vp = acme.hire(VpSales, &[]).await;
    let jane = vp.post("/v1/contacts", &json!({ "project_id": fusion, "name": "Jane Doe" })).expect(201).await.id();
    let admin = &acme.admin;
    let rows = Rows::of(&world).await;
    for (who, path, change, pointer) in [
        (admin, format!("/v1/units/{home}"), json!({ "number": null }), "/number"),
        (admin, format!("/v1/units/{home}"), json!({ "phase_id": null }), "/phase_id"),
        (admin, format!("/v1/units/{home}"), json!({ "price": null }), "/price"),
        (admin, format!("/v1/units/{home}"), json!({ "phase_id": foreign_phase }), "/phase_id"),
        (admin, format!("/v1/units/{home}"), json!({ "project_id": other }), "/project_id"),
        (admin, format!("/v1/units/{home}"), json!({ "status": "available" }), "/status"),
        (admin, format!("/v1/units/{home}"), json!({ "sale_stage": null }), "/sale_stage"),
        (admin, format!("/v1/units/{home}"), json!({ "floor": 201 }), "/floor"),
        (admin, format!("/v1/units/{home}"), json!({ "bedrooms": -1 }), "/bedrooms"),
        (admin, format!("/v1/units/{home}"), json!({ "square_feet": 0 }), "/square_feet"),
        (admin, format!("/v1/phases/{phase}"), json!({ "name": null }), "/name"),
        (admin, format!("/v1/phases/{phase}"), json!({ "released_at": "soon" }), "/released_at"),
        (admin, format!("/v1/phases/{phase}"), json!({ "released_at": "-5000-01-01T00:00:00Z" }), "/released_at"),
        (admin, format!("/v1/projects/{fusion}"), json!({ "name": null }), "/name"),
        (admin, format!("/v1/projects/{fusion}"), json!({ "currency": "EUR" }), "/currency"),
        (admin, format!("/v1/projects/{fusion}"), json!({ "state": "sold" }), "/state"),
        (&vp, format!("/v1/contacts/{jane}"), json!({ "name": null }), "/name"),
        (&vp, format!("/v1/contacts/{jane}"), json!({ "project_id": other }), "/project_id"),
        (&vp, format!("/v1/contacts/{jane}"), json!({ "row_version": 9 }), "/row_version"),
    ] {
        who.patch(&path, &change).await.refused(422, "invalid", pointer).await;
    }
    rows.unchanged().await;
}
