//! Logging in, staying so, and ceasing to be.

use std::time::{Duration as Wait, Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use keystead_api::jobs::{add_key, load_ring};
use keystead_ids::PresetRole::{SalesAgent, Viewer, VpSales};
use keystead_tests::{Answer, Call, Options, PASSWORD, Person, World};
use serde_json::{Value, json};

use crate::{rows::count, time::Time};

const WRONG: &str = "granite-Window-4-orchard";

fn login(world: &World, tenant: &str, email: &str, password: &str) -> Call {
    let body = json!({ "tenant": tenant, "email": email, "password": password, "client": "native" });
    world.call("POST", "/v1/auth/login").json(&body)
}

fn refresh(world: &World, token: &str) -> Call {
    world.call("POST", "/v1/auth/refresh").json(&json!({ "refresh_token": token }))
}

fn refresh_token(answer: &Answer) -> String {
    answer.json["refresh_token"].as_str().unwrap().to_owned()
}

/// What a client may compare: all but the request's id.
fn shape(answer: &Answer) -> (u16, Value, Vec<String>) {
    let mut json = answer.json.clone();
    json.as_object_mut().unwrap().remove("instance");
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (answer.status, json, headers)
}

/// Asks again until the answer has this status; panics when it takes longer than a revocation may.
async fn within_five_seconds(who: &Person, path: &str, status: u16) -> Answer {
    let deadline = Instant::now() + Wait::from_secs(6);
    loop {
        let answer = who.get(path).send().await;
        if answer.status == status {
            return answer;
        }
        assert!(Instant::now() < deadline, "{path} still answers {}", answer.text);
        tokio::time::sleep(Wait::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_login_that_fails_does_not_tell_why() {
    let world = World::new().await;
    let (acme, _rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (removed, suspended) = (acme.hire(SalesAgent, &[]).await, acme.hire(SalesAgent, &[]).await);
    for (person, state) in [(&removed, "removed"), (&suspended, "suspended")] {
        acme.admin.patch(&format!("/v1/members/{}", person.member), &json!({ "state": state })).await.expect(200).await;
    }
    let nobody = login(&world, "acme", "nobody@acme.test", WRONG).refused(401, "login-failed", "").await;
    let email = acme.admin.email.as_str();
    for (tenant, email, password) in [
        ("acme", email, WRONG),
        ("acme", email, ""),
        ("rival", email, PASSWORD),
        ("no-such-tenant", email, PASSWORD),
        ("Not A Slug", email, PASSWORD),
        ("acme", removed.email.as_str(), PASSWORD),
        ("acme", suspended.email.as_str(), PASSWORD),
        ("acme", "operator@keystead.test", PASSWORD),
    ] {
        let answer = login(&world, tenant, email, password).refused(401, "login-failed", "").await;
        assert_eq!(shape(&answer), shape(&nobody), "{email} in {tenant}");
    }
    let console = json!({ "email": email, "password": PASSWORD });
    let answer = world.call("POST", "/v1/auth/login").json(&console).refused(401, "login-failed", "").await;
    assert_eq!(shape(&answer), shape(&nobody), "a member is no operator");
}

#[tokio::test]
async fn five_failures_are_free_and_then_the_wait_doubles_whether_or_not_anybody_has_the_address() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    for email in [acme.admin.email.as_str(), "nobody@acme.test"] {
        for _ in 0..5 {
            login(&world, "acme", email, WRONG).refused(401, "login-failed", "").await;
        }
        for wait in [1, 2, 4, 8, 16] {
            let held = login(&world, "acme", email, WRONG).refused(429, "too-many-failures", "").await;
            let retry_after: i64 = held.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((wait..=wait + 1).contains(&retry_after), "{wait}: {retry_after}");
            time.pass(Duration::seconds(wait));
            login(&world, "acme", email, WRONG).refused(401, "login-failed", "").await;
        }
        // Also the right password waits, or guessing would go on.
        login(&world, "acme", email, PASSWORD).refused(429, "too-many-failures", "").await;
    }
    time.pass(Duration::hours(1));
    login(&world, "acme", &acme.admin.email, PASSWORD).expect(200).await;
    for _ in 0..5 {
        login(&world, "acme", &acme.admin.email, WRONG).refused(401, "login-failed", "").await;
    }
}

#[tokio::test]
async fn guesses_at_the_same_time_do_not_slip_past_the_limit() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    for email in [acme.admin.email.as_str(), "nobody@acme.test"] {
        let guesses = (0..40).map(|_| login(&world, "acme", email, WRONG).send());
        let answers = futures::future::join_all(guesses).await;
        let held =
            answers.iter().filter(|answer| answer.json["type"] == "urn:keystead:problem:too-many-failures").count();
        assert_eq!(held, 35, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
    }
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_lost_answer_can_be_asked_for_again_within_ten_seconds() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let first = acme.admin.refresh.clone();
    let second = refresh_token(&refresh(&world, &first).expect(200).await);
    assert_ne!(first, second);
    time.pass(Duration::seconds(10));
    let again = refresh(&world, &first).expect(200).await;
    assert_eq!(refresh_token(&again), second, "the same successor, not a second line");
    world.call("GET", "/v1/me").bearer(again.json["access_token"].as_str().unwrap()).expect(200).await;
    let third = refresh_token(&refresh(&world, &second).expect(200).await);
    assert_ne!(third, second);
    refresh(&world, &third).expect(200).await;
    assert_eq!(count(&world, "SELECT count(*) FROM identity.sessions WHERE revoked_at IS NULL").await, 1);
}

#[tokio::test]
async fn a_used_refresh_token_that_comes_back_later_ends_the_session() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let (access, first) = (&acme.admin, acme.admin.refresh.clone());
    let second = refresh_token(&refresh(&world, &first).expect(200).await);
    time.pass(Duration::seconds(11));
    refresh(&world, &first).refused(401, "session-ended", "").await;
    refresh(&world, &second).refused(401, "session-ended", "").await;
    within_five_seconds(access, "/v1/me", 401).await;
}

#[tokio::test]
async fn a_used_refresh_token_whose_successor_was_used_ends_the_session_at_once() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let first = acme.admin.refresh.clone();
    let second = refresh_token(&refresh(&world, &first).expect(200).await);
    let third = refresh_token(&refresh(&world, &second).expect(200).await);
    refresh(&world, &first).refused(401, "session-ended", "").await;
    refresh(&world, &third).refused(401, "session-ended", "").await;
}

#[tokio::test]
async fn of_many_refreshes_at_once_all_get_the_one_successor() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let refreshes = (0..8).map(|_| refresh(&world, &acme.admin.refresh).expect(200));
    let answers = futures::future::join_all(refreshes).await;
    let successors: std::collections::BTreeSet<String> = answers.iter().map(refresh_token).collect();
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn an_administrators_session_ends_idle_after_a_quarter_of_an_hour_and_an_agents_after_half() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let agent = acme.hire(SalesAgent, &[]).await;
    time.pass(Duration::minutes(15));
    refresh(&world, &acme.admin.refresh).refused(401, "session-ended", "").await;
    let mut token = refresh_token(&refresh(&world, &agent.refresh).expect(200).await);
    for _ in 0..10 {
        time.pass(Duration::minutes(29));
        token = refresh_token(&refresh(&world, &token).expect(200).await);
    }
    time.pass(Duration::minutes(30));
    refresh(&world, &token).refused(401, "session-ended", "").await;
}

#[tokio::test]
async fn a_refresh_token_that_is_none_is_refused_like_one_that_ended() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let ended = world.call("POST", "/v1/auth/refresh").json(&json!({})).refused(401, "session-ended", "").await;
    for token in
        ["", "x", &format!("ksr_{}", "a".repeat(48)), &acme.admin.token, &acme.admin.refresh[1..], &"k".repeat(9_000)]
    {
        let answer = refresh(&world, token).refused(401, "session-ended", "").await;
        assert_eq!(shape(&answer), shape(&ended));
    }
    refresh(&world, &acme.admin.refresh).expect(200).await;
}

