//! Another tenant's ids: in paths, queries and bodies they are as unknown as ids that never were.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::{Answer, Person, Tenant, World};
use serde_json::{Value, json};

use super::comparable;
use crate::rows::Rows;

/// One thing of every kind.
struct Things {
    project: String,
    phase: String,
    building: String,
    plan: String,
    elevation: String,
    unit: String,
    contact: String,
    contract: String,
    file: String,
    role: String,
    member: String,
    invitation: String,
    mapping: String,
    import: String,
}

async fn things(tenant: &Tenant<'_>) -> (Things, Person) {
    let admin = &tenant.admin;
    let vp = tenant.hire(VpSales, &[]).await;
    let new = async |path: &str, body: Value| admin.post(path, &body).expect(201).await.id();
    let project = tenant.project("ONE").await;
    let phase = tenant.phase(&project).await;
    let building = new("/v1/buildings", json!({ "project_id": project, "name": "B" })).await;
    let plan = new("/v1/plans", json!({ "project_id": project, "code": "P", "name": "Plan" })).await;
    let elevation = json!({ "project_id": project, "plan_id": plan, "code": "E", "name": "Elevation" });
    let elevation = new("/v1/elevations", elevation).await;
    let unit = tenant.unit_in(&project, &phase, "1").await;
    let contact = json!({ "project_id": project, "name": "Jane Doe", "email": "jane@doe.test" });
    let contact = vp.post("/v1/contacts", &contact).expect(201).await.id();
    let contract = json!({ "unit_id": unit, "buyers": [{ "contact_id": contact }] });
    let contract = vp.post("/v1/contracts", &contract).expect(201).await.id();
    let file = json!({ "project_id": project, "kind": "floorplan", "name": "P.pdf", "content_type": "application/pdf", "length": 9,
        "sha256": "00".repeat(32) });
    let file = new("/v1/files", file).await;
    let role = tenant.role(VpSales).await;
    let invitation = json!({ "email": format!("x@{}.test", tenant.slug), "role_id": role, "all_projects": true });
    let invitation = new("/v1/invitations", invitation).await;
    let columns = json!({ "number": { "column": "n" }, "phase": { "column": "p" }, "price": { "column": "c" } });
    let mapping = new("/v1/import-mappings", json!({ "name": "M", "mapping": { "columns": columns } })).await;
    let import = admin.call("POST", &format!("/v1/imports?project_id={project}&file_name=a.csv"));
    let import = import.body("text/csv", "number,phase,price\n7,One,5\n").expect(201).await.id();
    let member = vp.member.clone();
    let things = Things {
        project,
        phase,
        building,
        plan,
        elevation,
        unit,
        contact,
        contract,
        file,
        role,
        member,
        invitation,
        mapping,
        import,
    };
    (things, vp)
}

/// The same id with other digits.
fn unknown(id: &str) -> String {
    let (prefix, _) = id.split_once('_').unwrap();
    format!("{prefix}_{}", "0".repeat(32))
}

fn same(foreign: &Answer, unknown: &Answer, what: &str) {
    assert_eq!(comparable(foreign), comparable(unknown), "{what}");
}

