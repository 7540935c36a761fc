//! What operators do with tenants and with each other, and what the console shows of the platform.

use chrono::Duration;
use keystead_ids::PresetRole::Viewer;
use keystead_tests::{Answer, Application, Options, PASSWORD, Person, Site as _, World};
use serde_json::{Value, json};

use crate::time::Time;

fn because(reason: &str) -> Value {
    json!({ "reason": reason })
}

async fn log(operator: &Person, filter: &str) -> Vec<(String, Value)> {
    let answer = operator.get(&format!("/v1/platform/log?{filter}")).expect(200).await;
    let line = |line: &Value| (line["action"].as_str().unwrap().to_owned(), line["detail"].clone());
    answer.items().iter().map(line).collect()
}

#[tokio::test]
async fn a_suspended_tenant_has_no_sessions_and_gets_none_until_it_is_resumed() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let operator = world.operator().await;
    let path = |what: &str| format!("/v1/platform/tenants/{}/{what}", acme.id);
    operator.post(&path("resume"), &because("no need")).refused(409, "tenant-state", "").await;
    let shown = operator.post(&path("suspend"), &because("invoice 17 is overdue")).expect(200).await.json;
    assert_eq!((&shown["state"], &shown["suspended_because"]), (&json!("suspended"), &json!("invoice 17 is overdue")));
    assert!(shown["suspended_at"].is_string());

    acme.admin.get("/v1/me").refused(401, "unauthenticated", "").await;
    let refresh = json!({ "refresh_token": acme.admin.refresh });
    world.call("POST", "/v1/auth/refresh").json(&refresh).refused(401, "session-ended", "").await;
    let login = json!({ "tenant": "acme", "email": acme.admin.email, "password": PASSWORD });
    world.call("POST", "/v1/auth/login").json(&login).refused(401, "login-failed", "").await;
    bolt.admin.get("/v1/me").expect(200).await;
    operator.post(&path("suspend"), &because("again")).refused(409, "tenant-state", "").await;

    let shown = operator.post(&path("resume"), &because("paid")).expect(200).await.json;
    assert_eq!((&shown["state"], &shown["suspended_at"]), (&json!("active"), &Value::Null));
    acme.admin.get("/v1/me").refused(401, "unauthenticated", "").await;
    Person::enter(&world, "acme", &acme.admin.email).await.get("/v1/projects").expect(200).await;

    let trail = log(&operator, &format!("object={}&action=tenant", acme.id)).await;
    assert_eq!(trail[0], ("tenant.resumed".to_owned(), because("paid")));
    assert_eq!(trail[1], ("tenant.suspended".to_owned(), because("invoice 17 is overdue")));
    for body in [json!({}), json!({ "reason": "" })] {
        operator.post(&path("suspend"), &body).refused(422, "invalid", "/reason").await;
    }
}