#[tokio::test]
async fn whoever_logs_out_is_out_with_every_token() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let elsewhere = Person::enter(&world, "acme", &acme.admin.email).await;
    let out = acme.admin.call("POST", "/v1/auth/logout").expect(204).await;
    assert!(out.headers["clear-site-data"].to_str().unwrap().contains("cookies"));
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    within_five_seconds(&acme.admin, "/v1/me", 401).await;
    refresh(&world, &acme.admin.refresh).refused(401, "session-ended", "").await;
    elsewhere.get("/v1/me").expect(200).await;
}

#[tokio::test]
async fn a_suspension_a_removal_and_another_role_bite_within_five_seconds() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    for state in ["suspended", "removed"] {
        let agent = acme.hire(SalesAgent, &[&fusion]).await;
        agent.get("/v1/contacts").expect(200).await;
        acme.admin.patch(&format!("/v1/members/{}", agent.member), &json!({ "state": state })).await.expect(200).await;
        within_five_seconds(&agent, "/v1/contacts", 401).await;
        refresh(&world, &agent.refresh).refused(401, "session-ended", "").await;
    }
    let member = acme.hire(VpSales, &[]).await;
    member.get("/v1/contacts").expect(200).await;
    member.get("/v1/projects").expect(200).await;
    let viewer = json!({ "role_id": acme.role(Viewer).await });
    acme.admin.patch(&format!("/v1/members/{}", member.member), &viewer).await.expect(200).await;
    within_five_seconds(&member, "/v1/contacts", 403).await;
    let nothing = json!({ "all_projects": false, "project_ids": [] });
    acme.admin.patch(&format!("/v1/members/{}", member.member), &nothing).await.expect(200).await;
    within_five_seconds(&member, &format!("/v1/projects/{fusion}"), 404).await;
    let none = json!({ "permissions": [] });
    acme.admin.patch(&format!("/v1/roles/{}", acme.role(Viewer).await), &none).await.expect(200).await;
    within_five_seconds(&member, "/v1/projects", 403).await;
}

