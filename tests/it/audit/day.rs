//! A day's work: every operation that may change something, each done once, or by several at the same moment.

use std::collections::BTreeMap;

use futures::future::join_all;
use keystead_ids::PresetRole::{SalesAgent, Viewer, VpSales};
use keystead_tests::{Answer, Call, Person, Site as _, Tenant, World, becomes};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio_postgres::Client;

/// What one operation left.
#[derive(Debug)]
pub(super) struct Left {
    /// Rows of the tenant.
    pub(super) changes: i64,
    /// Events in the tenant's trail.
    pub(super) events: i64,
    /// Rows of the platform.
    pub(super) platform: i64,
    /// Events in the operators' trail.
    pub(super) trail: i64,
}

/// What each operation of the day left, as the spy saw it.
pub(super) struct Day {
    pub(super) superuser: Client,
    /// So many send each request at the same moment.
    at_once: usize,
    pub(super) left: BTreeMap<String, Left>,
    /// Answers that somebody got to a request of several, and that are nobody's fault but ours.
    pub(super) failures: Vec<String>,
}

impl Day {
    pub(super) async fn begin(world: &World, spy: &str, at_once: usize) -> Self {
        let superuser = world.database.superuser().await;
        superuser.batch_execute(spy).await.unwrap();
        Self { superuser, at_once, left: BTreeMap::new(), failures: Vec::new() }
    }

    /// Works until the builder is about to leave.
    pub(super) async fn work<'w>(&mut self, world: &'w World) -> Tenant<'w> {
        let acme = open(self, world).await;
        let project = inventory(self, &acme).await;
        let agent = people(self, &acme, &project).await;
        files_and_imports(self, world, &acme, &project).await;
        sales(self, &acme, &project, &agent).await;
        leave(self, world, &acme, &agent).await;
        operate(self, world, &acme).await;
        acme
    }

    /// Rows and events so far. One operation at a time is under way, so a difference is its doing.
    async fn so_far(&self) -> [i64; 4] {
        let sql = "SELECT (SELECT count(*) FROM public.changes WHERE name LIKE 'app.%'), (SELECT count(*) FROM public.traces),
            (SELECT count(*) FROM public.changes WHERE name LIKE 'platform.%'), (SELECT count(*) FROM platform.events)";
        let row = self.superuser.query_one(sql, &[]).await.unwrap();
        std::array::from_fn(|at| row.get(at))
    }

    /// Performs an operation, notes what it left, and gives an answer of success, of whoever had one.
    async fn does(&mut self, operation: &str, call: Call, status: u16) -> Answer {
        let before = self.so_far().await;
        let others: Vec<Call> = (1..self.at_once).map(|_| call.again()).collect();
        let answers = join_all(others.into_iter().chain([call]).map(Call::send)).await;
        let after = self.so_far().await;
        let [changes, events, platform, trail] = std::array::from_fn(|at| after[at] - before[at]);
        self.left.insert(operation.to_owned(), Left { changes, events, platform, trail });
        let failed = answers.iter().filter(|answer| answer.status >= 500);
        self.failures.extend(failed.map(|answer| format!("{operation}: {}", answer.text)));
        let said: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
        let done = answers.iter().find(|answer| answer.status == status);
        done.unwrap_or_else(|| panic!("{operation} was answered {said:#?}")).clone()
    }
}

/// A builder signs up, another is turned away.
async fn open<'w>(day: &mut Day, world: &'w World) -> Tenant<'w> {
    let operator = world.operator().await;
    let mut application = async |slug: &str, email: &str| {
        let body = json!({ "company_name": slug, "slug": slug, "admin_name": "Ada", "email": email, "password": keystead_tests::PASSWORD });
        let id = day.does("sign_up", world.call("POST", "/v1/signups").json(&body), 202).await.id();
        let token = json!({ "token": world.token_mailed_to(email, "ksv_").await });
        day.does("verify_signup", world.call("POST", "/v1/signups/verify").json(&token), 200).await;
        format!("/v1/platform/signups/{id}")
    };
    let email = format!("admin-{}@acme.test", uuid::Uuid::new_v4().simple());
    let (chosen, refused) = (application("acme", &email).await, application("bolt", &format!("b{email}")).await);
    day.does("approve_signup", operator.call("POST", &format!("{chosen}/approve")), 200).await;
    day.does("reject_signup", operator.post(&format!("{refused}/reject"), &json!({ "note": "no" })), 200).await;
    let tenants = operator.get("/v1/platform/tenants").expect(200).await;
    let id = tenants.items()[0]["id"].as_str().unwrap().to_owned();
    day.does("provision_tenant", operator.call("POST", &format!("/v1/platform/tenants/{id}/provision")), 200).await;
    Tenant { world, slug: "acme".to_owned(), id, admin: Person::enter(world, "acme", &email).await }
}