#[tokio::test]
async fn limits_keep_more_from_being_added_and_take_nothing_away() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    let path = format!("/v1/platform/tenants/{}", acme.id);
    let before = operator.get(&path).expect(200).await;
    assert_eq!((&before.json["plan"], &before.json["max_members"]), (&json!("standard"), &Value::Null));
    let project = acme.project("FUSION").await;
    acme.project("OTHER").await;

    let limits = json!({ "plan": "trial", "max_members": 3, "max_projects": 2, "max_file_megabytes": 1 });
    let after = operator.patch(&path, &limits).await.expect(200).await;
    for (field, value) in limits.as_object().unwrap() {
        assert_eq!(&after.json[field], value);
    }
    let stale = operator.call("PATCH", &path).header("if-match", &before.etag()).json(&limits);
    stale.refused(412, "version-conflict", "").await;

    // Nobody is made to wait for what a session is believed to be.
    let admin = Person::enter(&world, "acme", &acme.admin.email).await;
    let another = json!({ "code": "THIRD", "name": "T", "time_zone": "America/Denver", "currency": "USD" });
    admin.post("/v1/projects", &another).refused(409, "limit-reached", "").await;
    assert_eq!(admin.get("/v1/projects").expect(200).await.items().len(), 2);

    let viewer = acme.role(Viewer).await;
    let invited = |name: &str| json!({ "email": format!("{name}@acme.test"), "role_id": viewer, "all_projects": true });
    admin.post("/v1/invitations", &invited("a")).expect(201).await;
    let two = json!({ "invitations": [invited("b"), invited("c")] });
    admin.post("/v1/invitations/bulk", &two).refused(409, "limit-reached", "").await;
    // The one in its place is no other one.
    let last = admin.post("/v1/invitations", &invited("b")).expect(201).await;
    admin.post("/v1/invitations", &invited("b")).expect(201).await;
    admin.post("/v1/invitations", &invited("c")).refused(409, "limit-reached", "").await;
    assert_eq!(last.json["state"], "open");

    let file = |length: u64| {
        json!({ "project_id": project, "kind": "floorplan", "name": "a.pdf", "content_type": "application/pdf",
            "length": length, "sha256": "0f".repeat(32) })
    };
    admin.post("/v1/files", &file(600_000)).expect(201).await;
    admin.post("/v1/files", &file(400_001)).refused(409, "limit-reached", "").await;
    admin.post("/v1/files", &file(400_000)).expect(201).await;

    let none = json!({ "max_members": null, "max_projects": null });
    let shown = operator.patch(&path, &none).await.expect(200).await.json;
    assert_eq!((&shown["max_projects"], &shown["max_file_megabytes"]), (&Value::Null, &json!(1)));
    let admin = Person::enter(&world, "acme", &acme.admin.email).await;
    admin.post("/v1/projects", &another).expect(201).await;
    for bad in [json!({ "plan": "golden" }), json!({ "max_members": 0 }), json!({ "state": "active" })] {
        let pointer = format!("/{}", bad.as_object().unwrap().keys().next().unwrap());
        operator.patch(&path, &bad).await.refused(422, "invalid", &pointer).await;
    }
    assert_eq!(log(&operator, "action=tenant.terms_changed").await.len(), 2);
}

#[tokio::test]
async fn who_was_removed_comes_back_where_there_is_room() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let bob = format!("/v1/members/{}", acme.hire(Viewer, &[]).await.member);
    let operator = world.operator().await;
    let allow = async |members: Value| {
        let path = format!("/v1/platform/tenants/{}", acme.id);
        operator.patch(&path, &json!({ "max_members": members })).await.expect(200).await;
        // A new session knows it at once.
        Person::enter(&world, "acme", &acme.admin.email).await
    };
    acme.admin.patch(&bob, &json!({ "state": "removed" })).await.expect(200).await;
    let admin = allow(json!(1)).await;
    for state in ["active", "suspended"] {
        admin.patch(&bob, &json!({ "state": state })).await.refused(409, "limit-reached", "").await;
    }
    admin.patch(&bob, &json!({ "state": "removed", "name": "Bob" })).await.expect(200).await;
    let admin = allow(json!(2)).await;
    admin.patch(&bob, &json!({ "state": "suspended" })).await.expect(200).await;
    admin.patch(&bob, &json!({ "state": "active" })).await.expect(200).await;
}

#[tokio::test]
async fn operators_see_how_much_a_tenant_has_and_none_of_it() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let holdings = crate::seed::fill(&acme, "FUSION").await;
    crate::seed::fill(&world.tenant("bolt").await, "VOLTA").await;
    let operator = world.operator().await;
    let usage = operator.get(&format!("/v1/platform/tenants/{}/usage", acme.id)).expect(200).await;
    let homes = acme.admin.get("/v1/units").expect(200).await.items().len();
    assert!(homes >= 2);
    let expected = json!({ "members": 2, "invited": 1, "projects": 1, "units": homes, "contracts": 1, "file_bytes": 9,
        "key_state": "Enabled" });
    assert_eq!(usage.json, expected);
    acme.admin
        .patch(&format!("/v1/members/{}", holdings.agent.member), &json!({ "state": "removed" }))
        .await
        .expect(200)
        .await;
    let usage = operator.get(&format!("/v1/platform/tenants/{}/usage", acme.id)).expect(200).await;
    assert_eq!(usage.json["members"], 1);
    for path in ["/v1/contacts", "/v1/projects", "/v1/search?q=fusion", "/v1/dashboard"] {
        operator.get(path).refused(401, "unauthenticated", "").await;
    }
}

