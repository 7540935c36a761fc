//! Erasing a contact: who may, when, what is left, and what happens at the same moment.

mod before;
mod shares;
mod together;

use keystead_ids::PresetRole::{SalesAgent, VpSales};
use keystead_tests::{Answer, Person, Site, Tenant, World, becomes, count, uuid_of};
use serde_json::{Value, json};

/// What is sent to erase somebody.
pub(crate) fn decision() -> Value {
    json!({ "reason": "they asked for it", "confirmation": "ERASE" })
}

/// Erases a contact, and waits until backups are closed, too.
pub(crate) async fn erase_to_the_end<S: Site>(admin: &Person, tenant: &Tenant<'_, S>, contact: &str) -> Answer {
    let path = format!("/v1/contacts/{contact}");
    admin.post(&format!("{path}/erase"), &decision()).expect(200).await;
    closed(admin, tenant, contact).await
}

/// Waits until the erasure has reached backups.
pub(crate) async fn closed<S: Site>(admin: &Person, _: &Tenant<'_, S>, contact: &str) -> Answer {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let answer = admin.get(&format!("/v1/contacts/{contact}")).expect(200).await;
        if answer.json["backups_closed_at"].is_string() {
            return answer;
        }
        assert!(std::time::Instant::now() < deadline, "backups stay open: {}", answer.text);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

struct Stage<'w> {
    acme: Tenant<'w>,
    agent: Person,
    vp: Person,
    project: String,
    jane: String,
}

impl<'w> Stage<'w> {
    async fn of(world: &'w World) -> Self {
        let acme = world.tenant("acme").await;
        let project = acme.project("FUSION").await;
        let agent = acme.hire(SalesAgent, &[&project]).await;
        let vp = acme.hire(VpSales, &[]).await;
        let jane = json!({ "project_id": project, "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123",
            "address": { "city": "Reno", "country": "US" }, "date_of_birth": "1984-02-29" });
        let jane = agent.post("/v1/contacts", &jane).expect(201).await.id();
        Self { acme, agent, vp, project, jane }
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/contacts/{}{what}", self.jane)
    }

    fn erase(&self) -> keystead_tests::Call {
        self.acme.admin.post(&self.path("/erase"), &decision())
    }

    /// A home that Jane and John buy.
    async fn contract(&self, number: &str) -> Answer {
        let home = self.acme.unit(&self.project, number).await;
        let buyers = json!([{ "contact_id": self.jane }, { "contact": { "name": "John Roe" } }]);
        self.agent.post("/v1/contracts", &json!({ "unit_id": home, "buyers": buyers })).expect(201).await
    }

    async fn cancel(&self, contract: &str) {
        let reason = json!({ "reason": "remorse" });
        self.vp.post(&format!("/v1/contracts/{contract}/cancel"), &reason).expect(200).await;
    }
}

