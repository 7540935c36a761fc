//! The audit trail: complete, masked, and telling when somebody tampers with it.

mod chain;
pub(crate) mod checkpoints;
mod coverage;
mod day;
mod log;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use keystead_audit::{ChainHash, Expect, Head, Report, Violation, verify};
use keystead_ids::PresetRole::{EscrowCoord, SalesAgent, VpSales};
use keystead_tests::{Answer, Person, Tenant, World};
use serde_json::{Value, json};

/// What buyers would not want to find anywhere.
const PERSONAL: [&str; 9] =
    ["Jane", "Quillfeather", "jane.q@", "5125550123", "555-0123", "1984-02-29", "Birdsong", "Austin", "78701"];

/// A sale and what belongs to it, as in the main job.
struct Sale {
    fusion: String,
    other: String,
    home: String,
    contract: String,
    contact: String,
    agent: Person,
    vp: Person,
    escrow: Person,
}

fn jane() -> Value {
    json!({ "name": "Jane Quillfeather", "email": "jane.q@example.test", "phone": "(512) 555-0123", "date_of_birth": "1984-02-29",
        "address": { "line1": "1 Birdsong Ln", "city": "Austin", "region": "TX", "postal_code": "78701", "country": "US" } })
}

async fn sale(acme: &Tenant<'_>) -> Sale {
    let (fusion, other) = (acme.project("FUSION").await, acme.project("OTHER").await);
    let home = acme.unit(&fusion, "1101").await;
    acme.unit(&other, "1").await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let vp = acme.hire(VpSales, &[]).await;
    let escrow = acme.hire(EscrowCoord, &[&fusion]).await;
    let draft = json!({ "unit_id": home, "buyers": [{ "contact": jane() }] });
    let draft = agent.post("/v1/contracts", &draft).expect(201).await;
    let contact = draft.json["buyers"][0]["contact_id"].as_str().unwrap().to_owned();
    Sale { fusion, other, home, contract: draft.id(), contact, agent, vp, escrow }
}

async fn events(who: &Person, query: &str) -> Vec<Value> {
    who.get(&format!("/v1/audit/events?limit=200{query}")).expect(200).await.items().to_vec()
}

/// Does something and finds the one event of this action that it left.
async fn left_by(admin: &Person, done: Answer, action: &str) -> Value {
    let request = done.headers["x-request-id"].to_str().unwrap().to_owned();
    let found: Vec<Value> = events(admin, &format!("&action={action}")).await;
    let mut found = found.into_iter().filter(|event| event["request_id"] == request.as_str());
    let event = found.next().unwrap_or_else(|| panic!("no {action} of {request}"));
    assert!(found.next().is_none(), "{action} of {request} is recorded twice");
    event
}

