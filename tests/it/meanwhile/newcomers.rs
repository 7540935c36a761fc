//! Invitations whose sender, addressee or place changes while they are accepted.

use keystead_ids::PresetRole::{Admin, SalesAgent, Viewer};
use keystead_tests::{Answer, Call, PASSWORD, Person, Tenant, World, count, token_mailed_to, uuid_of};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Held, world};

/// The mailbox is that of all tests.
fn address() -> String {
    format!("dee-{}@x.test", Uuid::new_v4().simple())
}

async fn invited(acme: &Tenant<'_>, email: &str, role: &str) -> Value {
    acme.admin.post("/v1/invitations", &invitation(email, role)).expect(201).await;
    acceptance(&token_mailed_to(email, "ksi_").await)
}

/// The same for somebody who was invited before.
async fn invited_again(acme: &Tenant<'_>, email: &str, role: &str) -> Value {
    let earlier = token_mailed_to(email, "ksi_").await;
    acme.admin.post("/v1/invitations", &invitation(email, role)).expect(201).await;
    loop {
        let token = token_mailed_to(email, "ksi_").await;
        if token != earlier {
            return acceptance(&token);
        }
    }
}

fn invitation(email: &str, role: &str) -> Value {
    json!({ "email": email, "role_id": role, "all_projects": true })
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "name": "Dee", "password": PASSWORD })
}

fn accept(world: &World, acceptance: &Value) -> Call {
    world.call("POST", "/v1/invitations/accept").json(acceptance)
}

#[tokio::test]
async fn whoever_is_accepting_is_not_invited_again() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let (agent, viewer) = (acme.role(SalesAgent).await, acme.role(Viewer).await);
    for bulk in [false, true] {
        let email = address();
        let acceptance = invited(&acme, &email, &agent).await;
        // A member refers to their role; the next invitation is for another one.
        let held = Held::by(&world, "SELECT 1 FROM app.roles WHERE key = 'sales_agent' FOR UPDATE").await;
        let accepting = held.stops(accept(&world, &acceptance)).await;
        let again = invitation(&email, &viewer);
        if bulk {
            let again = json!({ "invitations": [again] });
            let again = acme.admin.post("/v1/invitations/bulk", &again);
            held.until(again.refused(422, "invalid", "/invitations/0/email")).await;
        } else {
            held.until(acme.admin.post("/v1/invitations", &again).refused(409, "already-member", "")).await;
        }
        assert_eq!(accepting.await.unwrap().status, 201);
        let open = "SELECT count(*) FROM app.invitations WHERE email = $1 AND state = 'open'";
        assert_eq!(count(&world.database.superuser().await, open, &[&email]).await, 0);
    }
}

#[tokio::test]
async fn an_invitation_ends_with_its_senders_right_to_send_it() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let second = acme.hire(Admin, &[]).await;
    let (agent, email) = (acme.role(SalesAgent).await, address());
    let acceptance = invited(&acme, &email, &agent).await;
    let held = Held::by(&world, &format!("SELECT 1 FROM app.invitations WHERE email = '{email}' FOR UPDATE")).await;
    let accepting = held.stops(accept(&world, &acceptance)).await;
    let path = format!("/v1/members/{}", acme.admin.member);
    second.patch(&path, &json!({ "role_id": agent })).await.expect(200).await;
    held.lets_go().await;
    assert_eq!(accepting.await.unwrap().status, 404);
}

#[tokio::test]
async fn who_comes_back_is_not_logged_in_from_before() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let bob = acme.hire(SalesAgent, &[]).await;
    let late = late_login(&world, &bob, async || {
        let path = format!("/v1/members/{}", bob.member);
        acme.admin.patch(&path, &json!({ "state": "removed" })).await.expect(200).await;
    });
    let token = late.await;
    let acceptance = invited_again(&acme, &bob.email, &acme.role(Viewer).await).await;
    accept(&world, &acceptance).expect(201).await;
    world.call("GET", "/v1/me").bearer(&token).refused(401, "unauthenticated", "").await;
    Person::enter(&world, "acme", &bob.email).await;
}

#[tokio::test]
async fn nobody_comes_back_while_their_sessions_cannot_be_ended() {
    // Nobody waits for long here.
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let bob = acme.hire(SalesAgent, &[]).await;
    let path = format!("/v1/members/{}", bob.member);
    let removed = json!({ "state": "removed" });
    let token = late_login(&world, &bob, async || {
        acme.admin.patch(&path, &removed).await.expect(200).await;
    });
    let token = token.await;
    let acceptance = invited_again(&acme, &bob.email, &acme.role(Viewer).await).await;
    let lock = format!("SELECT 1 FROM identity.sessions WHERE member_id = '{}' FOR UPDATE", uuid_of(&bob.member));
    let held = Held::by(&world, &lock).await;
    assert_eq!(acme.admin.patch(&path, &json!({ "state": "active" })).await.send().await.status, 503);
    assert_eq!(accept(&world, &acceptance).send().await.status, 503);
    let still = acme.admin.get(&path).expect(200).await;
    assert_eq!(still.json["state"], "removed", "{}", still.text);
    held.lets_go().await;
    accept(&world, &acceptance).expect(201).await;
    world.call("GET", "/v1/me").bearer(&token).refused(401, "unauthenticated", "").await;
}

