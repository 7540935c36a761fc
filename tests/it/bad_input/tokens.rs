//! Access tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use keystead_identity::{Actor, Claims, KeyRing, SigningKey};
use keystead_ids::{MemberId, SessionId, TenantId};
use keystead_tests::{Options, Tenant, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::comparable;
use crate::{rows::Rows, time::Time};

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The claims of the administrator's own session, for whoever would sign them.
async fn claims(acme: &Tenant<'_>) -> Claims {
    let me = acme.admin.get("/v1/me").expect(200).await.json;
    let session: SessionId = me["session_id"].as_str().unwrap().parse().unwrap();
    let member: MemberId = acme.admin.member.parse().unwrap();
    let tenant: TenantId = acme.id.parse().unwrap();
    Claims::issue(Actor::Member { tenant, member }, session, 0, Uuid::new_v4(), acme.world.app.clock.now())
}

async fn all_refused(world: &World, tokens: &[String]) {
    let nobody = world.call("GET", "/v1/projects").refused(401, "unauthenticated", "").await;
    assert_eq!(nobody.headers["www-authenticate"], "Bearer");
    let rows = Rows::of(world).await;
    for token in tokens {
        let read = world.call("GET", "/v1/projects").bearer(token).refused(401, "unauthenticated", "").await;
        assert_eq!(comparable(&read), comparable(&nobody), "{token}");
        let project = json!({ "code": "X", "name": "X", "time_zone": "UTC", "currency": "USD" });
        world.call("POST", "/v1/projects").bearer(token).json(&project).refused(401, "unauthenticated", "").await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn a_token_that_was_changed_in_any_part_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let rival = world.tenant("rival").await;
    let parts: Vec<&str> = acme.admin.token.split('.').collect();
    let (header, payload) = (decoded(parts[0]), decoded(parts[1]));
    let with = |header: &Value, payload: &Value, signature: &str| {
        format!("{}.{}.{signature}", encoded(header), encoded(payload))
    };
    let mut tokens = vec![
        with(&json!({ "alg": "none", "typ": "at+jwt" }), &payload, ""),
        with(&json!({ "alg": "none", "typ": "at+jwt", "kid": header["kid"] }), &payload, parts[2]),
        with(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": header["kid"] }), &payload, parts[2]),
        with(&json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "../../etc/passwd" }), &payload, parts[2]),
        with(
            &json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": header["kid"], "jku": "http://evil.test/jwks" }),
            &payload,
            parts[2],
        ),
        with(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": header["kid"] }), &payload, parts[2]),
        format!("{}.{}.{}", parts[0], rival.admin.token.split('.').nth(1).unwrap(), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}", acme.admin.token, parts[2]),
        format!("{} ", acme.admin.token.to_uppercase()),
        acme.admin.refresh.clone(),
        acme.admin.refresh.repeat(200),
        "x".to_owned(),
        "..".to_owned(),
    ];
    for (claim, value) in [
        ("exp", json!(payload["exp"].as_i64().unwrap() + 60)),
        ("tid", json!(rival.id)),
        ("sub", json!(rival.admin.member)),
        ("aud", json!("keystead-operator")),
        ("iss", json!("https://evil.test")),
        ("sid", json!(format!("ses_{}", "0".repeat(32)))),
        ("role", json!("admin")),
    ] {
        let mut changed = payload.clone();
        changed[claim] = value;
        tokens.push(with(&header, &changed, parts[2]));
    }
    let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    for place in [0, 31, 32, 63] {
        let mut flipped = signature.clone();
        flipped[place] ^= 1;
        tokens.push(format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(flipped)));
    }
    all_refused(&world, &tokens).await;
    acme.admin.get("/v1/projects").expect(200).await;
}

#[tokio::test]
async fn a_token_under_somebody_elses_key_is_refused_even_with_our_key_id() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let ring = KeyRing::new(world.app.ring().issuer(), SigningKey::generate().unwrap(), Vec::new()).unwrap();
    let forged = ring.sign(&claims(&acme).await).unwrap();
    let (_, rest) = forged.split_once('.').unwrap();
    let (ours, _) = acme.admin.token.split_once('.').unwrap();
    all_refused(&world, &[forged.clone(), format!("{ours}.{rest}")]).await;
}

#[tokio::test]
async fn a_genuine_token_for_another_session_tenant_member_or_time_is_refused() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let good = claims(&acme).await;
    let sign = |claims: &Claims| world.app.ring().sign(claims).unwrap();
    world.call("GET", "/v1/projects").bearer(&sign(&good)).expect(200).await;
    let rivals = Actor::Member { tenant: rival.id.parse().unwrap(), member: rival.admin.member.parse().unwrap() };
    let session = SessionId(Uuid::new_v4());
    let later = |hours| good.issued_at + Duration::hours(hours);
    let tokens = [
        sign(&Claims { session, ..good.clone() }),
        sign(&Claims { actor: rivals, ..good.clone() }),
        sign(&Claims { issued_at: later(-2), expires_at: later(-1), ..good.clone() }),
        sign(&Claims { issued_at: later(1), expires_at: later(2), ..good.clone() }),
        sign(&Claims { expires_at: later(24), ..good.clone() }),
        sign(&Claims { expires_at: good.issued_at, ..good.clone() }),
    ];
    all_refused(&world, &tokens).await;
}

#[tokio::test]
async fn a_token_ends_after_ten_minutes_although_it_was_believed_before() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    time.pass(Duration::minutes(10) - Duration::seconds(1));
    acme.admin.get("/v1/me").expect(200).await;
    // Clocks may differ by half a minute.
    time.pass(Duration::seconds(32));
    acme.admin.get("/v1/me").refused(401, "unauthenticated", "").await;
}

#[tokio::test]
async fn operators_tokens_open_no_tenant_and_members_tokens_no_console() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    operator.get("/v1/platform/tenants").expect(200).await;
    for path in ["/v1/projects", "/v1/contacts", "/v1/audit/events", "/v1/me"] {
        operator.get(path).refused(401, "unauthenticated", "").await;
    }
    for path in ["/v1/platform/tenants", "/v1/platform/signups"] {
        acme.admin.get(path).refused(401, "unauthenticated", "").await;
    }
}

#[tokio::test]
async fn credentials_that_come_twice_or_in_another_scheme_are_none() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let token = &acme.admin.token;
    let with = |value: &str| world.call("GET", "/v1/projects").header("authorization", value);
    acme.admin
        .get("/v1/projects")
        .header("authorization", &format!("Bearer {token}"))
        .refused(401, "unauthenticated", "")
        .await;
    acme.admin.get("/v1/projects").header("authorization", "Basic YTpi").refused(401, "unauthenticated", "").await;
    for value in [
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        token,
        &format!("Token {token}"),
        &format!("Bearer {token}, Bearer {token}"),
    ] {
        with(value).refused(401, "unauthenticated", "").await;
    }
    world.call("GET", &format!("/v1/projects?access_token={token}")).refused(401, "unauthenticated", "").await;
    world
        .call("GET", "/v1/projects")
        .header("cookie", &format!("access_token={token}"))
        .refused(401, "unauthenticated", "")
        .await;
}
