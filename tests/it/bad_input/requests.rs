//! Bodies, media types, methods and paths.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::{PASSWORD, World};
use serde_json::{Value, json};

use super::comparable;
use crate::rows::Rows;

const MIB: usize = 1024 * 1024;

fn project(name: &str) -> Value {
    json!({ "code": "FUSION", "name": name, "time_zone": "UTC", "currency": "USD" })
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_too_large() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let rows = Rows::of(&world).await;
    let around = project("").to_string().len();
    for path in ["/v1/projects", "/v1/signups", "/v1/auth/login"] {
        let long = project(&"x".repeat(MIB + 1 - around)).to_string();
        assert_eq!(long.len(), MIB + 1);
        acme.admin.call("POST", path).body("application/json", long).refused(413, "too-large", "").await;
    }
    let just = project(&"x".repeat(MIB - around)).to_string();
    acme.admin.call("POST", "/v1/projects").body("application/json", just).refused(422, "invalid", "/name").await;
    rows.unchanged().await;
}

#[tokio::test]
async fn a_body_that_is_not_json_by_name_or_by_nature_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let rows = Rows::of(&world).await;
    let good = project("Fusion").to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
        "*/*",
    ] {
        let call = acme.admin.call("POST", "/v1/projects").body(content_type, good.clone());
        call.refused(415, "media-type", "").await;
    }
    acme.admin.call("POST", "/v1/projects").refused(415, "media-type", "").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let malformed: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        b"{\"code\":}".to_vec(),
        b"{'code':'X'}".to_vec(),
        format!("{good} {good}").into_bytes(),
        format!("{good},").into_bytes(),
        good.replace("Fusion", "Fu\u{1}sion").into_bytes(),
        [b"{\"code\":\"".as_slice(), &[0xff, 0xfe], b"\"}"].concat(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"code\":\"\\ud800\"}".to_vec(),
        b"\0".to_vec(),
        deep.into_bytes(),
        b"NaN".to_vec(),
    ];
    for body in malformed {
        let call = acme.admin.call("POST", "/v1/projects").body("application/json", body.clone());
        let answer = call.send().await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        // What is JSON but for one field is that field's mistake.
        assert!(
            answer.status == 400 || (answer.status == 422 && !answer.json["errors"].is_null()),
            "{shown}: {}",
            answer.text
        );
        assert!(
            answer.status != 400 || answer.json["type"] == "urn:keystead:problem:malformed",
            "{shown}: {}",
            answer.text
        );
    }
    for body in ["null", "[]", "1", "\"x\"", "true"] {
        acme.admin.call("POST", "/v1/projects").body("application/json", body).refused(422, "invalid", "").await;
    }
    let twice = good.replacen('{', "{\"name\":\"First\",", 1);
    acme.admin.call("POST", "/v1/projects").body("application/json", twice).refused(422, "invalid", "").await;
    rows.unchanged().await;
    acme.admin.call("POST", "/v1/projects").body("application/json; charset=utf-8", good).expect(201).await;
}

#[tokio::test]
async fn the_character_that_no_text_may_hold_is_refused_in_every_text_by_name() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let vp = acme.hire(VpSales, &[]).await;
    let home = acme.unit(&fusion, "1").await;
    let jane = vp.post("/v1/contacts", &json!({ "project_id": fusion, "name": "Jane Doe" })).expect(201).await.id();
    let contract = json!({ "unit_id": home, "buyers": [{ "contact_id": jane }] });
    let contract = vp.post("/v1/contracts", &contract).expect(201).await.id();
    let texts: Vec<(String, Vec<&str>)> = vec![
        ("/v1/signups".into(), vec!["company_name", "slug", "admin_name", "email", "password"]),
        ("/v1/signups/verify".into(), vec!["token"]),
        ("/v1/auth/login".into(), vec!["tenant", "email", "password", "client"]),
        ("/v1/auth/refresh".into(), vec!["refresh_token"]),
        ("/v1/invitations".into(), vec!["email", "role_id"]),
        ("/v1/invitations/accept".into(), vec!["token", "name", "password"]),
        ("/v1/projects".into(), vec!["code", "name", "time_zone", "currency"]),
        ("/v1/phases".into(), vec!["name", "released_at"]),
        ("/v1/buildings".into(), vec!["name"]),
        ("/v1/plans".into(), vec!["code", "name"]),
        ("/v1/elevations".into(), vec!["code", "name"]),
        ("/v1/units".into(), vec!["number", "address", "parcel", "not_for_sale_reason"]),
        ("/v1/contacts".into(), vec!["name", "email", "phone", "date_of_birth"]),
        (format!("/v1/contacts/{jane}/reveal"), vec!["purpose"]),
        (format!("/v1/contracts/{contract}/cancel"), vec!["reason", "note"]),
        ("/v1/files".into(), vec!["name", "kind", "content_type", "sha256"]),
        ("/v1/import-mappings".into(), vec!["name"]),
    ];
    let rows = Rows::of(&world).await;
    for (path, fields) in &texts {
        let who = if path.contains("contacts") || path.contains("contracts") { &vp } else { &acme.admin };
        for field in fields {
            for text in ["\0", "a\0b", "Robert\0'); DROP TABLE app.units;--"] {
                who.post(path, &json!({ *field: text })).refused(422, "invalid", &format!("/{field}")).await;
            }
        }
    }
    let nested = json!({ "project_id": fusion, "name": "Jane", "address": { "city": "a\0b" } });
    vp.post("/v1/contacts", &nested).refused(422, "invalid", "/address/city").await;
    let nested = json!({ "unit_id": home, "buyers": [{ "contact_id": jane }, { "contact": { "name": "a\0b" } }] });
    vp.post("/v1/contracts", &nested).refused(422, "invalid", "/buyers/1/contact/name").await;
    let nested = json!({ "name": "m", "mapping": { "columns": {}, "empty_values": ["NA", "\0"] } });
    acme.admin.post("/v1/import-mappings", &nested).refused(422, "invalid", "/mapping/empty_values/1").await;
    for (path, field) in [
        (format!("/v1/projects/{fusion}"), "name"),
        (format!("/v1/units/{home}"), "address"),
        ("/v1/settings".into(), "name"),
    ] {
        acme.admin.patch(&path, &json!({ field: "a\0b" })).await.refused(422, "invalid", &format!("/{field}")).await;
    }
    // Six characters of text that only look like an escape are text.
    acme.admin.patch("/v1/settings", &json!({ "name": "\\u0000" })).await.expect(200).await;
    rows.unchanged_but(&["app.settings", "audit.events"]).await;
}