#[tokio::test]
async fn in_a_path_it_is_not_found() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (theirs, _) = things(&acme).await;
    let vp = rival.hire(VpSales, &[]).await;
    let rows = Rows::of(&world).await;
    let paths = [
        ("projects", &theirs.project),
        ("phases", &theirs.phase),
        ("buildings", &theirs.building),
        ("plans", &theirs.plan),
        ("elevations", &theirs.elevation),
        ("units", &theirs.unit),
        ("contacts", &theirs.contact),
        ("contracts", &theirs.contract),
        ("files", &theirs.file),
        ("roles", &theirs.role),
        ("members", &theirs.member),
        ("import-mappings", &theirs.mapping),
        ("imports", &theirs.import),
    ];
    for who in [&rival.admin, &vp] {
        for (resource, id) in paths {
            let ask = async |id: &str| who.get(&format!("/v1/{resource}/{id}")).send().await;
            let (foreign, nothing) = (ask(id).await, ask(&unknown(id)).await);
            assert!(matches!(foreign.status, 403 | 404), "{resource}: {}", foreign.text);
            same(&foreign, &nothing, resource);
            let change = async |id: &str| {
                let call = who.call("PATCH", &format!("/v1/{resource}/{id}")).header("if-match", "\"1\"");
                call.json(&json!({ "name": "Taken over" })).send().await
            };
            let (foreign, nothing) = (change(id).await, change(&unknown(id)).await);
            assert!(matches!(foreign.status, 403 | 404 | 405 | 422), "{resource}: {}", foreign.text);
            same(&foreign, &nothing, resource);
            let delete = async |id: &str| who.call("DELETE", &format!("/v1/{resource}/{id}")).send().await;
            same(&delete(id).await, &delete(&unknown(id)).await, resource);
        }
        let cancel = json!({ "reason": "other" });
        let reveal = json!({ "fields": ["name"], "purpose": "curiosity" });
        let nothing = json!({});
        for (path, id, body) in [
            ("contracts/{}/submit", &theirs.contract, &nothing),
            ("contracts/{}/approve", &theirs.contract, &nothing),
            ("contracts/{}/cancel", &theirs.contract, &cancel),
            ("contacts/{}/reveal", &theirs.contact, &reveal),
            ("files/{}/confirm", &theirs.file, &nothing),
            ("files/{}/link", &theirs.file, &nothing),
            ("files/{}/upload", &theirs.file, &nothing),
        ] {
            let ask = async |id: &str| who.post(&format!("/v1/{}", path.replace("{}", id)), body).send().await;
            let (foreign, nothing) = (ask(id).await, ask(&unknown(id)).await);
            assert!(matches!(foreign.status, 403 | 404), "{path}: {}", foreign.text);
            same(&foreign, &nothing, path);
        }
        let revoke = async |id: &str| who.call("DELETE", &format!("/v1/invitations/{id}")).send().await;
        same(&revoke(&theirs.invitation).await, &revoke(&unknown(&theirs.invitation)).await, "invitations");
        let errors = async |id: &str| who.get(&format!("/v1/imports/{id}/errors")).send().await;
        same(&errors(&theirs.import).await, &errors(&unknown(&theirs.import)).await, "errors");
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn in_a_query_it_finds_nothing() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (theirs, _) = things(&acme).await;
    for (query, id) in [
        ("phases?project_id={}", &theirs.project),
        ("buildings?project_id={}", &theirs.project),
        ("plans?project_id={}", &theirs.project),
        ("elevations?plan_id={}", &theirs.plan),
        ("elevations?project_id={}", &theirs.project),
        ("units?project_id={}", &theirs.project),
        ("units?phase_id={}", &theirs.phase),
        ("units?building_id={}", &theirs.building),
        ("units?plan_id={}", &theirs.plan),
        ("contacts?project_id={}", &theirs.project),
        ("contracts?project_id={}", &theirs.project),
        ("contracts?unit_id={}", &theirs.unit),
        ("files?project_id={}", &theirs.project),
        ("files?plan_id={}", &theirs.plan),
        ("imports?project_id={}", &theirs.project),
        ("audit/events?object_id={}", &theirs.contract),
        ("audit/events?actor={}", &theirs.member),
    ] {
        let ask = async |id: &str| rival.admin.get(&format!("/v1/{}", query.replace("{}", id))).send().await;
        let (foreign, nothing) = (ask(id).await, ask(&unknown(id)).await);
        assert!(matches!(foreign.status, 404 | 422) || foreign.items().is_empty(), "{query}: {}", foreign.text);
        same(&foreign, &nothing, query);
    }
    assert!(rival.admin.get("/v1/contacts?email=jane@doe.test").expect(200).await.items().is_empty());
}