#[tokio::test]
async fn an_erased_contact_is_nobody() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let database = world.database.superuser().await;
    let contract = stage.contract("101").await.id();
    stage.cancel(&contract).await;

    let erased = stage.erase().expect(200).await;
    assert!(erased.json["erased_at"].is_string(), "{}", erased.text);
    assert_eq!(erased.headers["etag"], erased.etag().as_str());
    for answer in [erased, stage.agent.get(&stage.path("")).expect(200).await] {
        for field in ["name", "email", "phone", "address", "date_of_birth"] {
            assert!(answer.json[field].is_null(), "{}", answer.text);
        }
        assert_eq!(answer.json["damaged"], false, "nothing is wrong with it: {}", answer.text);
    }
    for search in ["email=jane%40example.com", "phone=%2B14155550123", "name=jane"] {
        let found = stage.agent.get(&format!("/v1/contacts?{search}")).expect(200).await;
        assert!(found.items().is_empty(), "{search} still finds: {}", found.text);
    }
    let listed = stage.agent.get("/v1/contacts").expect(200).await;
    let shown = listed.items().iter().find(|item| item["id"] == stage.jane.as_str()).expect("the row stays");
    assert!(shown["name"].is_null() && shown["erased_at"].is_string(), "{}", listed.text);

    let reveal = json!({ "fields": ["name"], "purpose": "curiosity" });
    stage.agent.post(&stage.path("/reveal"), &reveal).refused(409, "contact-erased", "").await;
    let change = json!({ "name": "Somebody Else" });
    stage.agent.patch(&stage.path(""), &change).await.refused(409, "contact-erased", "").await;
    stage.erase().refused(409, "contact-erased", "").await;
    let home = stage.acme.unit(&stage.project, "102").await;
    let sale = json!({ "unit_id": home, "buyers": [{ "contact_id": stage.jane }] });
    stage.agent.post("/v1/contracts", &sale).refused(422, "invalid", "/buyers/0/contact_id").await;
    for shown in [
        stage.agent.get(&format!("/v1/contracts/{contract}")).expect(200).await.json,
        stage.agent.get("/v1/contracts").expect(200).await.items()[0].clone(),
    ] {
        assert_eq!((&shown["buyers"][0]["name"], &shown["buyers"][1]["name"]), (&"Erased".into(), &"J. R.".into()));
    }

    let id = uuid_of(&stage.jane);
    for (what, expected, sql) in [
        ("keys", 0, "SELECT count(*) FROM app.subject_keys WHERE id = $1 AND (wrapped IS NOT NULL OR wrapping <> 0)"),
        ("tokens", 0, "SELECT count(*) FROM app.search_tokens WHERE contact_id = $1"),
        (
            "values",
            0,
            "SELECT count(*) FROM app.contacts WHERE id = $1
                AND num_nonnulls(name, email, phone, address, date_of_birth, email_bidx, phone_bidx) > 0",
        ),
        ("records", 1, "SELECT count(*) FROM app.erasures WHERE contact_id = $1 AND confirmation = 'ERASE'"),
        (
            "events of the contact",
            1,
            "SELECT count(*) FROM audit.events WHERE object_id = $1 AND action = 'contact.updated'
                AND after ->> 'erased_at' IS NOT NULL AND actor_kind = 'member'",
        ),
        (
            "events of the erasure",
            1,
            "SELECT count(*) FROM audit.events WHERE action = 'erasure.created' AND after ->> 'reason' = 'they asked for it'
                AND (after ->> 'contact_id')::uuid = $1",
        ),
    ] {
        assert_eq!(count(&database, sql, &[&id]).await, expected, "{what}");
    }
    closed(&stage.acme.admin, &stage.acme, &stage.jane).await;
    becomes(&database, "SELECT count(*) FROM platform.share_tasks", &[], 0).await;
}

#[tokio::test]
async fn nobody_is_erased_by_mistake() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let contract = stage.contract("101").await;
    for person in [&stage.agent, &stage.vp] {
        person.post(&stage.path("/erase"), &decision()).refused(403, "forbidden", "").await;
    }
    for (body, pointer) in [
        (json!({ "reason": "they asked for it", "confirmation": "erase" }), "/confirmation"),
        (json!({ "reason": "they asked for it" }), ""),
        (json!({ "reason": " ", "confirmation": "ERASE" }), "/reason"),
    ] {
        let refused = stage.acme.admin.post(&stage.path("/erase"), &body).refused(422, "invalid", pointer).await;
        assert!(!refused.text.contains("asked"), "{}", refused.text);
    }
    // Every state that lives stands in the way, and the answer names what has to end first.
    let at = |what: &str| format!("/v1/contracts/{}/{what}", contract.id());
    for step in ["", "submit", "approve"] {
        if !step.is_empty() {
            stage.vp.post(&at(step), &json!({})).expect(200).await;
        }
        let refused = stage.erase().refused(409, "contact-under-contract", "").await;
        let name = format!("Contract {}", contract.json["number"]);
        assert_eq!(refused.json["blocked_by"], json!([{ "id": contract.id(), "name": name }]), "{}", refused.text);
    }
    stage.agent.get("/v1/contacts?email=jane%40example.com").expect(200).await.items().first().expect("Jane is there");
    stage.cancel(&contract.id()).await;
    stage.erase().expect(200).await;
}

#[tokio::test]
async fn an_erasure_that_is_sent_again_happens_once() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let send = || stage.erase().header("idempotency-key", "goodbye").expect(200);
    let first = send().await;
    closed(&stage.acme.admin, &stage.acme, &stage.jane).await;
    let again = send().await;
    assert_eq!(first.json["erased_at"], again.json["erased_at"]);
    assert!(again.json["backups_closed_at"].is_string(), "a repetition tells how far it is: {}", again.text);
    let database = world.database.superuser().await;
    assert_eq!(count(&database, "SELECT count(*) FROM app.erasures", &[]).await, 1);
}

#[tokio::test]
async fn whoever_cannot_see_contracts_cannot_erase() {
    let world = World::new().await;
    let stage = Stage::of(&world).await;
    let role = format!("/v1/roles/{}", stage.acme.role(VpSales).await);
    // An administrator may hand the permission on, and it is no use alone.
    let only = json!({ "permissions": ["projects.read", "contacts.read", "contacts.erase"] });
    stage.acme.admin.patch(&role, &only).await.expect(200).await;
    let clerk = stage.acme.hire(VpSales, &[]).await;
    clerk.post(&stage.path("/erase"), &decision()).refused(403, "forbidden", "").await;
    stage.erase().expect(200).await;
}
