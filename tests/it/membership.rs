//! People of a tenant: roles, invitations, members, and the trail that they leave.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::Duration;
use keystead_audit::{Expect, verify};
use keystead_ids::PresetRole::{Admin, SalesAgent, VpSales};
use keystead_tenants::Clock;
use keystead_tests::{Options, PASSWORD, Person, World, count, token_mailed_to};
use serde_json::json;
use tokio::time::sleep;

/// The token of a mail that came after `old`.
async fn next_token(email: &str, old: &str) -> String {
    loop {
        let token = token_mailed_to(email, "ksi_").await;
        if token != old {
            return token;
        }
        sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn settings_and_roles_change_within_limits() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let admin = &acme.admin;
    let settings = admin.get("/v1/settings").expect(200).await;
    assert_eq!(settings.json["name"], "acme homes");
    let changed = admin
        .patch("/v1/settings", &json!({"name": "Acme", "locale": "de-DE", "currency": "EUR"}))
        .await
        .expect(200)
        .await;
    assert_eq!(changed.json["locale"], "de-DE");
    admin
        .call("PATCH", "/v1/settings")
        .header("if-match", &settings.etag())
        .json(&json!({"name": "X"}))
        .refused(412, "version-conflict", "")
        .await;
    admin.patch("/v1/settings", &json!({"locale": "klingon"})).await.refused(422, "invalid", "/locale").await;
    admin.patch("/v1/settings", &json!({"time_zone": "Mars/X"})).await.refused(422, "invalid", "/time_zone").await;

    let role = acme.role(Admin).await;
    let path = format!("/v1/roles/{role}");
    admin.patch(&path, &json!({"permissions": ["settings.read"]})).await.refused(422, "invalid", "/permissions").await;
    admin.patch(&path, &json!({"permissions": ["units.fly"]})).await.refused(422, "invalid", "/permissions/0").await;
    let viewer = acme.role(keystead_ids::PresetRole::Viewer).await;
    let edited = admin
        .patch(
            &format!("/v1/roles/{viewer}"),
            &json!({"title": "Guest", "permissions": ["contacts.reveal", "units.read"]}),
        )
        .await
        .expect(200)
        .await;
    assert_eq!(edited.json["permissions"], json!(["units.read", "contacts.reveal"]));
    assert_eq!(admin.get("/v1/roles?limit=2").expect(200).await.items().len(), 2);
}

#[tokio::test]
async fn a_login_that_is_made_in_the_meantime_is_found() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let role = acme.role(SalesAgent).await;
    let invitation = json!({"email": "dee@x.test", "role_id": role, "all_projects": true});
    acme.admin.post("/v1/invitations", &invitation).expect(201).await;
    let acceptance = json!({"token": token_mailed_to("dee@x.test", "ksi_").await, "name": "Dee", "password": PASSWORD});
    let accept = || world.call("POST", "/v1/invitations/accept").json(&acceptance);

    let (elsewhere, watch) = (world.database.superuser().await, world.database.superuser().await);
    let made = "BEGIN; INSERT INTO identity.identities (id, email, name, password_hash, created_at)
        SELECT gen_random_uuid(), 'dee@x.test', name, password_hash, created_at FROM identity.identities LIMIT 1";
    elsewhere.batch_execute(made).await.unwrap();
    let committed = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND query LIKE '%INSERT INTO identity.identities%' AND wait_event_type = 'Lock'";
        while count(&watch, waiting, &[]).await == 0 {
            sleep(std::time::Duration::from_millis(2)).await;
        }
        elsewhere.batch_execute("COMMIT").await.unwrap();
    };
    tokio::join!(accept().refused(409, "in-progress", ""), committed);
    accept().expect(201).await;
}