#[tokio::test]
async fn every_change_of_the_main_job_leaves_who_what_when_and_both_images() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let Sale { fusion, home, contract, contact, agent, vp, escrow, .. } = sale(&acme).await;
    let admin = &acme.admin;
    let nothing = json!({});
    let reveal = json!({ "fields": ["name", "email"], "purpose": "preparing the purchase agreement" });
    let patch = json!({ "phone": "+1 512 555 0123", "address": { "city": "Austin" } });
    let price = json!({ "price": { "amount_minor": 70_000_000, "currency": "USD" } });
    let file = json!({ "project_id": fusion, "kind": "floorplan", "name": "P.pdf", "content_type": "application/pdf", "length": 9,
        "sha256": "00".repeat(32) });
    let invitation = json!({ "email": "new@acme.test", "role_id": acme.role(VpSales).await, "all_projects": true });
    let role = acme.role(EscrowCoord).await;
    let at = |path: &str, id: &str| path.replace("{}", id);
    let done = [
        (&agent, "contract.submitted", "POST", at("/v1/contracts/{}/submit", &contract), nothing.clone()),
        (&vp, "contract.approved", "POST", at("/v1/contracts/{}/approve", &contract), nothing),
        (&agent, "reveal.created", "POST", at("/v1/contacts/{}/reveal", &contact), reveal),
        (&agent, "contact.updated", "PATCH", at("/v1/contacts/{}", &contact), patch),
        (
            &escrow,
            "contract.cancelled",
            "POST",
            at("/v1/contracts/{}/cancel", &contract),
            json!({ "reason": "remorse" }),
        ),
        (admin, "unit.updated", "PATCH", at("/v1/units/{}", &home), price),
        (admin, "project.updated", "PATCH", at("/v1/projects/{}", &fusion), json!({ "name": "Fusion II" })),
        (admin, "project.archived", "PATCH", at("/v1/projects/{}", &fusion), json!({ "state": "archived" })),
        (admin, "settings.updated", "PATCH", "/v1/settings".to_owned(), json!({ "name": "Acme & Sons" })),
        (admin, "role.updated", "PATCH", at("/v1/roles/{}", &role), json!({ "title": "Escrow desk" })),
        (admin, "member.updated", "PATCH", at("/v1/members/{}", &vp.member), json!({ "name": "Vera" })),
        (admin, "member.suspended", "PATCH", at("/v1/members/{}", &vp.member), json!({ "state": "suspended" })),
        (admin, "invitation.created", "POST", "/v1/invitations".to_owned(), invitation),
        (admin, "file.created", "POST", "/v1/files".to_owned(), file),
    ];
    for (who, action, method, path, body) in done {
        let call = if method == "PATCH" { who.patch(&path, &body).await } else { who.post(&path, &body) };
        let answer = call.send().await;
        assert!(matches!(answer.status, 200 | 201), "{action}: {}", answer.text);
        let event = left_by(admin, answer, action).await;
        assert_eq!(event["actor"]["kind"], "member", "{action}");
        assert_eq!(event["actor"]["id"], who.member.as_str(), "{action}");
        assert!(event["actor"]["name"].is_string(), "{action}");
        assert_eq!(event["object"]["kind"], action.split('.').next().unwrap(), "{action}");
        let created = action.ends_with("created");
        assert_eq!(event["before"].is_null(), created, "{action}: {event}");
        assert!(event["after"].is_object(), "{action}: {event}");
        assert!(
            event["after"].get("tenant_id").is_none() && !event.to_string().contains("token_hash"),
            "{action}: {event}"
        );
    }
    let all = events(admin, "").await;
    let of = |action: &str| all.iter().find(|event| event["action"] == action).unwrap_or_else(|| panic!("no {action}"));
    assert_eq!(of("contract.submitted")["before"]["state"], "draft");
    assert_eq!(of("contract.submitted")["after"]["state"], "submitted");
    assert_eq!(of("contract.submitted")["object"]["id"], contract.as_str());
    assert_eq!(of("contract.submitted")["project_id"], fusion.as_str());
    assert_eq!(of("unit.updated")["before"]["price_minor"], 65_000_000);
    assert_eq!(of("unit.updated")["after"]["price_minor"], 70_000_000);
    assert_eq!(of("reveal.created")["after"]["purpose"], "preparing the purchase agreement");
    assert_eq!(of("settings.created")["actor"]["kind"], "provisioning");
    assert!(of("settings.created")["actor"]["id"].is_null());
    assert_eq!(of("contact.updated")["before"]["phone"].as_str().unwrap().split(':').next(), Some("sealed"));
    assert_ne!(of("contact.updated")["before"]["phone"], of("contact.updated")["after"]["phone"]);
    for action in
        ["project.created", "phase.created", "unit.created", "contact.created", "contract.created", "member.created"]
    {
        of(action);
    }
    // Nothing that happened by a request is without its request.
    assert!(all.iter().all(|event| event["request_id"].as_str().is_some_and(|id| id.starts_with("req_"))));
    let text = serde_json::to_string(&all).unwrap();
    for personal in PERSONAL {
        assert!(!text.contains(personal), "the trail shows {personal}");
    }
}

