//! Sign-up.

use keystead_tests::{PASSWORD, World};
use serde_json::{Value, json};

use super::keeps_silent;
use crate::rows::Rows;

fn application(changes: &Value) -> Value {
    let mut body = json!({ "company_name": "Acme Homes", "slug": "acme", "admin_name": "Johanna Lindqvist",
        "email": "johanna.lindqvist@acmehomes.test", "password": PASSWORD });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_slug_that_is_taken_reserved_or_malformed_is_refused() {
    let world = World::new().await;
    world.tenant("acme").await;
    let rows = Rows::of(&world).await;
    let apply = |slug: &str| world.call("POST", "/v1/signups").json(&application(&json!({ "slug": slug })));
    apply("acme").refused(409, "slug-taken", "").await;
    for reserved in ["admin", "api", "www", "keystead"] {
        apply(reserved).refused(422, "invalid", "/slug").await;
    }
    for malformed in
        ["", "ab", "Acme", "acme homes", "acme.homes", "-acme", "acme-", "a--b", "1acme", "äcme", "acme/../x"]
    {
        apply(malformed).refused(422, "invalid", "/slug").await;
    }
    apply(&"a".repeat(41)).refused(422, "invalid", "/slug").await;
    rows.unchanged().await;
}

#[tokio::test]
async fn a_slug_that_somebody_is_applying_for_is_refused() {
    let world = World::new().await;
    world.call("POST", "/v1/signups").json(&application(&json!({}))).expect(202).await;
    let rows = Rows::of(&world).await;
    let other = application(&json!({ "email": "somebody@else.test" }));
    world.call("POST", "/v1/signups").json(&other).refused(409, "slug-taken", "").await;
    rows.unchanged().await;
}

#[tokio::test]
async fn a_password_that_is_short_well_known_guessable_or_ones_own_name_is_refused_and_not_quoted() {
    let world = World::new().await;
    let rows = Rows::of(&world).await;
    for weak in [
        "",
        "kT9#vw!2qLpX8m",
        "correct horse battery staple",
        "Password-Password-1",
        "aaaaaaaaaaaaaaaaaaaa",
        "qwertyuiopasdfghjkl",
        "johanna.lindqvist@acmehomes.test",
        "Acme Homes acme",
        "JohannaLindqvist1",
    ] {
        let call = world.call("POST", "/v1/signups").json(&application(&json!({ "password": weak })));
        let answer = call.refused(422, "invalid", "/password").await;
        if !weak.is_empty() {
            keeps_silent(&answer, &[weak]);
        }
    }
    let endless = "kT9#vw!2qLpX8mZ".repeat(50);
    let answer = world.call("POST", "/v1/signups").json(&application(&json!({ "password": endless })));
    keeps_silent(&answer.refused(422, "invalid", "/password").await, &[&endless]);
    rows.unchanged().await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let world = World::new().await;
    let rows = Rows::of(&world).await;
    for bad in
        ["", "ann", "@acme.test", "ann@", "ann@acme", "a b@acme.test", "ann@acme..test", "a@b.test\r\nBcc: x@y.test"]
    {
        let call = world.call("POST", "/v1/signups").json(&application(&json!({ "email": bad })));
        call.refused(422, "invalid", "/email").await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn fields_that_are_unknown_missing_or_of_another_type_are_named() {
    let world = World::new().await;
    let rows = Rows::of(&world).await;
    let refused = async |body: Value, pointer: &str| {
        world.call("POST", "/v1/signups").json(&body).refused(422, "invalid", pointer).await;
    };
    for field in ["tenant_id", "state", "is_operator", "role", "id"] {
        refused(application(&json!({ field: "x" })), &format!("/{field}")).await;
    }
    for field in ["company_name", "slug", "admin_name", "email", "password"] {
        let mut body = application(&json!({}));
        body.as_object_mut().unwrap().remove(field);
        refused(body, &format!("/{field}")).await;
        refused(application(&json!({ field: null })), &format!("/{field}")).await;
        refused(application(&json!({ field: ["x"] })), &format!("/{field}")).await;
    }
    refused(application(&json!({ "company_name": " " })), "/company_name").await;
    refused(application(&json!({ "admin_name": "x".repeat(201) })), "/admin_name").await;
    rows.unchanged().await;
}

#[tokio::test]
async fn a_verification_that_nobody_mailed_is_refused() {
    let world = World::new().await;
    let rows = Rows::of(&world).await;
    let other_kind = format!("ksi_{}", "a".repeat(48));
    for token in ["", "ksv_", "ksv_short", &format!("ksv_{}", "a".repeat(48)), &other_kind, &"k".repeat(10_000)] {
        let call = world.call("POST", "/v1/signups/verify").json(&json!({ "token": token }));
        call.refused(404, "verification-not-valid", "").await;
    }
    rows.unchanged().await;
}