#[tokio::test]
async fn provisioning_is_told_step_by_step() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    let steps = async || {
        let tenant = operator.get(&format!("/v1/platform/tenants/{}", acme.id)).expect(200).await.json;
        tenant["provisioning"].as_array().unwrap().clone()
    };
    for step in steps().await {
        assert_eq!((&step["state"], &step["error"]), (&json!("done"), &Value::Null), "{step}");
        assert!(step["started_at"].as_str().unwrap() <= step["finished_at"].as_str().unwrap(), "{step}");
    }
    // As they stand on the way.
    let superuser = world.database.superuser().await;
    let sql = "UPDATE platform.provisioning_steps SET finished_at = NULL, error = CASE step WHEN 'data_keys' THEN 'KMS is away' END,
        started_at = CASE WHEN step <> 'activate' THEN started_at END WHERE step <> 'kms_key'";
    superuser.batch_execute(sql).await.unwrap();
    let states: Vec<Value> = steps().await.iter().map(|step| step["state"].clone()).collect();
    assert_eq!(states, ["done", "failed", "running", "waiting"]);
}

#[tokio::test]
async fn an_operator_asks_another_who_joins_by_mail_and_may_be_let_go() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let operator = world.operator().await;
    // The mailbox is that of all tests.
    let address = format!("olga-{}@keystead.test", uuid::Uuid::new_v4().simple());
    let invite = json!({ "email": address });
    operator.post("/v1/platform/operators", &invite).expect(202).await;
    let first = world.token_mailed_to(&address, "kso_").await;
    time.pass(Duration::seconds(1));
    let invited = operator.post("/v1/platform/operators", &invite).expect(202).await;
    let accept = |token: &str, password: &str| {
        let body = json!({ "token": token, "name": "Olga", "password": password });
        world.call("POST", "/v1/operator-invitations/accept").json(&body)
    };
    let listed = operator.get("/v1/platform/operators").expect(200).await.json;
    assert_eq!(listed["invited"].as_array().unwrap().len(), 1);
    assert_eq!(listed["invited"][0]["id"], invited.json["id"]);
    let token = newer_token(&world, &address, &first).await;
    accept(&first, PASSWORD).refused(404, "invitation-not-valid", "").await;
    accept(&token, "password1").refused(422, "invalid", "/password").await;
    accept(&token, PASSWORD).expect(204).await;
    accept(&token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    operator.post("/v1/platform/operators", &invite).refused(409, "already-operator", "").await;

    let olga = Person::enter(&world, "", &address).await;
    assert_eq!(olga.get("/v1/platform/me").expect(200).await.json["name"], "Olga");
    let listed = operator.get("/v1/platform/operators").expect(200).await.json;
    let of =
        |email: &str| listed["items"].as_array().unwrap().iter().find(|one| one["email"] == email).unwrap().clone();
    assert_eq!((&of(&address)["you"], &of(&operator.email)["you"]), (&json!(false), &json!(true)));
    assert!(of(&address)["last_seen_at"].is_string());
    assert_eq!(listed["invited"], json!([]));

    let own = of(&operator.email)["id"].as_str().unwrap().to_owned();
    let hers = of(&address)["id"].as_str().unwrap().to_owned();
    let disable =
        |who: &Person, id: &str| who.post(&format!("/v1/platform/operators/{id}/disable"), &because("moved on"));
    disable(&operator, &own).refused(409, "own-account", "").await;
    disable(&operator, &hers).expect(204).await;
    olga.get("/v1/platform/me").refused(401, "unauthenticated", "").await;
    let login = json!({ "email": address, "password": PASSWORD });
    world.call("POST", "/v1/auth/login").json(&login).refused(401, "login-failed", "").await;
    disable(&operator, &hers).refused(404, "not-found", "").await;
    let actions: Vec<String> = log(&operator, "action=operator").await.into_iter().map(|line| line.0).collect();
    assert_eq!(actions, ["operator.disabled", "operator.joined", "operator.invited", "operator.invited"]);
}