/// A server that dies between the change and the end of the sessions leaves this.
#[tokio::test]
async fn a_suspension_bites_where_nobody_ended_the_sessions() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let agent = acme.hire(SalesAgent, &[]).await;
    agent.get("/v1/contacts").expect(200).await;
    let superuser = world.database.superuser().await;
    superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
    let suspend = "UPDATE app.members SET state = 'suspended' WHERE id = $1";
    superuser.execute(suspend, &[&keystead_tests::uuid_of(&agent.member)]).await.unwrap();
    within_five_seconds(&agent, "/v1/contacts", 401).await;
}

#[tokio::test]
async fn a_browsers_refresh_token_is_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let body = json!({ "tenant": "acme", "email": acme.admin.email, "password": PASSWORD });
    let answer = world.call("POST", "/v1/auth/login").json(&body).expect(200).await;
    assert!(answer.json["refresh_token"].is_null(), "a browser's answer holds no refresh token");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-keystead_refresh=ksr_"), "the name binds it to the host");
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} is missing");
    }
    assert!(!cookie.contains("Domain"));
    let pair = cookie.split(';').next().unwrap();
    let ask = |site: &str| {
        let call = world.call("POST", "/v1/auth/refresh").header("cookie", pair).json(&json!({}));
        if site.is_empty() { call } else { call.header("sec-fetch-site", site) }
    };
    for site in ["cross-site", "same-site", "evil"] {
        let refused = ask(site).refused(403, "forbidden", "").await;
        assert!(!refused.headers.contains_key("set-cookie"));
    }
    let renewed = ask("same-origin").expect(200).await;
    assert!(renewed.headers["set-cookie"].to_str().unwrap().starts_with("__Host-keystead_refresh=ksr_"));
    assert!(renewed.json["refresh_token"].is_null());
    assert_ne!(renewed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap(), pair);
}