#[tokio::test]
async fn an_invitation_works_once_for_three_days() {
    let now = Arc::new(AtomicI64::new(0));
    let moved = Arc::clone(&now);
    let system = Clock::system();
    let clock = Clock::of(move || system.now() + Duration::seconds(moved.load(Ordering::SeqCst)));
    let world = World::at(Options::default(), clock).await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let role = acme.role(SalesAgent).await;
    let admin = &acme.admin;
    let invite = |email: &str| json!({"email": email, "role_id": role, "project_ids": [fusion]});

    for (body, pointer) in [
        (json!({"email": "a@x.test", "role_id": role}), "/project_ids"),
        (json!({"email": "a@x.test", "role_id": role, "all_projects": true, "project_ids": [fusion]}), "/project_ids"),
        (
            json!({"email": "a@x.test", "role_id": "rol_00000000000000000000000000000001", "all_projects": true}),
            "/role_id",
        ),
        (
            json!({"email": "a@x.test", "role_id": role, "project_ids": ["prj_00000000000000000000000000000001"]}),
            "/project_ids",
        ),
        (json!({"email": "a", "role_id": role, "all_projects": true}), "/email"),
    ] {
        admin.post("/v1/invitations", &body).refused(422, "invalid", pointer).await;
    }
    admin.post("/v1/invitations", &invite(&admin.email)).refused(409, "already-member", "").await;

    let accept = |token: &str, password: &str| {
        world
            .call("POST", "/v1/invitations/accept")
            .json(&json!({"token": token, "name": "Ann Lee", "password": password}))
    };
    let email = "ann@x.test";
    let answer =
        admin.call("POST", "/v1/invitations").header("idempotency-key", "k1").json(&invite(email)).expect(201).await;
    let again =
        admin.call("POST", "/v1/invitations").header("idempotency-key", "k1").json(&invite(email)).expect(201).await;
    assert_eq!(answer.id(), again.id());
    let token = token_mailed_to(email, "ksi_").await;
    let first_of_ann = token.clone();
    assert!(!answer.text.contains("ksi_") && !again.text.contains(&token));
    accept(&token, "short").refused(422, "invalid", "/password").await;
    accept("ksi_nonsense", PASSWORD).refused(404, "invitation-not-valid", "").await;
    let all = futures::future::join_all((0..6).map(|_| accept(&token, PASSWORD).send())).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1, "{all:?}");
    assert!(all.iter().all(|answer| [201, 404, 409].contains(&answer.status)), "{all:?}");
    accept(&token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    let ann = Person::enter(&world, "acme", email).await;
    assert_eq!(ann.get("/v1/projects").expect(200).await.items().len(), 1);
    let members = admin.get("/v1/members").expect(200).await;
    assert_eq!(members.items().len(), 2);
    assert_eq!(members.items()[0]["role"]["key"], "sales_agent");
    assert_eq!(members.items()[0]["project_ids"], json!([fusion]));

    // A second invitation revokes the first; revoked and expired links look the same.
    let first = admin.post("/v1/invitations", &invite("bob@x.test")).expect(201).await.id();
    let first_token = token_mailed_to("bob@x.test", "ksi_").await;
    let second = admin.post("/v1/invitations", &invite("bob@x.test")).expect(201).await.id();
    accept(&first_token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    let list = admin.get("/v1/invitations").expect(200).await;
    let state = |id: &str| list.items().iter().find(|i| i["id"] == id).unwrap()["state"].clone();
    assert_eq!((state(&first), state(&second)), (json!("revoked"), json!("open")));
    admin.call("DELETE", &format!("/v1/invitations/{second}")).expect(204).await;
    admin.call("DELETE", &format!("/v1/invitations/{second}")).expect(204).await;
    admin.call("DELETE", &format!("/v1/invitations/{}", answer.id())).refused(409, "invitation-accepted", "").await;

    admin.post("/v1/invitations", &invite("cat@x.test")).expect(201).await;
    let token = token_mailed_to("cat@x.test", "ksi_").await;
    now.store(72 * 3600 + 1, Ordering::SeqCst);
    accept(&token, PASSWORD).refused(404, "invitation-not-valid", "").await;

    // Somebody with a login elsewhere proves it by its password; who was removed comes back with the same id.
    now.store(0, Ordering::SeqCst);
    let beta = world.tenant("beta").await;
    let role_b = beta.role(VpSales).await;
    beta.admin
        .post("/v1/invitations", &json!({"email": email, "role_id": role_b, "all_projects": true}))
        .expect(201)
        .await;
    let token = next_token(email, &first_of_ann).await;
    accept(&token, "another-Lantern-7-meadow-drift").refused(403, "wrong-password", "").await;
    accept(&token, PASSWORD).expect(201).await;
    let ann_path = format!("/v1/members/{}", ann.member);
    beta.admin.get(&ann_path).refused(404, "not-found", "").await;
    admin.patch(&ann_path, &json!({"state": "removed"})).await.expect(200).await;
    ann.get("/v1/me").expect(401).await;
    admin.post("/v1/invitations", &json!({"email": email, "role_id": role, "all_projects": true})).expect(201).await;
    let token = next_token(email, &token).await;
    let back = accept(&token, PASSWORD).expect(201).await;
    assert_eq!(back.json["member_id"], ann.member.as_str());
    let shown = admin.get(&ann_path).expect(200).await;
    assert_eq!(
        (&shown.json["state"], &shown.json["all_projects"], &shown.json["project_ids"]),
        (&json!("active"), &json!(true), &json!([]))
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let viewer = acme.role(keystead_ids::PresetRole::Viewer).await;
    let mine = format!("/v1/members/{}", acme.admin.member);
    for change in [json!({"state": "removed"}), json!({"state": "suspended"}), json!({"role_id": viewer})] {
        acme.admin.patch(&mine, &change).await.refused(409, "last-administrator", "").await;
    }
    acme.admin.patch(&mine, &json!({"name": "Ada Lovelace"})).await.expect(200).await;
    let fusion = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let theirs = format!("/v1/members/{}", agent.member);
    let etag = acme.admin.get(&theirs).expect(200).await.etag();
    let other = acme.project("OTHER").await;
    let changed = acme
        .admin
        .call("PATCH", &theirs)
        .header("if-match", &etag)
        .json(&json!({"project_ids": [other]}))
        .expect(200)
        .await;
    assert_eq!(changed.json["project_ids"], json!([other]));
    assert_ne!(changed.etag(), etag);
    acme.admin
        .call("PATCH", &theirs)
        .header("if-match", &etag)
        .json(&json!({"project_ids": []}))
        .refused(412, "version-conflict", "")
        .await;
    acme.admin
        .patch(&theirs, &json!({"role_id": "rol_00000000000000000000000000000001"}))
        .await
        .refused(422, "invalid", "/role_id")
        .await;
    acme.admin
        .patch(&theirs, &json!({"project_ids": ["prj_00000000000000000000000000000001"]}))
        .await
        .refused(422, "invalid", "/project_ids")
        .await;
    agent.get("/v1/members").refused(403, "forbidden", "").await;

    // Two administrators who remove each other at once: one remains.
    for round in 0..5 {
        let second = acme.hire(Admin, &[]).await;
        let theirs = format!("/v1/members/{}", second.member);
        let demote_me = second.patch(&mine, &json!({"role_id": viewer})).await;
        let demote_them = acme.admin.patch(&theirs, &json!({"state": "suspended"})).await;
        let (a, b) = futures::future::join(demote_me.send(), demote_them.send()).await;
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert!(statuses[0] == 200 && [401, 403, 409].contains(&statuses[1]), "round {round}: {a:?} {b:?}");
        if a.status == 200 {
            return;
        }
    }
}

#[tokio::test]
async fn the_trail_lists_and_exports_everything() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let vp = acme.hire(VpSales, &[&fusion]).await;
    let admin = &acme.admin;
    let of_agent = admin.get(&format!("/v1/audit/events?object_id={}", agent.member)).expect(200).await;
    assert_eq!(of_agent.items().len(), 1, "{}", of_agent.text);
    assert_eq!(of_agent.items()[0]["actor"]["kind"], "invitation");
    assert_eq!(of_agent.items()[0]["object"]["id"], agent.member.as_str());
    let invited = admin
        .get(&format!("/v1/audit/events?actor={}&object_kind=invitation&action=invitation.created", admin.member))
        .expect(200)
        .await;
    assert_eq!(invited.items().len(), 2);
    assert_eq!(invited.items()[0]["actor"]["name"], "Ada Admin");
    assert!(!invited.text.contains("token"), "{}", invited.text);
    admin.get("/v1/audit/events?object_id=nonsense").refused(422, "invalid", "object_id").await;
    admin.get("/v1/audit/events?actor=usr_1").refused(422, "invalid", "actor").await;
    admin.get("/v1/audit/events?colour=red").refused(422, "invalid", "").await;
    agent.get("/v1/audit/events").refused(403, "forbidden", "").await;
    // A scoped reader sees the project's events only, and no export.
    let scoped = vp.get("/v1/audit/events").expect(200).await;
    assert!(scoped.items().iter().all(|event| event["project_id"] == fusion.as_str()), "{}", scoped.text);
    vp.get("/v1/audit/export").refused(403, "forbidden", "").await;

    let page = admin.get("/v1/audit/events?limit=3").expect(200).await;
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let next = admin.get(&format!("/v1/audit/events?limit=3&cursor={cursor}")).expect(200).await;
    assert_ne!(page.items()[2]["id"], next.items()[0]["id"]);

    // More than two pages of the export.
    let database = world.database.superuser().await;
    let many = "INSERT INTO audit.events (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, request_id, after)
        SELECT t.id, audit.uuid_v7(), 'member', gen_random_uuid(), 'unit.created', 'unit', gen_random_uuid(), gen_random_uuid(), '{\"name\":\"\u{fc}\\n\\\"\"}'
        FROM platform.tenants t, generate_series(1, 2500)";
    database.batch_execute(many).await.unwrap();
    while world.app.db.worker().sequence_audit(1_000).await.unwrap() > 0 {}
    let head = admin.get("/v1/audit/head").expect(200).await;
    let export = admin.get("/v1/audit/export").expect(200).await;
    assert_eq!(export.headers["content-type"], "application/x-ndjson");
    let report = verify(export.text.as_bytes(), Expect::default()).expect("verifies");
    assert_eq!(report.events, head.json["n"].as_u64().unwrap());
    assert!(report.events > 2500);
    assert_eq!(report.head.hash.to_string(), head.json["hash"].as_str().unwrap());
}

#[tokio::test]
async fn who_works_in_two_projects_sees_both_and_no_third() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (fusion, harbor) = (acme.project("FUSION").await, acme.project("HARBOR").await);
    let other = acme.project("OTHER").await;
    for project in [&fusion, &harbor, &other] {
        acme.unit(project, "101").await;
    }
    let agent = acme.hire(SalesAgent, &[&fusion, &harbor]).await;
    let listed = async |path: &str, of: &str| {
        let items = agent.get(path).expect(200).await.json["items"].take();
        let mut ids: Vec<String> =
            items.as_array().unwrap().iter().map(|item| item[of].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let mut both = vec![fusion, harbor];
    both.sort();
    assert_eq!(listed("/v1/projects", "id").await, both);
    assert_eq!(listed("/v1/units", "project_id").await, both);
    agent.get(&format!("/v1/projects/{other}")).expect(404).await;
}