#[tokio::test]
async fn who_is_a_member_already_is_not_waited_for() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (bob, role) = (acme.hire(Admin, &[]).await, acme.role(Viewer).await);
    let path = format!("/v1/members/{}", bob.member);
    acme.admin.patch(&path, &json!({ "state": "removed" })).await.expect(200).await;
    let acceptance = invited_again(&acme, &bob.email, &role).await;
    acme.admin.patch(&path, &json!({ "state": "active" })).await.expect(200).await;
    // As whoever invites or resends holds it, who waits for the invitation then.
    let held = Held::by(&world, "SELECT 1 FROM app.members FOR UPDATE").await;
    accept(&world, &acceptance).refused(409, "already-member", "").await;
    held.lets_go().await;
}

#[tokio::test]
async fn a_resumed_tenant_has_no_session_from_before() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    let state = |what: &str| format!("/v1/platform/tenants/{}/{what}", acme.id);
    let reason = json!({ "reason": "a month behind" });
    let token = late_login(&world, &acme.admin, async || {
        operator.post(&state("suspend"), &reason).expect(200).await;
    });
    let token = token.await;
    operator.post(&state("resume"), &reason).expect(200).await;
    world.call("GET", "/v1/me").bearer(&token).refused(401, "unauthenticated", "").await;
}

/// The access token of a login that was let in before `change`, and comes to its session after it.
async fn late_login(world: &World, person: &Person, change: impl AsyncFnOnce()) -> String {
    let lock = format!("SELECT 1 FROM identity.identities WHERE email = '{}' FOR UPDATE", person.email);
    let held = Held::by(world, &lock).await;
    let body = json!({ "tenant": "acme", "email": person.email, "password": PASSWORD, "client": "native" });
    let login = held.stops(world.call("POST", "/v1/auth/login").json(&body)).await;
    change().await;
    held.lets_go().await;
    let answer = login.await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["access_token"].as_str().unwrap().to_owned()
}

fn become_operator(world: &World, token: &str) -> Call {
    let body = json!({ "token": token, "name": "Olga", "password": PASSWORD });
    world.call("POST", "/v1/operator-invitations/accept").json(&body)
}

async fn asked(operator: &Person, email: &str) -> String {
    operator.post("/v1/platform/operators", &json!({ "email": email })).expect(202).await;
    token_mailed_to(email, "kso_").await
}

#[tokio::test]
async fn a_login_whose_password_nobody_gave_does_not_become_an_operators() {
    let world = world().await;
    let operator = world.operator().await;
    let email = address();
    let token = asked(&operator, &email).await;
    let made = format!(
        "INSERT INTO identity.identities (id, email, name, password_hash, created_at)
        SELECT gen_random_uuid(), '{email}', name, password_hash, created_at FROM identity.identities LIMIT 1"
    );
    let held = Held::by(&world, &made).await;
    let unproven: Answer = held.until(become_operator(&world, &token).refused(409, "in-progress", "")).await;
    let operators = "SELECT count(*) FROM identity.identities WHERE email = $1 AND is_operator";
    let database = world.database.superuser().await;
    assert_eq!(count(&database, operators, &[&email]).await, 0, "{}", unproven.text);
    // Whoever knows its password may.
    become_operator(&world, &token).expect(204).await;
}

#[tokio::test]
async fn a_login_at_the_console_ends_with_the_operator() {
    let world = world().await;
    let operator = world.operator().await;
    let email = address();
    become_operator(&world, &asked(&operator, &email).await).expect(204).await;
    let held = Held::at(&world, "BEFORE DELETE ON identity.login_attempts").await;
    let body = json!({ "email": email, "password": PASSWORD, "client": "native" });
    let login = held.stops(world.call("POST", "/v1/auth/login").json(&body)).await;
    disable(&operator, &email).await;
    held.lets_go().await;
    assert_eq!(login.await.unwrap().status, 401);
}

async fn disable(operator: &Person, email: &str) {
    let all = operator.get("/v1/platform/operators").expect(200).await;
    let id = all.items().iter().find(|one| one["email"] == email).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/platform/operators/{id}/disable");
    operator.post(&path, &json!({ "reason": "moved on" })).expect(204).await;
}

#[tokio::test]
async fn an_operators_invitation_ends_with_its_sender() {
    let world = world().await;
    let operator = world.operator().await;
    let (olga, pia) = (address(), address());
    become_operator(&world, &asked(&operator, &olga).await).expect(204).await;
    let olga = Person::enter(&world, "", &olga).await;
    let token = asked(&olga, &pia).await;
    let held = Held::by(&world, "SELECT 1 FROM platform.operator_invitations FOR UPDATE").await;
    let accepting = held.stops(become_operator(&world, &token)).await;
    disable(&operator, &olga.email).await;
    held.lets_go().await;
    assert_eq!(accepting.await.unwrap().status, 404);
}
