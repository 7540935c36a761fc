//! `Idempotency-Key`.

use keystead_ids::PresetRole::{Admin, SalesAgent};
use keystead_tests::{Call, Person, World};
use serde_json::{Value, json};

use crate::rows::{Rows, count};

fn keyed(who: &Person, path: &str, key: &str, body: &Value) -> Call {
    who.post(path, body).header("idempotency-key", key)
}

fn project(code: &str) -> Value {
    json!({ "code": code, "name": "Fusion", "time_zone": "UTC", "currency": "USD" })
}

#[tokio::test]
async fn a_write_that_is_sent_twice_happens_once_and_is_answered_the_same() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let home = acme.unit(&fusion, "1").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let phase = json!({ "project_id": fusion, "name": "Phase" });
    let phase_id = keyed(&acme.admin, "/v1/phases", "phase", &phase).expect(201).await.id();
    let price = json!({ "amount_minor": 1, "currency": "USD" });
    let role = acme.role(SalesAgent).await;
    let writes = [
        (&acme.admin, "/v1/phases", "phase", phase),
        (&acme.admin, "/v1/projects", "project", project("NEW")),
        (&acme.admin, "/v1/buildings", "building", json!({ "project_id": fusion, "name": "B" })),
        (&acme.admin, "/v1/plans", "plan", json!({ "project_id": fusion, "code": "P", "name": "Plan" })),
        (
            &acme.admin,
            "/v1/units",
            "unit",
            json!({ "project_id": fusion, "phase_id": phase_id, "number": "9", "price": price }),
        ),
        (
            &acme.admin,
            "/v1/invitations",
            "invitation",
            json!({ "email": "new@acme.test", "role_id": role, "all_projects": true }),
        ),
        (
            &agent,
            "/v1/contacts",
            "contact",
            json!({ "project_id": fusion, "name": "Jane Doe", "email": "jane@doe.test" }),
        ),
        (
            &agent,
            "/v1/contracts",
            "contract",
            json!({ "unit_id": home, "buyers": [{ "contact": { "name": "John Roe" } }] }),
        ),
    ];
    for (who, path, key, body) in &writes {
        let first = keyed(who, path, key, body).expect(201).await;
        let rows = Rows::of(&world).await;
        let second = keyed(who, path, key, body).expect(201).await;
        assert_eq!(second.json, first.json, "{path}");
        let mut other = body.clone();
        other["name"] = "Another".into();
        keyed(who, path, key, &other).send().await;
        rows.unchanged().await;
    }
    let kept: String = {
        let superuser = world.database.superuser().await;
        superuser.query_one("SELECT string_agg(body::text, '') FROM app.idempotency_keys", &[]).await.unwrap().get(0)
    };
    assert!(
        !kept.contains("Jane") && !kept.contains("Roe") && !kept.contains("doe.test"),
        "kept answers are masked: {kept}"
    );
}

#[tokio::test]
async fn a_key_is_good_for_one_request_of_one_member() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let other = acme.hire(Admin, &[]).await;
    keyed(&acme.admin, "/v1/projects", "key", &project("ONE")).expect(201).await;
    let rows = Rows::of(&world).await;
    keyed(&acme.admin, "/v1/projects", "key", &project("TWO")).refused(422, "invalid", "Idempotency-Key").await;
    let fusion = json!({ "project_id": format!("prj_{}", "0".repeat(32)), "name": "Phase" });
    keyed(&acme.admin, "/v1/phases", "key", &fusion).refused(422, "invalid", "Idempotency-Key").await;
    for bad in ["", " ", "a b", &"k".repeat(201), "ключ"] {
        keyed(&acme.admin, "/v1/projects", bad, &project("TWO")).refused(422, "invalid", "Idempotency-Key").await;
    }
    rows.unchanged().await;
    keyed(&other, "/v1/projects", "key", &project("TWO")).expect(201).await;
    keyed(&acme.admin, "/v1/projects", &"k".repeat(200), &project("THREE")).expect(201).await;
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    keyed(&acme.admin, "/v1/projects", "key", &project("not a code")).refused(422, "invalid", "/code").await;
    keyed(&acme.admin, "/v1/projects", "key", &project("CODE")).expect(201).await;
}

#[tokio::test]
async fn many_repeats_at_once_make_one_row() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let body = json!({ "project_id": fusion, "name": "Jane Doe" });
    let repeats = (0..10).map(|_| keyed(&agent, "/v1/contacts", "key", &body).send());
    let answers = futures::future::join_all(repeats).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!made.is_empty() && made.iter().all(|answer| answer.json == made[0].json));
    for answer in &answers {
        assert!(answer.status == 201 || answer.json["type"] == "urn:keystead:problem:in-progress", "{}", answer.text);
    }
    assert_eq!(count(&world, "SELECT count(*) FROM app.contacts").await, 1);
    assert_eq!(count(&world, "SELECT count(*) FROM app.subject_keys").await, 1);
}
