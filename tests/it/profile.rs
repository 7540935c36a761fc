//! What everybody may do about themselves, whatever their role: see and end their sessions, change name and password.

use chrono::Duration;
use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::{Answer, Call, Options, PASSWORD, Person, World};
use serde_json::{Value, json};

use crate::time::Time;

const ANOTHER: &str = "another-Harbour-7-lantern";

fn login(world: &World, email: &str, password: &str) -> Call {
    let body = json!({ "tenant": "acme", "email": email, "password": password, "client": "native" });
    world.call("POST", "/v1/auth/login").json(&body)
}

fn ids(sessions: &Answer) -> Vec<String> {
    sessions.items().iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn people_see_their_own_sessions_with_what_tells_the_device_and_no_whole_address() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let agent = acme.hire(SalesAgent, &[]).await;
    time.pass(Duration::minutes(1));
    let phone = login(&world, &agent.email, PASSWORD).header("user-agent", "Phone/1").expect(200).await;
    let sessions = agent.get("/v1/me/sessions").expect(200).await;
    let [newest, oldest] = sessions.items() else { panic!("{}", sessions.text) };
    assert_eq!((&newest["user_agent"], &newest["current"]), (&json!("Phone/1"), &json!(false)));
    assert_eq!((&newest["network"], &oldest["current"]), (&json!("127.0.0.0/24"), &json!(true)));
    assert!(oldest["created_at"].as_str() < newest["created_at"].as_str());
    assert!(!sessions.text.contains("127.0.0.1"), "{}", sessions.text);

    // It is at work as long as it refreshes.
    time.pass(Duration::minutes(28));
    let refresh = json!({ "refresh_token": phone.json["refresh_token"] });
    let phone = world.call("POST", "/v1/auth/refresh").json(&refresh).expect(200).await;
    let token = phone.json["access_token"].as_str().unwrap();
    let of_phone = async || world.call("GET", "/v1/me/sessions").bearer(token).expect(200).await;
    assert_eq!(of_phone().await.items().len(), 2);
    time.pass(Duration::minutes(2));
    let sessions = of_phone().await;
    assert_eq!(sessions.items().len(), 1, "the idle one is over: {}", sessions.text);
    assert_eq!(sessions.items()[0]["current"], true);
    assert!(sessions.items()[0]["last_used_at"].as_str() > sessions.items()[0]["created_at"].as_str());
}

#[tokio::test]
async fn people_end_their_own_sessions_and_nobody_elses() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let viewer = acme.hire(Viewer, &[]).await;
    let phone = Person::enter(&world, "acme", &viewer.email).await;
    let tablet = Person::enter(&world, "acme", &viewer.email).await;
    let of_admin = ids(&acme.admin.get("/v1/me/sessions").expect(200).await)[0].clone();
    viewer.call("DELETE", &format!("/v1/me/sessions/{of_admin}")).refused(404, "not-found", "").await;
    acme.admin.get("/v1/me").expect(200).await;

    let sessions = ids(&viewer.get("/v1/me/sessions").expect(200).await);
    assert_eq!(sessions.len(), 3);
    let of_phone = phone.get("/v1/me").expect(200).await.json["session_id"].as_str().unwrap().to_owned();
    viewer.call("DELETE", &format!("/v1/me/sessions/{of_phone}")).expect(204).await;
    viewer.call("DELETE", &format!("/v1/me/sessions/{of_phone}")).refused(404, "not-found", "").await;
    phone.get("/v1/me").refused(401, "unauthenticated", "").await;
    tablet.get("/v1/me").expect(200).await;

    viewer.call("POST", "/v1/me/sessions/end-others").expect(204).await;
    tablet.get("/v1/me").refused(401, "unauthenticated", "").await;
    let refresh = json!({ "refresh_token": tablet.refresh });
    world.call("POST", "/v1/auth/refresh").json(&refresh).refused(401, "session-ended", "").await;
    assert_eq!(viewer.get("/v1/me/sessions").expect(200).await.items().len(), 1);
    acme.admin.get("/v1/me").expect(200).await;
}