#[tokio::test]
async fn what_was_refused_or_undone_leaves_no_event() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let Sale { contract, vp, agent, home, .. } = sale(&acme).await;
    let before = events(&acme.admin, "").await.len();
    agent.post(&format!("/v1/contracts/{contract}/approve"), &json!({})).refused(403, "forbidden", "").await;
    vp.post(&format!("/v1/contracts/{contract}/approve"), &json!({})).expect(409).await;
    agent
        .post("/v1/contracts", &json!({ "unit_id": home, "buyers": [{ "contact": jane() }] }))
        .refused(409, "unit-under-contract", "")
        .await;
    assert_eq!(events(&acme.admin, "").await.len(), before);
}

#[tokio::test]
async fn the_applications_role_can_neither_write_the_trail_nor_call_what_writes_it() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    acme.project("FUSION").await;
    let rows = crate::rows::Rows::of(&world).await;
    for role in ["keystead_app", "keystead_worker", "keystead_platform", "keystead_audit_ro"] {
        let client = world.database.role(role).await;
        for sql in [
            "INSERT INTO audit.events (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, request_id)
                SELECT gen_random_uuid(), gen_random_uuid(), 'member', gen_random_uuid(), 'x.y', 'x', gen_random_uuid(), gen_random_uuid()",
            "UPDATE audit.events SET action = 'nothing.happened'",
            "DELETE FROM audit.events",
            "TRUNCATE audit.events",
            "UPDATE audit.heads SET n = 0",
            "DELETE FROM audit.heads",
            "INSERT INTO audit.heads VALUES (gen_random_uuid(), 0, '')",
            "UPDATE audit.checkpoints SET note = NULL",
            "DELETE FROM audit.checkpoints",
            "INSERT INTO audit.checkpoints VALUES (gen_random_uuid(), 1, '', now(), '')",
            "UPDATE platform.audit_log SET size = 0",
            "ALTER TABLE audit.events DISABLE TRIGGER ALL",
            "ALTER TABLE app.units DISABLE TRIGGER units_audit",
            "DROP TRIGGER units_audit ON app.units",
            "DROP POLICY events_tenant ON audit.events",
            "CREATE TABLE audit.copies (id uuid)",
            "SET ROLE keystead_audit",
            "SELECT audit.image('{}', '{}', '{}')",
            "SELECT audit.uuid_v7()",
        ] {
            let error = client.batch_execute(sql).await.expect_err(sql);
            assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{role}: {sql}: {error}");
        }
        if role != "keystead_worker" {
            for work in ["sequence(1)", "state_heads(1, '1 s')", "unsigned()", "sign(0, '', '', '{}')"] {
                let error = client.batch_execute(&format!("SELECT audit.{work}")).await.expect_err(work);
                assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{role}: {work}: {error}");
            }
        }
    }
    let app = world.database.role("keystead_app").await;
    let seen: i64 = app.query_one("SELECT count(*) FROM audit.events", &[]).await.unwrap().get(0);
    assert_eq!(seen, 0, "without a tenant's context there is nothing to see");
    rows.unchanged().await;
}