#[tokio::test]
async fn an_empty_parameter_is_refused_and_does_not_list_everything() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let vp = acme.hire(VpSales, &[]).await;
    let document = keystead_api::routes::document();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let in_query = parameters.filter(|parameter| parameter["in"] == "query");
        for name in in_query.filter_map(|parameter| parameter["name"].as_str()) {
            if path.contains('{') || path.starts_with("/v1/platform/") {
                continue;
            }
            let person = if path.starts_with("/v1/audit/") || path.contains("import") { &acme.admin } else { &vp };
            let answer = person.get(&format!("{path}?{name}=")).send().await;
            assert!(
                answer.status == 422 && answer.names(name) || answer.status == 403,
                "{path} {name}: {}",
                answer.text
            );
            tried += usize::from(answer.status == 422);
        }
    }
    assert!(tried > 30, "{tried} parameters");
}

#[tokio::test]
async fn methods_and_paths_that_do_not_exist_are_refused_as_problems() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let rows = Rows::of(&world).await;
    for (method, path) in [
        ("PUT", "/v1/projects"),
        ("DELETE", "/v1/projects"),
        ("PATCH", "/v1/projects"),
        ("DELETE", "/v1/contracts/x"),
        ("POST", "/v1/settings"),
        ("POST", "/v1/audit/events"),
        ("DELETE", "/v1/audit/events"),
        ("GET", "/v1/auth/login"),
        ("POST", "/health/ready"),
    ] {
        let answer = acme.admin.call(method, path).refused(405, "method-not-allowed", "").await;
        assert!(answer.headers.contains_key("allow"), "{method} {path}: RFC 9110, 15.5.6");
    }
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/project",
        "/v2/projects",
        "/v1/projects/x/y",
        "/V1/projects",
        "/v1//projects",
        "/.env",
        "/admin",
    ] {
        acme.admin.get(path).refused(404, "not-found", "").await;
    }
    for override_header in ["x-http-method-override", "x-method-override", "x-original-method"] {
        acme.admin.get("/v1/projects").header(override_header, "DELETE").expect(200).await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn an_id_that_is_malformed_names_nothing() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let unknown = format!("prj_{}", "0".repeat(32));
    let nothing = acme.admin.get(&format!("/v1/projects/{unknown}")).refused(404, "not-found", "").await;
    for id in [
        "x",
        "prj_",
        "1",
        "prj_00000000-0000-0000-0000-000000000000",
        &fusion.to_uppercase(),
        &fusion.replace("prj_", "unt_"),
        &fusion[4..],
        &format!("{fusion}0"),
        "%00",
        "%FF%FE",
        "..%2f..%2fetc%2fpasswd",
        "'%20OR%201=1--",
        &"a".repeat(5_000),
    ] {
        let answer = acme.admin.get(&format!("/v1/projects/{id}")).refused(404, "not-found", "").await;
        assert_eq!(comparable(&answer), comparable(&nothing), "{id}");
    }
}

#[tokio::test]
async fn nobody_learns_what_is_wrong_with_a_request_before_logging_in() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let nobody = world.call("GET", "/v1/projects").refused(401, "unauthenticated", "").await;
    for (method, path) in [
        ("GET", format!("/v1/projects/{fusion}")),
        ("GET", "/v1/projects/x".to_owned()),
        ("GET", "/v1/units?colour=red".to_owned()),
        ("GET", "/v1/units?cursor=x".to_owned()),
        ("POST", "/v1/projects".to_owned()),
        ("PATCH", format!("/v1/projects/{fusion}")),
        ("POST", "/v1/imports".to_owned()),
    ] {
        let answer = world.call(method, &path).refused(401, "unauthenticated", "").await;
        assert_eq!(comparable(&answer), comparable(&nobody), "{method} {path}");
    }
    let broken =
        world.call("POST", "/v1/projects").body("application/json", "{").refused(401, "unauthenticated", "").await;
    assert_eq!(comparable(&broken), comparable(&nobody));
}

#[tokio::test]
async fn a_failed_login_quotes_nothing() {
    let world = World::new().await;
    let body = json!({ "tenant": "acme", "email": "ann@acme.test", "password": PASSWORD });
    let answer = world.call("POST", "/v1/auth/login").json(&body).refused(401, "login-failed", "").await;
    super::keeps_silent(&answer, &["ann@acme.test", PASSWORD]);
    let unknown = json!({ "tenant": "acme", "email": "ann@acme.test", "password": PASSWORD, "otp": "1" });
    world.call("POST", "/v1/auth/login").json(&unknown).refused(422, "invalid", "/otp").await;
    let client = json!({ "tenant": "acme", "email": "ann@acme.test", "password": PASSWORD, "client": "toaster" });
    world.call("POST", "/v1/auth/login").json(&client).refused(422, "invalid", "/client").await;
}