#[tokio::test]
async fn another_password_needs_the_current_one_and_ends_every_other_session() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let viewer = acme.hire(Viewer, &[]).await;
    let phone = Person::enter(&world, "acme", &viewer.email).await;
    let change = |current: &str, new: &str| {
        viewer.post("/v1/me/password", &json!({ "current_password": current, "new_password": new }))
    };
    change("granite-Window-4-orchard", ANOTHER).refused(422, "invalid", "/current_password").await;
    change(PASSWORD, "password1").refused(422, "invalid", "/new_password").await;
    change(PASSWORD, PASSWORD).refused(422, "invalid", "/new_password").await;
    phone.get("/v1/me").expect(200).await;

    change(PASSWORD, ANOTHER).expect(204).await;
    phone.get("/v1/me").refused(401, "unauthenticated", "").await;
    viewer.get("/v1/me").expect(200).await;
    acme.admin.get("/v1/me").expect(200).await;
    login(&world, &viewer.email, PASSWORD).refused(401, "login-failed", "").await;
    login(&world, &viewer.email, ANOTHER).expect(200).await;
}

#[tokio::test]
async fn guesses_at_the_current_password_are_counted_as_logins_are() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let guess = json!({ "current_password": "granite-Window-4-orchard", "new_password": ANOTHER });
    for _ in 0..5 {
        acme.admin.post("/v1/me/password", &guess).refused(422, "invalid", "/current_password").await;
    }
    acme.admin.post("/v1/me/password", &guess).refused(429, "too-many-failures", "").await;
    login(&world, &acme.admin.email, PASSWORD).refused(429, "too-many-failures", "").await;
}

#[tokio::test]
async fn whoever_is_a_member_changes_their_own_name_and_how_things_are_shown() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let viewer = acme.hire(Viewer, &[]).await;
    let before = viewer.get("/v1/me").expect(200).await;
    assert_eq!((&before.json["locale"], &before.json["time_zone"]), (&Value::Null, &Value::Null));
    let body = json!({ "name": "Vi Viewer", "locale": "es-US", "time_zone": "America/Denver" });
    let after = viewer.patch("/v1/me", &body).await.expect(200).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&after.json[field], value);
    }
    assert_ne!(after.etag(), before.etag());
    assert_eq!(viewer.get("/v1/me").expect(200).await.json, after.json);
    let cleared = viewer.patch("/v1/me", &json!({ "locale": null })).await.expect(200).await;
    assert_eq!((&cleared.json["locale"], &cleared.json["time_zone"]), (&Value::Null, &json!("America/Denver")));

    let stale = viewer.call("PATCH", "/v1/me").header("if-match", &before.etag()).json(&json!({ "name": "Late" }));
    stale.refused(412, "version-conflict", "").await;
    for (body, pointer) in [
        (json!({ "locale": "klingon" }), "/locale"),
        (json!({ "time_zone": "Mars/Olympus" }), "/time_zone"),
        (json!({ "name": "" }), "/name"),
        (json!({ "role_id": "rol_0197f0a1b2c37d4e8f90a1b2c3d4e5f6" }), "/role_id"),
    ] {
        viewer.patch("/v1/me", &body).await.refused(422, "invalid", pointer).await;
    }

    let member = acme.admin.get(&format!("/v1/members/{}", viewer.member)).expect(200).await;
    assert_eq!(member.json["name"], "Vi Viewer", "colleagues see it");
    let events = acme.admin.get(&format!("/v1/audit/events?object_id={}", viewer.member)).expect(200).await;
    let newest = &events.items()[0];
    assert_eq!((&newest["action"], &newest["actor"]["id"]), (&json!("member.updated"), &json!(viewer.member)));
    assert_eq!(newest["before"], json!({ "locale": "es-US" }));
}