/// Waits until every event that stands has its place in the chain; returns the head.
async fn chained(world: &World, admin: &Person) -> (Answer, i64) {
    let superuser = world.database.superuser().await;
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let waiting: i64 =
            superuser.query_one("SELECT count(*) FROM audit.events WHERE n IS NULL", &[]).await.unwrap().get(0);
        if waiting == 0 {
            let head = admin.get("/v1/audit/head").expect(200).await;
            let n = head.json["n"].as_i64().unwrap();
            return (head, n);
        }
        assert!(Instant::now() < deadline, "{waiting} events wait for their place");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn judged(export: &str, head: &Answer) -> Result<Report, Violation> {
    let hash: ChainHash = head.json["hash"].as_str().unwrap().parse().ok().unwrap();
    let head = Head { n: head.json["n"].as_u64().unwrap(), hash };
    verify(export.as_bytes(), Expect { head: Some(head), ..Expect::default() })
}

async fn export(who: &Person) -> String {
    who.get("/v1/audit/export").expect(200).await.text
}

#[tokio::test]
async fn the_whole_trail_is_chained_and_its_export_verifies_without_us() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    sale(&acme).await;
    let (head, n) = chained(&world, &acme.admin).await;
    let answer = acme.admin.get("/v1/audit/export").expect(200).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let report = judged(&answer.text, &head).expect("verifies");
    assert_eq!(report.tenant.to_string(), acme.id);
    let of_acme =
        format!("SELECT count(*) FROM audit.events WHERE tenant_id = '{}'", acme.id.trim_start_matches("tnt_"));
    assert_eq!(
        (i64::try_from(report.events).unwrap(), n),
        (n, crate::rows::count(&world, &of_acme).await),
        "no event is left out"
    );
    for personal in PERSONAL {
        assert!(!answer.text.contains(personal), "the export shows {personal}");
    }
    let rival = world.tenant("rival").await;
    chained(&world, &rival.admin).await;
    let theirs = export(&rival.admin).await;
    assert!(!theirs.contains(acme.id.as_str()), "each tenant has a chain of its own");
    assert!(verify(theirs.as_bytes(), Expect { tenant: acme.id.parse().ok(), ..Expect::default() }).is_err());
    verified_by_the_binary(&answer.text, &acme.id);
}

/// The command that SECURITY.md names.
fn verified_by_the_binary(export: &str, tenant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        Command::new(keystead_tests::program())
            .args(["audit", "verify"])
            .arg(&file)
            .args(["--tenant", tenant])
            .output()
            .unwrap()
    };
    let good = run("good.ndjson", export);
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let bad = run("bad.ndjson", &export.replacen("unit.created", "unit.deleted", 1));
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("VIOLATION"));
}

#[tokio::test]
async fn whoever_tampers_with_the_database_is_found_out_by_the_export() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    sale(&acme).await;
    let (head, n) = chained(&world, &acme.admin).await;
    judged(&export(&acme.admin).await, &head).expect("verifies before");
    let superuser = world.database.superuser().await;
    let tenant = acme.id.trim_start_matches("tnt_");
    let middle = n / 2;
    let of = |n: i64| format!("tenant_id = '{tenant}' AND n = {n}");
    let swap = format!(
        "UPDATE audit.events SET n = -1 WHERE {a}; UPDATE audit.events SET n = {middle} WHERE {b};
        UPDATE audit.events SET n = {after} WHERE tenant_id = '{tenant}' AND n = -1",
        a = of(middle),
        b = of(middle + 1),
        after = middle + 1
    );
    let truncate = format!(
        "DELETE FROM audit.events WHERE {last}; UPDATE audit.heads SET n = n - 1,
            hash = (SELECT hash FROM audit.events WHERE {before}) WHERE tenant_id = '{tenant}'",
        last = of(n),
        before = of(n - 1)
    );
    for (what, sql) in [
        ("an action", format!("UPDATE audit.events SET action = 'unit.deleted' WHERE {}", of(middle))),
        ("an actor", format!("UPDATE audit.events SET actor_id = gen_random_uuid() WHERE {}", of(1))),
        ("a time", format!("UPDATE audit.events SET at = at - interval '1 second' WHERE {}", of(n))),
        (
            "an image",
            format!(
                "UPDATE audit.events SET after = after || '{{\"x\": 1}}' WHERE {} AND after IS NOT NULL",
                of(middle)
            ),
        ),
        ("a hash", format!("UPDATE audit.events SET hash = sha256('x') WHERE {}", of(middle))),
        ("a deletion", format!("DELETE FROM audit.events WHERE {}", of(middle))),
        ("a swap", swap),
        ("the end cut off, head and all", truncate),
        ("a head", format!("UPDATE audit.heads SET n = n - 1 WHERE tenant_id = '{tenant}'")),
    ] {
        superuser.batch_execute("CREATE TABLE IF NOT EXISTS public.events AS TABLE audit.events; CREATE TABLE IF NOT EXISTS public.heads AS TABLE audit.heads").await.unwrap();
        superuser.batch_execute(&sql).await.unwrap();
        // A gap breaks the export off, so there may be no whole answer to read.
        let seen = acme.admin.get("/v1/audit/export").try_send().await;
        let verdict = seen.map(|answer| judged(&answer.text, &head));
        assert!(!matches!(verdict, Some(Ok(_))), "{what} was not noticed");
        let mend = "TRUNCATE audit.events, audit.heads; INSERT INTO audit.events TABLE public.events; INSERT INTO audit.heads TABLE public.heads";
        superuser.batch_execute(mend).await.unwrap();
        judged(&export(&acme.admin).await, &head).expect(what);
    }
}