#[tokio::test]
async fn in_a_body_it_is_refused_by_field() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (theirs, _) = things(&acme).await;
    let (ours, vp) = things(&rival).await;
    let rows = Rows::of(&world).await;
    let price = json!({ "amount_minor": 5, "currency": "USD" });
    let unit = json!({ "project_id": ours.project, "phase_id": ours.phase, "plan_id": ours.plan, "number": "2", "price": price });
    let file = json!({ "project_id": ours.project, "kind": "floorplan", "name": "P.pdf", "content_type": "application/pdf",
        "length": 9, "sha256": "00".repeat(32) });
    let elevation = json!({ "project_id": ours.project, "plan_id": ours.plan, "code": "F", "name": "F" });
    let contract = json!({ "unit_id": ours.unit, "buyers": [{ "contact_id": ours.contact }] });
    let bodies = [
        (&rival.admin, "/v1/phases", json!({ "name": "N" }), "project_id", &theirs.project),
        (&rival.admin, "/v1/buildings", json!({ "name": "N" }), "project_id", &theirs.project),
        (&rival.admin, "/v1/plans", json!({ "code": "N", "name": "N" }), "project_id", &theirs.project),
        (&rival.admin, "/v1/elevations", elevation.clone(), "project_id", &theirs.project),
        (&rival.admin, "/v1/elevations", elevation, "plan_id", &theirs.plan),
        (&rival.admin, "/v1/units", unit.clone(), "project_id", &theirs.project),
        (&rival.admin, "/v1/units", unit.clone(), "phase_id", &theirs.phase),
        (&rival.admin, "/v1/units", unit.clone(), "building_id", &theirs.building),
        (&rival.admin, "/v1/units", unit.clone(), "plan_id", &theirs.plan),
        (&rival.admin, "/v1/units", unit, "elevation_id", &theirs.elevation),
        (&rival.admin, "/v1/files", file.clone(), "project_id", &theirs.project),
        (&rival.admin, "/v1/files", file, "plan_id", &theirs.plan),
        (&vp, "/v1/contacts", json!({ "name": "N" }), "project_id", &theirs.project),
        (&vp, "/v1/contracts", contract, "unit_id", &theirs.unit),
    ];
    for (who, path, body, field, id) in bodies {
        let ask = async |id: &str| {
            let mut body = body.clone();
            body[field] = id.into();
            who.post(path, &body).refused(422, "invalid", &format!("/{field}")).await
        };
        same(&ask(id).await, &ask(&unknown(id)).await, path);
    }
    let change = json!({ "role_id": theirs.role });
    rival.admin.patch(&format!("/v1/members/{}", vp.member), &change).await.refused(422, "invalid", "/role_id").await;
    let change = json!({ "all_projects": false, "project_ids": [theirs.project] });
    rival
        .admin
        .patch(&format!("/v1/members/{}", vp.member), &change)
        .await
        .refused(422, "invalid", "/project_ids")
        .await;
    for (field, id) in [("phase_id", &theirs.phase), ("building_id", &theirs.building), ("plan_id", &theirs.plan)] {
        let change = rival.admin.patch(&format!("/v1/units/{}", ours.unit), &json!({ field: id })).await;
        change.refused(422, "invalid", &format!("/{field}")).await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn a_buyer_of_another_tenant_or_project_cannot_be_named_in_a_contract() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (theirs, _) = things(&acme).await;
    let (ours, vp) = things(&rival).await;
    let second = rival.project("SECOND").await;
    let home = rival.unit(&second, "1").await;
    let rows = Rows::of(&world).await;
    for contact in [&theirs.contact, &unknown(&theirs.contact), &ours.contact] {
        let body =
            json!({ "unit_id": home, "buyers": [{ "contact": { "name": "John Roe" } }, { "contact_id": contact }] });
        vp.post("/v1/contracts", &body).refused(422, "invalid", "/buyers/1/contact_id").await;
    }
    rows.unchanged().await;
}