/// A project with everything in it, each created and changed.
async fn inventory(day: &mut Day, acme: &Tenant<'_>) -> String {
    let admin = &acme.admin;
    let project = json!({ "code": "FUSION", "name": "Fusion", "time_zone": "America/Los_Angeles", "currency": "USD" });
    let project = day.does("create_project", admin.post("/v1/projects", &project), 201).await.id();
    let mut of: BTreeMap<&str, String> = BTreeMap::new();
    for (kind, path, mut body) in [
        ("phase", "phases", json!({ "name": "1", "released_at": "2020-01-01T00:00:00Z" })),
        ("building", "buildings", json!({ "name": "North" })),
        ("plan", "plans", json!({ "code": "A", "name": "Plan A" })),
        ("elevation", "elevations", json!({ "code": "E", "name": "Craftsman" })),
        ("unit", "units", json!({ "number": "101", "price": { "amount_minor": 65_000_000, "currency": "USD" } })),
    ] {
        body["project_id"] = project.as_str().into();
        match kind {
            "elevation" => body["plan_id"] = of["plan"].as_str().into(),
            "unit" => body["phase_id"] = of["phase"].as_str().into(),
            _ => {}
        }
        let call = admin.post(&format!("/v1/{path}"), &body).header("idempotency-key", kind);
        let id = day.does(&format!("create_{kind}"), call, 201).await.id();
        let change = if kind == "unit" { json!({ "floor": 2 }) } else { json!({ "name": "2" }) };
        let change = admin.patch(&format!("/v1/{path}/{id}"), &change).await;
        day.does(&format!("update_{kind}"), change, 200).await;
        of.insert(kind, id);
    }
    let change = admin.patch(&format!("/v1/projects/{project}"), &json!({ "name": "Fusion II" })).await;
    day.does("update_project", change, 200).await;
    project
}

/// Settings, a role, an agent who is hired and one who is not.
async fn people(day: &mut Day, acme: &Tenant<'_>, project: &str) -> Person {
    let admin = &acme.admin;
    day.does("update_settings", admin.patch("/v1/settings", &json!({ "name": "Acme & Sons" })).await, 200).await;
    let role = format!("/v1/roles/{}", acme.role(Viewer).await);
    day.does("update_role", admin.patch(&role, &json!({ "title": "Guest" })).await, 200).await;
    let invitation = |email: &str, role: &str| {
        admin.post(
            "/v1/invitations",
            &json!({ "email": email, "role_id": role, "all_projects": false, "project_ids": [project] }),
        )
    };
    let (agents, email) = (acme.role(SalesAgent).await, format!("agent-{}@acme.test", uuid::Uuid::new_v4().simple()));
    let other = day.does("create_invitation", invitation("nobody@acme.test", &agents), 201).await.id();
    day.does("revoke_invitation", admin.call("DELETE", &format!("/v1/invitations/{other}")), 204).await;
    let bulk = json!({ "invitations": [{ "email": "many@acme.test", "role_id": agents, "project_ids": [project] }] });
    day.does("create_invitations", admin.post("/v1/invitations/bulk", &bulk), 201).await;
    // Who is invited again has the newest invitation, and no other.
    let invitations = admin.get("/v1/invitations").expect(200).await;
    let mut stand = invitations.items().iter().filter(|one| one["email"] == "many@acme.test" && one["state"] == "open");
    let many = stand.next().unwrap()["id"].as_str().unwrap().to_owned();
    assert!(stand.next().is_none(), "{}", invitations.text);
    day.does("resend_invitation", admin.call("POST", &format!("/v1/invitations/{many}/resend")), 201).await;
    invitation(&email, &agents).expect(201).await;
    let token = acme.world.token_mailed_to(&email, "ksi_").await;
    let accept = json!({ "token": token, "name": "Al Agent", "password": keystead_tests::PASSWORD });
    day.does("accept_invitation", acme.world.call("POST", "/v1/invitations/accept").json(&accept), 201).await;
    let agent = Person::enter(acme.world, "acme", &email).await;
    let member = format!("/v1/members/{}", agent.member);
    day.does("update_member", admin.patch(&member, &json!({ "name": "Alma Agent" })).await, 200).await;
    agent
}