#[tokio::test]
async fn on_another_tenants_host_a_token_is_refused() {
    let world = World::new().await;
    let (acme, _rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let on = |host: &str| acme.admin.get("/v1/me").header("host", host);
    for host in ["acme.localhost", "localhost", "api.localhost:8080", "ACME.localhost."] {
        on(host).expect(200).await;
    }
    for host in ["rival.localhost", "nobody.localhost:80"] {
        on(host).refused(403, "forbidden", "").await;
    }
    for host in ["evil.test", "acme.localhost.evil.test", "a.acme.localhost"] {
        on(host).refused(404, "not-found", "").await;
    }
    let enter = |host: &str, tenant: Value| {
        let body = json!({ "tenant": tenant, "email": acme.admin.email, "password": PASSWORD, "client": "native" });
        world.call("POST", "/v1/auth/login").header("host", host).json(&body)
    };
    enter("acme.localhost", Value::Null).expect(200).await;
    enter("acme.localhost", json!("acme")).expect(200).await;
    enter("acme.localhost", json!("rival")).refused(401, "login-failed", "").await;
    enter("rival.localhost", Value::Null).refused(401, "login-failed", "").await;
    enter("evil.test", json!("acme")).refused(404, "not-found", "").await;
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn published(world: &World) -> Vec<String> {
    let keys = world.call("GET", "/.well-known/jwks.json").expect(200).await;
    assert!(!keys.text.contains("\"d\""), "private parts stay private");
    let keys = keys.json["keys"].as_array().unwrap().clone();
    for key in &keys {
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
            (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into(), &"sig".into())
        );
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn keys_are_published_before_they_sign_and_old_tokens_outlive_a_rotation() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let old = kid(&acme.admin.token);
    assert_eq!(published(&world).await, std::slice::from_ref(&old));
    let app = &world.app;
    let reload = async || {
        app.use_ring(load_ring(app.db.platform(), &app.root, &app.config.public_url, &app.clock).await.unwrap())
    };

    let new = add_key(app.db.platform(), &app.root, Some(Duration::hours(24)), time.now()).await.unwrap();
    reload().await;
    let mut both = published(&world).await;
    both.sort();
    let mut expected = [old.clone(), new.clone()];
    expected.sort();
    assert_eq!(both, expected, "the next key is known a day before it signs");
    let person = Person::enter(&world, "acme", &acme.admin.email).await;
    assert_eq!(kid(&person.token), old);

    time.pass(Duration::hours(24) - Duration::minutes(1));
    let last = Person::enter(&world, "acme", &acme.admin.email).await;
    time.pass(Duration::minutes(2));
    reload().await;
    let next = Person::enter(&world, "acme", &acme.admin.email).await;
    assert_eq!((kid(&last.token), kid(&next.token)), (old.clone(), new.clone()));
    last.get("/v1/me").expect(200).await;
    next.get("/v1/me").expect(200).await;

    time.pass(Duration::minutes(30));
    reload().await;
    assert_eq!(published(&world).await, [new], "the old key is retired");
}

#[tokio::test]
async fn a_member_who_asks_too_often_waits_and_nobody_else_does() {
    let world = World::with(Options { per_member: 12, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let eager = Person::enter(&world, "acme", &acme.admin.email).await;
    let other = acme.hire(SalesAgent, &[]).await;
    let mut left = Vec::new();
    let held = loop {
        let answer = eager.get("/v1/projects").send().await;
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=12;w=60");
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 200);
        left.push(answer.headers["ratelimit"].to_str().unwrap().to_owned());
        assert!(left.len() < 60, "there is a limit");
    };
    assert_eq!(held.json["type"], "urn:keystead:problem:too-many-requests");
    assert_eq!(held.headers["ratelimit"], "\"default\";r=0;t=60");
    let retry_after: u64 = held.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    other.get("/v1/projects").expect(200).await;
    eager.get("/v1/me").refused(429, "too-many-requests", "").await;
}

#[tokio::test]
async fn an_address_without_a_session_that_asks_too_often_waits_and_members_there_do_not() {
    let world = World::with(Options { per_address: 30, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        let answer = match n % 4 {
            0 => world.call("GET", "/v1/me").send().await,
            1 => world.call("GET", "/v1/me").bearer("forged").send().await,
            2 => refresh(&world, "ksr_none").send().await,
            _ => login(&world, "acme", &format!("guess-{n}@acme.test"), WRONG).send().await,
        };
        statuses.push(answer.status);
    }
    assert!(statuses[..20].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[30..].contains(&429), "{statuses:?}");
    for _ in 0..40 {
        acme.admin.get("/v1/me").expect(200).await;
    }
}