#[tokio::test]
async fn whoever_works_in_some_projects_sees_their_events_and_exports_nothing() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let Sale { fusion, other, agent, escrow, vp, .. } = sale(&acme).await;
    for path in ["events", "head", "key", "export"] {
        agent.get(&format!("/v1/audit/{path}")).refused(403, "forbidden", "").await;
    }
    let seen = events(&escrow, "").await;
    assert!(!seen.is_empty() && seen.iter().all(|event| event["project_id"] == fusion.as_str()));
    let all = events(&vp, "").await;
    let of_fusion = all.iter().filter(|event| event["project_id"] == fusion.as_str()).count();
    assert_eq!(seen.len(), of_fusion);
    assert!(
        all.iter().any(|event| event["project_id"] == other.as_str())
            && all.iter().any(|event| event["project_id"].is_null())
    );
    assert!(events(&escrow, &format!("&object_id={other}")).await.is_empty());
    escrow.get("/v1/audit/export").refused(403, "forbidden", "").await;
    vp.get("/v1/audit/export").expect(200).await;
    let rival = world.tenant("rival").await;
    let theirs = serde_json::to_string(&events(&rival.admin, "").await).unwrap();
    assert!(!theirs.contains(&fusion) && !theirs.contains(acme.admin.member.as_str()));
}

#[tokio::test]
async fn events_are_found_by_object_kind_actor_and_action() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let Sale { contract, contact, agent, .. } = sale(&acme).await;
    agent.post(&format!("/v1/contracts/{contract}/submit"), &json!({})).expect(200).await;
    let actions = async |query: &str| {
        let found = events(&acme.admin, query).await;
        found.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        actions(&format!("&object_id={contract}")).await,
        ["contract.submitted", "contract.created"],
        "newest first"
    );
    assert_eq!(actions("&action=contract.submitted").await, ["contract.submitted"]);
    let why = json!({ "fields": ["name"], "purpose": "calling about the inspection date" });
    let seen = agent.post(&format!("/v1/contacts/{contact}/reveal"), &why).expect(200).await;
    assert_eq!(
        actions(&format!("&object_id={contact}")).await,
        ["reveal.created", "contact.created"],
        "who saw a contact's data is part of the contact's story"
    );
    assert_eq!(actions(&format!("&object_id={}", seen.id())).await, ["reveal.created"]);
    let kinds = actions("&object_kind=contract").await;
    assert!(kinds.len() == 2 && kinds.iter().all(|action| action.starts_with("contract.")), "{kinds:?}");
    let by_agent = events(&acme.admin, &format!("&actor={}", agent.member)).await;
    assert!(by_agent.len() > 3 && by_agent.iter().all(|event| event["actor"]["id"] == agent.member.as_str()));
}