/// A floorplan goes up and away; a spreadsheet comes in, breaks off and is resumed.
async fn files_and_imports(day: &mut Day, world: &World, acme: &Tenant<'_>, project: &str) {
    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    let admin = &acme.admin;
    let file = json!({ "project_id": project, "kind": "floorplan", "name": "Plan.pdf", "content_type": "application/pdf",
        "length": PDF.len(), "sha256": hex::encode(Sha256::digest(PDF)) });
    let id = day.does("declare_file", admin.post("/v1/files", &file), 201).await.id();
    let at = |what: &str| format!("/v1/files/{id}{what}");
    let upload = day.does("upload_file", admin.call("POST", &at("/upload")), 200).await;
    let upload = if upload.json["upload"].is_object() { &upload.json["upload"] } else { &upload.json };
    let mut put = world.http.put(upload["url"].as_str().unwrap());
    for (name, value) in upload["headers"].as_object().unwrap() {
        put = if name.eq_ignore_ascii_case("content-length") { put } else { put.header(name, value.as_str().unwrap()) };
    }
    assert_eq!(put.body(PDF).send().await.unwrap().status(), 200);
    day.does("confirm_file", admin.call("POST", &at("/confirm")), 200).await;
    day.does("link_file", admin.call("POST", &at("/link")), 200).await;
    day.does("remove_file", admin.call("DELETE", &at("")), 204).await;

    let columns =
        json!({ "number": { "column": "Lot" }, "phase": { "column": "Phase" }, "price": { "column": "Price" } });
    let mapping = json!({ "name": "Lots", "mapping": { "columns": columns } });
    let mapping = day.does("create_import_mapping", admin.post("/v1/import-mappings", &mapping), 201).await.id();
    let path = format!("/v1/imports?project_id={project}&file_name=homes.csv&mapping_id={mapping}");
    let sheet = "Lot,Phase,Price\n201,1,450000\n202,1,free\n";
    let import = day.does("import_units", admin.call("POST", &path).body("text/csv", sheet), 201).await;
    // Of several who bring the same homes one has them, and the others are told that they exist.
    assert_ne!(import.json["rows_refused"], 0, "{}", import.text);
    // As a crash leaves it: begun, and nobody at work on it.
    let begun = "UPDATE app.imports SET state = 'running', rows_read = 0, rows_imported = 0, rows_refused = 0, updated_at = now() - interval '1 day'";
    let quietly = format!(
        "SET session_replication_role = replica; {begun}; DELETE FROM app.import_errors; RESET session_replication_role"
    );
    day.superuser.batch_execute(&quietly).await.unwrap();
    let resume = admin.call("POST", &format!("/v1/imports/{}/resume", import.id()));
    day.does("resume_import", resume.body("text/csv", "Lot,Phase,Price\n203,1,450000\n204,1,free\n"), 200).await;
    day.does("delete_import_mapping", admin.call("DELETE", &format!("/v1/import-mappings/{mapping}")), 204).await;
}

/// A home is sold, given back, sold again and given up.
async fn sales(day: &mut Day, acme: &Tenant<'_>, project: &str, agent: &Person) {
    let vp = acme.hire(VpSales, &[]).await;
    let jane =
        json!({ "project_id": project, "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123" });
    let contact = day.does("create_contact", agent.post("/v1/contacts", &jane), 201).await.id();
    let at = |what: &str| format!("/v1/contacts/{contact}{what}");
    day.does("update_contact", agent.patch(&at(""), &json!({ "name": "Jane Roe" })).await, 200).await;
    let reveal = json!({ "fields": ["name"], "purpose": "preparing the contract" });
    day.does("reveal_contact", agent.post(&at("/reveal"), &reveal), 200).await;
    let home = acme.unit(project, "301").await;
    let sale = json!({ "unit_id": home, "buyers": [{ "contact_id": contact }, { "contact": { "name": "John Roe" } }] });
    let contract = day.does("create_contract", agent.post("/v1/contracts", &sale), 201).await.id();
    let nothing = json!({});
    let at = |what: &str| format!("/v1/contracts/{contract}/{what}");
    day.does("submit_contract", agent.post(&at("submit"), &nothing), 200).await;
    day.does("return_contract_to_draft", vp.post(&at("return"), &nothing), 200).await;
    agent.post(&at("submit"), &nothing).expect(200).await;
    day.does("approve_contract", vp.post(&at("approve"), &nothing), 200).await;
    day.does("cancel_contract", vp.post(&at("cancel"), &json!({ "reason": "remorse" })), 200).await;
    let erase = acme.admin.post(&format!("/v1/contacts/{contact}/erase"), &crate::erasure::decision());
    day.does("erase_contact", erase, 200).await;
    becomes(&day.superuser, "SELECT count(*) FROM platform.share_tasks", &[], 0).await;
}