/// The token of the newest mail to an address, which is not `first`.
async fn newer_token(world: &World, address: &str, first: &str) -> String {
    for _ in 0..100 {
        let token = world.token_mailed_to(address, "kso_").await;
        if token != first {
            return token;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no other mail came");
}

#[tokio::test]
async fn an_operators_invitation_is_no_way_around_a_password_and_ends_after_a_day() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    operator.post("/v1/platform/operators", &json!({ "email": acme.admin.email })).expect(202).await;
    let token = world.token_mailed_to(&acme.admin.email, "kso_").await;
    let accept = |password: &str| {
        let body = json!({ "token": token, "name": "Ada", "password": password });
        world.call("POST", "/v1/operator-invitations/accept").json(&body)
    };
    accept("granite-Window-4-orchard").refused(403, "wrong-password", "").await;
    time.pass(Duration::hours(24));
    accept(PASSWORD).refused(404, "invitation-not-valid", "").await;
    time.pass(Duration::seconds(-1));
    accept(PASSWORD).expect(204).await;
    Person::enter(&world, "", &acme.admin.email).await.get("/v1/platform/tenants").expect(200).await;
}

#[tokio::test]
async fn an_operator_logs_out() {
    let world = World::new().await;
    let operator = world.operator().await;
    assert_eq!(operator.get("/v1/platform/me").expect(200).await.json["membership"], Value::Null);
    operator.call("POST", "/v1/platform/logout").expect(204).await;
    operator.get("/v1/platform/me").refused(401, "unauthenticated", "").await;
    let refresh = json!({ "refresh_token": operator.refresh });
    world.call("POST", "/v1/auth/refresh").json(&refresh).refused(401, "session-ended", "").await;
}

#[tokio::test]
async fn the_console_shows_how_the_platform_is_and_has_parked_mail_tried_again() {
    let world = World::new().await;
    let operator = world.operator().await;
    let superuser = world.database.superuser().await;
    let token = format!("ksv_{}", "a".repeat(48));
    let parked = format!("INSERT INTO platform.outbox (id, recipient, message, attempts, next_at, parked_at, last_error, created_at)
        VALUES (gen_random_uuid(), 'ann@parked.test', '{{\"template\": \"tenant_ready\", \"company\": \"Acme\", \"link\": \"http://x/#{token}\"}}',
            12, now(), now(), 'the mail server refused: 550', now())");
    superuser.batch_execute(&parked).await.unwrap();
    let health: Answer = operator.get("/v1/platform/health").expect(200).await;
    for check in health.json["checks"].as_array().unwrap() {
        assert_eq!(check["up"], true, "{check}");
    }
    let mail = &health.json["mail"];
    assert_eq!((&mail["parked"], &mail["parked_items"][0]["domain"]), (&json!(1), &json!("parked.test")));
    assert_eq!(mail["parked_items"][0]["template"], "tenant_ready");
    assert!(!health.text.contains("ksv_") && !health.text.contains("ann@"), "{}", health.text);

    let path = format!("/v1/platform/mail/{}/replay", mail["parked_items"][0]["id"].as_str().unwrap());
    operator.call("POST", &path).expect(204).await;
    world.token_mailed_to("ann@parked.test", "ksv_").await;
    operator.call("POST", &path).refused(404, "not-found", "").await;
    assert_eq!(log(&operator, "action=mail").await.len(), 1);
    assert_eq!(operator.get("/v1/platform/health").expect(200).await.json["mail"]["parked"], 0);
}

#[tokio::test]
async fn the_platforms_log_is_filtered_and_paged() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let operator = world.operator().await;
    for state in ["suspend", "resume", "suspend", "resume"] {
        operator.post(&format!("/v1/platform/tenants/{}/{state}", acme.id), &because("a drill")).expect(200).await;
    }
    let all = log(&operator, "limit=200").await;
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = operator.get(&format!("/v1/platform/log?limit=3{next}")).expect(200).await;
        seen.extend(page.items().iter().map(|line| line["action"].as_str().unwrap().to_owned()));
        match page.json["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, all.iter().map(|line| line.0.clone()).collect::<Vec<_>>());
    let me = operator.get("/v1/platform/me").expect(200).await.json["identity_id"].as_str().unwrap().to_owned();
    let mine = operator.get(&format!("/v1/platform/log?actor={me}")).expect(200).await;
    assert_eq!(mine.items().len(), 4);
    assert_eq!(mine.items()[0]["actor"]["id"], me);
    assert_eq!(log(&operator, "action=tenant.suspended").await.len(), 2);
    assert_eq!(log(&operator, "action=tenant.susp").await.len(), 0, "a part of a word is nothing");
    operator.get("/v1/platform/log?object=nothing").refused(422, "invalid", "object").await;
    let admin = Person::enter(&world, "acme", &acme.admin.email).await;
    admin.get("/v1/platform/log").refused(401, "unauthenticated", "").await;
}

/// Whatever changes a tenant, an application or an invitation fails when it is committed, and at nothing before.
const NO_COMMIT: &str = "
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no commit'; END $$;
CREATE CONSTRAINT TRIGGER refused AFTER INSERT OR UPDATE ON platform.tenants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();
CREATE CONSTRAINT TRIGGER refused AFTER INSERT OR UPDATE ON platform.signups
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();
CREATE CONSTRAINT TRIGGER refused AFTER INSERT OR UPDATE ON platform.operator_invitations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();
";

#[tokio::test]
async fn what_is_refused_or_fails_at_its_commit_leaves_no_line_in_the_platforms_log() {
    let world = World::with(Options { auto_approve: false, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let (open, decided) = (Application::verified(&world, "bolt").await, Application::verified(&world, "cove").await);
    let operator = world.operator().await;
    let tenant = format!("/v1/platform/tenants/{}", acme.id);
    let reject = |application: &Application| {
        operator.post(&format!("/v1/platform/signups/{}/reject", application.id), &json!({ "note": "no" }))
    };
    reject(&decided).expect(200).await;

    let before = log(&operator, "limit=200").await;
    reject(&decided).refused(409, "signup-decided", "").await;
    decided.approval(&operator).refused(409, "signup-not-verified", "").await;
    operator.post(&format!("{tenant}/resume"), &because("no need")).refused(409, "tenant-state", "").await;
    let stale = operator.call("PATCH", &tenant).header("if-match", "\"0\"").json(&json!({ "plan": "trial" }));
    stale.refused(412, "version-conflict", "").await;
    assert_eq!(log(&operator, "limit=200").await, before);

    let superuser = world.database.superuser().await;
    superuser.batch_execute(NO_COMMIT).await.unwrap();
    operator.post(&format!("{tenant}/suspend"), &because("a drill")).expect(500).await;
    operator.patch(&tenant, &json!({ "plan": "trial" })).await.expect(500).await;
    reject(&open).expect(500).await;
    open.approval(&operator).expect(500).await;
    operator.post("/v1/platform/operators", &json!({ "email": "olga@keystead.test" })).expect(500).await;
    assert_eq!(log(&operator, "limit=200").await, before);

    let shown = operator.get(&tenant).expect(200).await.json;
    assert_eq!((&shown["state"], &shown["plan"]), (&json!("active"), &json!("standard")));
    superuser.batch_execute("DROP FUNCTION public.refuse() CASCADE").await.unwrap();
    operator.post(&format!("{tenant}/suspend"), &because("a drill")).expect(200).await;
    assert_eq!(log(&operator, "limit=200").await.len(), before.len() + 1);
}
