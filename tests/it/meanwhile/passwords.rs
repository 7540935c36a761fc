//! A password that is changed while somebody logs in with it, or changes it.

use keystead_identity::{PasswordCost, Passwords};
use keystead_ids::PresetRole::SalesAgent;
use keystead_tests::{Call, PASSWORD, Person, World};
use serde_json::json;

use super::{Held, world};

const ANOTHER: &str = "granite-Window-4-orchard-vale";
const A_THIRD: &str = "harbour-Pencil-9-thunder-fig";
/// Whoever changes a password ends the sessions elsewhere last.
const SESSIONS: &str = "SELECT 1 FROM identity.sessions FOR UPDATE";

fn log_in(world: &World, email: &str, password: &str) -> Call {
    let body = json!({ "tenant": "acme", "email": email, "password": password, "client": "native" });
    world.call("POST", "/v1/auth/login").json(&body)
}

fn change(person: &Person, new: &str) -> Call {
    person.post("/v1/me/password", &json!({ "current_password": PASSWORD, "new_password": new }))
}

/// `hashed` is how the password is kept before.
async fn nobody_gets_in_with_the_old_one(hashed: Option<PasswordCost>) {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let bob = acme.hire(SalesAgent, &[]).await;
    Person::enter(&world, "acme", &bob.email).await;
    if let Some(cost) = hashed {
        rewrite(&world, &bob.email, PASSWORD, cost).await;
    }
    let held = Held::by(&world, SESSIONS).await;
    let changed = held.stops(change(&bob, ANOTHER)).await;
    let late = held.until(log_in(&world, &bob.email, PASSWORD).send()).await;
    assert_eq!(changed.await.unwrap().status, 204);
    assert_eq!(late.status, 401, "{}", late.text);
    log_in(&world, &bob.email, PASSWORD).refused(401, "login-failed", "").await;
    log_in(&world, &bob.email, ANOTHER).expect(200).await;
    bob.get("/v1/me").expect(200).await;
}

#[tokio::test]
async fn a_login_that_was_under_way_with_the_old_one_fails() {
    nobody_gets_in_with_the_old_one(None).await;
}

#[tokio::test]
async fn hashing_the_old_one_anew_does_not_bring_it_back() {
    nobody_gets_in_with_the_old_one(Some(PasswordCost::new(64, 1, 1).unwrap())).await;
}

/// Replaces what is kept of a password by this one, as a server does that knows of no versions.
async fn rewrite(world: &World, email: &str, password: &str, cost: PasswordCost) {
    let passwords = Passwords::new(world.app.root.derive("identity/pepper"), cost);
    let hash = passwords.hash(&password.to_owned().into()).await.unwrap();
    let sql = "UPDATE identity.identities SET password_hash = $2 WHERE email = $1";
    assert_eq!(world.database.superuser().await.execute(sql, &[&email, &hash]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_server_that_knows_of_no_versions_changes_it_for_good() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let bob = acme.hire(SalesAgent, &[]).await;
    let weak = || PasswordCost::new(64, 1, 1).unwrap();
    rewrite(&world, &bob.email, PASSWORD, weak()).await;
    // The last thing before it is hashed anew.
    let held = Held::at(&world, "BEFORE DELETE ON identity.login_attempts").await;
    let late = held.stops(log_in(&world, &bob.email, PASSWORD)).await;
    rewrite(&world, &bob.email, ANOTHER, weak()).await;
    held.lets_go().await;
    late.await.unwrap();
    log_in(&world, &bob.email, PASSWORD).refused(401, "login-failed", "").await;
    log_in(&world, &bob.email, ANOTHER).expect(200).await;
}

#[tokio::test]
async fn of_two_who_change_it_the_first_one_has_changed_it() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let bob = acme.hire(SalesAgent, &[]).await;
    let elsewhere = Person::enter(&world, "acme", &bob.email).await;
    let held = Held::by(&world, SESSIONS).await;
    let first = held.stops(change(&bob, ANOTHER)).await;
    held.until(change(&elsewhere, A_THIRD).refused(422, "invalid", "/current_password")).await;
    assert_eq!(first.await.unwrap().status, 204);
    log_in(&world, &bob.email, ANOTHER).expect(200).await;
    elsewhere.get("/v1/me").refused(401, "unauthenticated", "").await;
}