/// Sessions come and go.
async fn leave(day: &mut Day, world: &World, acme: &Tenant<'_>, agent: &Person) {
    let login =
        json!({ "email": agent.email, "password": keystead_tests::PASSWORD, "client": "native", "tenant": acme.slug });
    let tokens = day.does("log_in", world.call("POST", "/v1/auth/login").json(&login), 200).await;
    let refresh: Value = json!({ "refresh_token": tokens.json["refresh_token"] });
    day.does("refresh_session", world.call("POST", "/v1/auth/refresh").json(&refresh), 200).await;
    let first = acme.world.call("POST", "/v1/auth/login").json(&login).expect(200).await;
    let first = first.json["access_token"].as_str().unwrap().to_owned();
    let first = acme.world.call("GET", "/v1/me").bearer(&first).expect(200).await;
    let first = format!("/v1/me/sessions/{}", first.json["session_id"].as_str().unwrap());
    day.does("end_my_session", agent.call("DELETE", &first), 204).await;
    day.does("end_my_other_sessions", agent.call("POST", "/v1/me/sessions/end-others"), 204).await;
    day.does("update_me", agent.patch("/v1/me", &json!({ "locale": "es-US" })).await, 200).await;
    let another = json!({ "current_password": keystead_tests::PASSWORD, "new_password": "another-Harbour-7-lantern" });
    day.does("change_password", agent.post("/v1/me/password", &another), 204).await;
    day.does("log_out", agent.call("POST", "/v1/auth/logout"), 204).await;
}

/// Operators decide about the builder and about each other.
async fn operate(day: &mut Day, world: &World, acme: &Tenant<'_>) {
    let (operator, because) = (world.operator().await, json!({ "reason": "a drill" }));
    let tenant = format!("/v1/platform/tenants/{}", acme.id);
    day.does("update_tenant", operator.patch(&tenant, &json!({ "max_members": 20 })).await, 200).await;
    day.does("suspend_tenant", operator.post(&format!("{tenant}/suspend"), &because), 200).await;
    day.does("resume_tenant", operator.post(&format!("{tenant}/resume"), &because), 200).await;
    let olga = format!("olga-{}@keystead.test", uuid::Uuid::new_v4().simple());
    let invite = |email: &str| operator.post("/v1/platform/operators", &json!({ "email": email }));
    day.does("invite_operator", invite("nobody@keystead.test"), 202).await;
    invite(&olga).expect(202).await;
    let token = world.token_mailed_to(&olga, "kso_").await;
    let accept = json!({ "token": token, "name": "Olga", "password": keystead_tests::PASSWORD });
    let accept = world.call("POST", "/v1/operator-invitations/accept").json(&accept);
    day.does("accept_operator_invitation", accept, 204).await;
    let olga = Person::enter(world, "", &olga).await;
    let id = olga.get("/v1/platform/me").expect(200).await.json["identity_id"].as_str().unwrap().to_owned();
    day.does("log_out_operator", olga.call("POST", "/v1/platform/logout"), 204).await;
    let disable = operator.post(&format!("/v1/platform/operators/{id}/disable"), &because);
    day.does("disable_operator", disable, 204).await;
    let parked = "INSERT INTO platform.outbox (id, recipient, message, next_at, parked_at, created_at)
        VALUES (gen_random_uuid(), 'ann@parked.test', '{}', now() + interval '1 day', now(), now()) RETURNING id";
    let mail: uuid::Uuid = day.superuser.query_one(parked, &[]).await.unwrap().get(0);
    let replay = operator.call("POST", &format!("/v1/platform/mail/eml_{}/replay", mail.simple()));
    day.does("replay_mail", replay, 204).await;
}

/// The builder leaves, and what opens its data is destroyed.
pub(super) async fn end(day: &mut Day, world: &World, acme: &Tenant<'_>) {
    let path = format!("/v1/platform/tenants/{}/offboard", acme.id);
    let goodbye = json!({ "slug": acme.slug, "reason": "the contract ended" });
    day.does("offboard_tenant", world.operator().await.post(&path, &goodbye), 200).await;
}
