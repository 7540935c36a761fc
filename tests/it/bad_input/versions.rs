//! `If-Match`.

use keystead_ids::PresetRole::{SalesAgent, Viewer, VpSales};
use keystead_tests::{Person, Tenant, World};
use serde_json::{Value, json};

use crate::rows::Rows;

/// One of every resource that can be changed: who changes it, where it is, and two changes.
async fn changeable(acme: &Tenant<'_>) -> Vec<(Person, String, Value, Value)> {
    let admin = &acme.admin;
    let fusion = acme.project("FUSION").await;
    let phase = acme.phase(&fusion).await;
    let unit = acme.unit_in(&fusion, &phase, "1").await;
    let new = async |path: &str, body: Value| admin.post(path, &body).expect(201).await.id();
    let building = new("/v1/buildings", json!({ "project_id": fusion, "name": "B" })).await;
    let plan = new("/v1/plans", json!({ "project_id": fusion, "code": "P", "name": "Plan" })).await;
    let elevation = json!({ "project_id": fusion, "plan_id": plan, "code": "E", "name": "Elevation" });
    let elevation = new("/v1/elevations", elevation).await;
    let vp = acme.hire(VpSales, &[]).await;
    let contact = vp.post("/v1/contacts", &json!({ "project_id": fusion, "name": "Jane Doe" })).expect(201).await.id();
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let role = acme.role(Viewer).await;
    let named = |field: &str| (json!({ field: "First" }), json!({ field: "Second" }));
    let by_admin = |path: String, field: &str| {
        let (first, second) = named(field);
        (admin.clone(), path, first, second)
    };
    let (first, second) = (json!({ "name": "Jane First" }), json!({ "name": "Jane Second" }));
    vec![
        by_admin("/v1/settings".into(), "name"),
        by_admin(format!("/v1/roles/{role}"), "title"),
        by_admin(format!("/v1/members/{}", agent.member), "name"),
        by_admin(format!("/v1/projects/{fusion}"), "name"),
        by_admin(format!("/v1/phases/{phase}"), "name"),
        by_admin(format!("/v1/buildings/{building}"), "name"),
        by_admin(format!("/v1/plans/{plan}"), "name"),
        by_admin(format!("/v1/elevations/{elevation}"), "name"),
        by_admin(format!("/v1/units/{unit}"), "address"),
        (vp, format!("/v1/contacts/{contact}"), first, second),
    ]
}

#[tokio::test]
async fn every_change_says_which_version_it_saw() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let all = changeable(&acme).await;
    let rows = Rows::of(&world).await;
    for (who, path, change, _) in &all {
        let etag = who.get(path).expect(200).await.etag();
        who.call("PATCH", path).json(change).refused(428, "version-required", "").await;
        let number = etag.trim_matches('"');
        for malformed in [
            "",
            "*",
            number,
            &format!("W/{etag}"),
            &format!("{etag}, \"7\""),
            "\"x\"",
            "\"\"",
            "\"99999999999999999999\"",
            "\"1' OR '1'='1\"",
        ] {
            let call = who.call("PATCH", path).header("if-match", malformed).json(change);
            call.refused(422, "invalid", "If-Match").await;
        }
        for other in ["\"0\"", "\"-1\"", "\"999\""] {
            let call = who.call("PATCH", path).header("if-match", other).json(change);
            let answer = call.refused(412, "version-conflict", "").await;
            assert_eq!(answer.json["current_version"].to_string(), number, "{path}");
        }
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn of_two_changes_to_one_version_the_second_is_refused_and_told_the_version() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    for (who, path, first, second) in changeable(&acme).await {
        let etag = who.get(&path).expect(200).await.etag();
        let changed = who.call("PATCH", &path).header("if-match", &etag).json(&first).expect(200).await;
        assert_ne!(changed.etag(), etag, "{path}");
        let rows = Rows::of(&world).await;
        let answer =
            who.call("PATCH", &path).header("if-match", &etag).json(&second).refused(412, "version-conflict", "").await;
        assert_eq!(format!("\"{}\"", answer.json["current_version"]), changed.etag(), "{path}");
        rows.unchanged().await;
        who.call("PATCH", &path).header("if-match", &changed.etag()).json(&second).expect(200).await;
    }
}

#[tokio::test]
async fn of_many_changes_at_once_exactly_one_is_made() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let path = format!("/v1/projects/{fusion}");
    let etag = acme.admin.get(&path).expect(200).await.etag();
    let changes = (0..12).map(|n| {
        let body = json!({ "name": format!("Name {n}") });
        acme.admin.call("PATCH", &path).header("if-match", &etag).json(&body).send()
    });
    let statuses: Vec<u16> = futures::future::join_all(changes).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
}
