//! Is it alive, can it serve, what does it count, and what does it tell about itself?

use keystead_tests::{Answer, World};
use serde_json::json;
use tokio_postgres::{Config, NoTls};

#[tokio::test]
async fn a_server_with_all_its_services_is_live_and_ready() {
    let world = World::new().await;
    let live = world.call("GET", "/health/live").expect(200).await;
    assert_eq!(live.json, json!({ "status": "live" }));
    let ready = world.call("GET", "/health/ready").expect(200).await;
    assert_eq!(ready.json["status"], "ready");
    assert_eq!(
        ready.json["checks"],
        json!({ "database": "up", "clock": "up", "kms": "up", "files": "up", "disk": "up" })
    );
}

#[tokio::test]
async fn a_server_whose_database_refuses_it_is_live_and_not_ready() {
    let world = World::new().await;
    let name = world.database.name();
    // From next door: nobody can shut the database that they are in.
    let (cluster, connection) =
        std::env::var("DATABASE_ADMIN_URL").unwrap().parse::<Config>().unwrap().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let shut = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    let hang_up = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    cluster.batch_execute(&shut).await.unwrap();
    cluster.batch_execute(&hang_up).await.unwrap();
    world.call("GET", "/health/live").expect(200).await;
    let ready = world.call("GET", "/health/ready").expect(503).await;
    assert_eq!((&ready.json["checks"]["database"], &ready.json["checks"]["kms"]), (&"down".into(), &"up".into()));
    assert!(!ready.text.contains(name) && !ready.text.contains("postgres"), "{}", ready.text);
    let login = json!({ "tenant": "acme", "email": "ann@acme.test", "password": "whatever it may be" });
    let refused = world.call("POST", "/v1/auth/login").json(&login).send().await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.headers.contains_key("retry-after"));
    cluster.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    world.call("GET", "/health/ready").expect(200).await;
}

#[tokio::test]
async fn figures_name_routes_and_no_ids() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    acme.admin.get(&format!("/v1/projects/{fusion}")).expect(200).await;
    acme.admin.get("/v1/units?number=Zyzzogeton").expect(200).await;
    acme.admin.get("/Zyzzogeton").expect(404).await;
    let figures = world.call("GET", "/metrics").expect(200).await.text;
    assert!(figures.contains("# TYPE keystead_request_seconds histogram"), "{figures}");
    let lines: Vec<&str> = figures.lines().filter(|line| line.starts_with("keystead_request_seconds_count")).collect();
    let of = |parts: &[&str]| lines.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(of(&["method=\"GET\"", "route=\"/v1/projects/{id}\"", "status=\"200\""]), "{lines:?}");
    assert!(of(&["route=\"unmatched\"", "status=\"404\""]), "{lines:?}");
    let sessions = figures.lines().find_map(|line| line.strip_prefix("keystead_cache_entries{cache=\"sessions\"} "));
    assert!(sessions.is_some_and(|entries| entries != "0"), "{figures}");
    for told in [
        fusion.trim_start_matches("prj_"),
        "Zyzzogeton",
        acme.id.trim_start_matches("tnt_"),
        "acme",
        "@",
        acme.admin.member.as_str(),
    ] {
        assert!(!figures.contains(told), "the figures tell {told}");
    }
}

fn guarded(answer: &Answer, what: &str) {
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("x-frame-options"), "DENY", "{what}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
    assert!(header("strict-transport-security").starts_with("max-age="), "{what}");
    assert!(header("x-request-id").starts_with("req_"), "{what}");
    assert!(
        header("cache-control").contains("no-store") || what.contains("jwks"),
        "{what}: {}",
        header("cache-control")
    );
    assert!(header("server").is_empty() && header("x-powered-by").is_empty(), "{what}");
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_the_headers_that_guard_browsers() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    guarded(&acme.admin.get("/v1/projects").expect(200).await, "an answer");
    guarded(&acme.admin.get("/v1/projects/x").expect(404).await, "a problem");
    guarded(&world.call("GET", "/v1/projects").expect(401).await, "a stranger");
    guarded(&world.call("GET", "/nowhere").expect(404).await, "nowhere");
    guarded(&world.call("PUT", "/v1/projects").expect(405).await, "another method");
    guarded(&world.call("GET", "/health/live").expect(200).await, "health");
    guarded(&world.call("GET", "/.well-known/jwks.json").expect(200).await, "jwks");
    let (one, two) = (world.call("GET", "/nowhere").send().await, world.call("GET", "/nowhere").send().await);
    assert_ne!(one.headers["x-request-id"], two.headers["x-request-id"]);
    assert_eq!(one.json["instance"], one.headers["x-request-id"].to_str().unwrap());
    let given = world.call("GET", "/nowhere").header("x-request-id", "req_forged").send().await;
    assert_ne!(given.headers["x-request-id"], "req_forged", "a caller does not choose what the log says");
    let origin = acme.admin.get("/v1/projects").header("origin", "https://evil.test").expect(200).await;
    assert!(!origin.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn the_reference_asks_no_other_host() {
    let world = World::new().await;
    let page = world.call("GET", "/docs/").expect(200).await;
    assert!(page.text.contains("<html"), "{}", page.text);
    let sources = regex::Regex::new(r#"(?:src|href)="([^"]+)""#).unwrap();
    let mut parts = vec!["swagger-initializer.js".to_owned()];
    parts.extend(sources.captures_iter(&page.text).map(|found| found[1].to_owned()));
    assert!(parts.len() > 3, "{parts:?}");
    for part in parts {
        assert!(!part.contains("//"), "{part} is elsewhere");
        world.call("GET", &format!("/docs/{}", part.trim_start_matches("./"))).expect(200).await;
    }
    let setup = world.call("GET", "/docs/swagger-initializer.js").expect(200).await.text;
    assert!(setup.contains("/v1/openapi.json") && !setup.contains("http://") && !setup.contains("https://"), "{setup}");
}
