//! A cell answers edges alone, and believes what they sign and nothing else.

use std::collections::BTreeSet;

use keystead_edge::sign::{self, BodyMark, EdgeKey, Vouch};
use keystead_proofs::Proof;
use keystead_tests::{Answer, Call, Options, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// A cell that nobody reaches but by its own signature, and a builder in it.
struct Inside {
    world: World,
    direct: String,
    keys: Vec<EdgeKey>,
}

impl Inside {
    async fn new() -> Self {
        let world = World::with(Options { edge: true, only_edges: true, ..Options::default() }).await;
        let direct = world.direct.clone();
        let keys = keystead_api::edge::edge_keys(&world.app.root, 1);
        Self { world, direct, keys }
    }

    fn statement(&self, token: Option<&str>, body: &[u8]) -> Vouch {
        Vouch {
            ts: keystead_tenants::Clock::system().now().timestamp(),
            nonce: *Uuid::new_v4().as_bytes(),
            request: self.world.app.clock.id(),
            host: "localhost".to_owned(),
            cell: self.world.app.config.cell.clone(),
            epoch: 1_000_000,
            tenant: None,
            subject: token.map(|token| sign::digest(format!("Bearer {token}").as_bytes())),
            address: [203, 0, 113, 7].into(),
            body: if body.is_empty() { BodyMark::None } else { BodyMark::Digest(sign::digest(body)) },
        }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &[u8],
        value: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let mut call = Call::new(&self.world.http, method, &format!("{}{path}", self.direct));
        if let Some(token) = token {
            call = call.bearer(token);
        }
        for (name, value) in more {
            call = call.header(name, value);
        }
        if !body.is_empty() {
            call = call.body("application/json", body.to_vec());
        }
        if value.is_empty() { call.send().await } else { call.header(sign::HEADER, value).send().await }
    }
}

fn nameless(answer: &Answer) -> String {
    let mut body: Value = answer.json.clone();
    body.as_object_mut().map(|fields| fields.remove("instance"));
    format!("{} {body}", answer.status)
}

#[tokio::test]
async fn only_a_fresh_signature_of_this_very_request_opens_the_cell() {
    let proof = Proof::of("edge");
    let inside = Inside::new().await;
    let acme = inside.world.tenant("acme").await;
    let token = acme.admin.token.as_str();
    let signed =
        |method: &str, path: &str, statement: &Vouch| sign::sign(&inside.keys[0], method, path, statement).unwrap();
    let body = br#"{"code":"FUS","name":"Fusion","city":"Reno","state":"NV","time_zone":"America/Los_Angeles","currency":"USD"}"#;

    // The way it is meant.
    let read = async |value: String| inside.send("GET", "/v1/me", Some(token), b"", &value, &[]).await;
    let good = signed("GET", "/v1/me", &inside.statement(Some(token), b""));
    assert_eq!(read(good.clone()).await.status, 200);

    let mut refusals = BTreeSet::new();
    let mut tried = 0;
    let mut refused = |what: &str, answer: Answer| {
        assert_eq!(answer.status, 403, "{what}: {}", answer.text);
        refusals.insert(nameless(&answer));
        tried += 1;
    };
    refused("replayed", read(good.clone()).await);
    refused("unsigned", read(String::new()).await);
    let fresh = || inside.statement(Some(token), b"");
    for (what, age) in [("old", -31), ("ahead", 31)] {
        let said = Vouch { ts: keystead_tenants::Clock::system().now().timestamp() + age, ..fresh() };
        refused(what, read(signed("GET", "/v1/me", &said)).await);
    }
    refused("of another path", read(signed("GET", "/v1/units", &fresh())).await);
    refused("of another method", read(signed("POST", "/v1/me", &fresh())).await);
    let other = EdgeKey { secret: "A".repeat(43), ..inside.keys[0].clone() };
    refused("of another secret", read(sign::sign(&other, "GET", "/v1/me", &fresh()).unwrap()).await);
    let unknown = EdgeKey { kid: "9".to_owned(), ..inside.keys[0].clone() };
    refused("of an unknown key", read(sign::sign(&unknown, "GET", "/v1/me", &fresh()).unwrap()).await);
    let another = Vouch { subject: Some([7; 32]), ..fresh() };
    refused("for another token", read(signed("GET", "/v1/me", &another)).await);
    let nobody = Vouch { subject: None, ..fresh() };
    refused("for no token", read(signed("GET", "/v1/me", &nobody)).await);
    let vectors: Value = serde_json::from_str(include_str!("../../../edge/vectors/signatures.json")).unwrap();
    for bad in vectors["bad"].as_array().unwrap() {
        let value = bad["value"].as_str().unwrap();
        refused(bad["name"].as_str().unwrap(), inside.send("GET", "/v1/me", Some(token), b"", value, &[]).await);
    }

    // What only an edge says comes from an edge only inside its signature.
    for name in [
        "x-keystead-tenant",
        "x-keystead-edges",
        "x-original-url",
        "x-http-method-override",
        "forwarded",
        "x-request-id",
        "x-rewrite-url",
    ] {
        let value = signed("GET", "/v1/me", &fresh());
        refused(name, inside.send("GET", "/v1/me", Some(token), b"", &value, &[(name, "1")]).await);
    }
    let twice = signed("GET", "/v1/me", &fresh());
    refused("two signatures", inside.send("GET", "/v1/me", Some(token), b"", &twice, &[(sign::HEADER, &twice)]).await);

    // A body that is not the one that was signed.
    let stream = Vouch { body: BodyMark::Stream, ..fresh() };
    let post = async |value: String| inside.send("POST", "/v1/projects", Some(token), body, &value, &[]).await;
    refused("a stream where none may be", post(signed("POST", "/v1/projects", &stream)).await);
    refused("a body where none was", post(signed("POST", "/v1/projects", &fresh())).await);
    let answer = post(signed("POST", "/v1/projects", &inside.statement(Some(token), b"another"))).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let written = post(signed("POST", "/v1/projects", &inside.statement(Some(token), body))).await;
    assert!(matches!(written.status, 201 | 422), "{}", written.text);

    proof.at_least("forged-requests-tried", tried, 80);
    proof.exactly("different-answers-to-forgeries", refusals.len(), 1);
}

#[tokio::test]
async fn a_write_is_good_once_in_the_whole_cell() {
    let inside = Inside::new().await;
    let acme = inside.world.tenant("acme").await;
    let said = inside.statement(Some(&acme.admin.token), b"");
    let value = sign::sign(&inside.keys[0], "POST", "/v1/auth/logout", &said).unwrap();
    // Another server of the cell has seen it, this one has not.
    assert!(
        inside.world.app.db.platform().first_use(&said.nonce, keystead_tenants::Clock::system().now()).await.unwrap()
    );
    let answer = inside.send("POST", "/v1/auth/logout", Some(&acme.admin.token), b"", &value, &[]).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    acme.admin.get("/v1/me").expect(200).await;
}

#[tokio::test]
async fn a_cell_sends_back_what_is_not_its_own() {
    let inside = Inside::new().await;
    let acme = inside.world.tenant("acme").await;
    let token = acme.admin.token.as_str();
    let ask = async |said: Vouch| {
        let value = sign::sign(&inside.keys[0], "GET", "/v1/me", &said).unwrap();
        inside.send("GET", "/v1/me", Some(token), b"", &value, &[]).await
    };
    let fresh = || inside.statement(Some(token), b"");
    let tenant = Some(acme.id.parse().unwrap());
    assert_eq!(ask(Vouch { tenant, ..fresh() }).await.status, 200);
    let elsewhere = ask(Vouch { cell: "west".to_owned(), ..fresh() }).await;
    assert_eq!(elsewhere.status, 421);
    let old = ask(Vouch { tenant, epoch: 1, ..fresh() }).await;
    assert_eq!(old.status, 421, "who routed by an old directory asks for a new one");
    let epoch: u64 = old.headers[keystead_edge::EPOCH_HEADER].to_str().unwrap().parse().unwrap();
    assert_eq!(ask(Vouch { tenant, epoch, ..fresh() }).await.status, 200);
    let unknown = Some("tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6".parse().unwrap());
    assert_eq!(ask(Vouch { tenant: unknown, ..fresh() }).await.status, 421);
    // The token is verified again: an edge's word for another tenant opens nothing.
    let rival = inside.world.tenant("rival").await;
    assert_eq!(ask(Vouch { tenant: Some(rival.id.parse().unwrap()), ..fresh() }).await.status, 403);
}

#[tokio::test]
async fn probes_reach_the_cell_itself_and_nobody_through_the_edge() {
    let inside = Inside::new().await;
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(inside.send("GET", path, None, b"", "", &[]).await.status, 200, "{path}");
    }
    for path in ["/edge/directory", "/edge/revocations", "/.well-known/jwks.json", "/docs/", "/v1/openapi.json"] {
        assert_eq!(inside.send("GET", path, None, b"", "", &[]).await.status, 403, "{path}");
    }
    for path in ["/edge/directory", "/edge/revocations", "/edge/anything", "/metrics", "/health/ready"] {
        assert_eq!(inside.world.call("GET", path).send().await.status, 404, "{path}");
    }
    inside.world.call("GET", "/.well-known/jwks.json").expect(200).await;
    inside.world.call("GET", "/v1/openapi.json").expect(200).await;
    let documents = json!(inside.world.call("GET", "/docs/").expect(200).await.text);
    assert!(documents.to_string().contains("swagger"));
}
