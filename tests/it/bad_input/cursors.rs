//! Cursors and page parameters.

use chrono::Duration;
use keystead_tests::{Options, Person, World};

use crate::time::Time;

#[tokio::test]
async fn a_cursor_is_good_for_its_tenant_its_list_and_its_filters_only() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let fusion = acme.project("FUSION").await;
    let phase = acme.phase(&fusion).await;
    for number in ["1", "2", "3"] {
        acme.unit_in(&fusion, &phase, number).await;
    }
    let list = format!("/v1/units?project_id={fusion}");
    let page = acme.admin.get(&format!("{list}&limit=1")).expect(200).await;
    let cursor = page.json["next_cursor"].as_str().unwrap().to_owned();
    let next = acme.admin.get(&format!("{list}&limit=2&cursor={cursor}")).expect(200).await;
    assert_eq!(next.items().len(), 2);
    assert!(next.json["next_cursor"].is_null());

    let refused = async |who: &Person, path: String| {
        let answer = who.get(&path).refused(422, "invalid", "cursor").await;
        assert!(!answer.text.contains(&fusion));
    };
    refused(&rival.admin, format!("{list}&cursor={cursor}")).await;
    refused(&acme.admin, format!("/v1/units?cursor={cursor}")).await;
    refused(&acme.admin, format!("{list}&status=available&cursor={cursor}")).await;
    refused(&acme.admin, format!("/v1/phases?project_id={fusion}&cursor={cursor}")).await;
    for place in 0..cursor.len() {
        let other = if &cursor[place..=place] == "A" { "B" } else { "A" };
        let forged = format!("{}{other}{}", &cursor[..place], &cursor[place + 1..]);
        refused(&acme.admin, format!("{list}&cursor={forged}")).await;
    }
    for garbage in ["x", "%00", "null", "AAAA", &cursor[1..], &format!("{cursor}A"), &"A".repeat(5_000), "1%20OR%201=1"]
    {
        refused(&acme.admin, format!("{list}&cursor={garbage}")).await;
    }
    refused(&acme.admin, format!("{list}&cursor={cursor}&cursor={cursor}")).await;
}

#[tokio::test]
async fn a_cursor_ends_after_a_day() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    acme.project("ONE").await;
    acme.project("TWO").await;
    let page = acme.admin.get("/v1/projects?limit=1").expect(200).await;
    let next = format!("/v1/projects?limit=1&cursor={}", page.json["next_cursor"].as_str().unwrap());
    time.pass(Duration::seconds(24 * 3_600 - 1));
    let admin = Person::enter(&world, "acme", &acme.admin.email).await;
    admin.get(&next).expect(200).await;
    time.pass(Duration::seconds(1));
    admin.get(&next).refused(422, "invalid", "cursor").await;
}

#[tokio::test]
async fn page_parameters_out_of_bounds_or_unknown_are_named() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    for path in
        ["/v1/projects", "/v1/units", "/v1/contacts", "/v1/contracts", "/v1/members", "/v1/audit/events", "/v1/imports"]
    {
        for limit in ["0", "201", "-1", "1.5", "ten", "%20", "99999999999999999999"] {
            acme.admin.get(&format!("{path}?limit={limit}")).refused(422, "invalid", "limit").await;
        }
        acme.admin.get(&format!("{path}?limit=1&limit=2")).refused(422, "invalid", "limit").await;
        acme.admin.get(&format!("{path}?tenant_id=1")).refused(422, "invalid", "tenant_id").await;
    }
    for (query, pointer) in [
        ("status=sold", "status"),
        ("project_id=fusion", "project_id"),
        ("project_id=%20", "project_id"),
        ("number=%00", "number"),
        ("number=%FF", ""),
        ("project_id=prj_00000000000000000000000000000000%27--", "project_id"),
    ] {
        let call = acme.admin.get(&format!("/v1/units?{query}"));
        if pointer.is_empty() {
            let answer = call.send().await;
            assert!(matches!(answer.status, 200 | 422), "{}", answer.text);
        } else {
            call.refused(422, "invalid", pointer).await;
        }
    }
}
