//! Many invitations at once, and one again.

use chrono::Duration;
use keystead_ids::PresetRole::{Admin, Viewer};
use keystead_tests::{Options, PASSWORD, Site as _, World};
use serde_json::{Value, json};

use crate::time::Time;

/// An address of one test only: the mailbox is that of all.
fn address(name: &str) -> String {
    format!("{name}-{}@acme.test", uuid::Uuid::new_v4().simple())
}

async fn accept(world: &World, token: &str) -> keystead_tests::Answer {
    let body = json!({ "token": token, "name": "New Person", "password": PASSWORD });
    world.call("POST", "/v1/invitations/accept").json(&body).send().await
}

#[tokio::test]
async fn many_are_invited_at_once_and_a_repeat_invites_nobody_again() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (project, viewer, admin) = (acme.project("FUSION").await, acme.role(Viewer).await, acme.role(Admin).await);
    let (ann_at, bob_at) = (address("ann"), address("bob"));
    let all = json!({ "invitations": [
        { "email": ann_at.to_uppercase(), "role_id": viewer, "project_ids": [project] },
        { "email": bob_at, "role_id": admin, "all_projects": true },
    ] });
    let send = || acme.admin.post("/v1/invitations/bulk", &all).header("idempotency-key", "once");
    let sent = send().expect(201).await;
    let [ann, bob] = sent.items() else { panic!("{}", sent.text) };
    assert_eq!((&ann["email"], &ann["role"]["key"], &ann["state"]), (&json!(ann_at), &json!("viewer"), &json!("open")));
    assert_eq!((&ann["project_ids"], &bob["all_projects"]), (&json!([project]), &json!(true)));
    assert_eq!(send().expect(201).await.json, sent.json);
    assert_eq!(acme.admin.get("/v1/invitations").expect(200).await.items().len(), 2);
    for email in [&ann_at, &bob_at] {
        let token = world.token_mailed_to(email, "ksi_").await;
        assert_eq!(accept(&world, &token).await.status, 201, "{email}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_accepted_is_named_and_nobody_is_invited() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let (viewer, foreign) = (acme.role(Viewer).await, bolt.role(Viewer).await);
    let (fusion, elsewhere) = (acme.project("FUSION").await, bolt.project("ELSEWHERE").await);
    let row = |email: &str, role: &str, all: bool| json!({ "email": email, "role_id": role, "all_projects": all });
    let within = |email: &str, project: &str| json!({ "email": email, "role_id": viewer, "project_ids": [project] });
    let rows = json!({ "invitations": [row("ann@acme.test", &viewer, true), row(&acme.admin.email, &viewer, true),
        row("bob@acme.test", &foreign, true), row("ann@acme.test", &viewer, true), row("cid@acme.test", &viewer, false),
        within("dan@acme.test", &fusion), within("eve@acme.test", &elsewhere)] });
    let refused = acme.admin.post("/v1/invitations/bulk", &rows).refused(422, "invalid", "").await;
    let errors = refused.json["errors"].as_array().unwrap().iter();
    let named: Vec<_> =
        errors.map(|error| [&error["pointer"], &error["code"]].map(|text| text.as_str().unwrap())).collect();
    let expected = [
        ["/invitations/1/email", "taken"],
        ["/invitations/2/role_id", "unknown"],
        ["/invitations/3/email", "taken"],
        ["/invitations/4/project_ids", "contradicts"],
        ["/invitations/6/project_ids", "not_allowed"],
    ];
    assert_eq!(named, expected);
    assert!(acme.admin.get("/v1/invitations").expect(200).await.items().is_empty());
    let many: Vec<Value> = (0..101).map(|n| row(&format!("p{n}@acme.test"), &viewer, true)).collect();
    let bulk = |rows: &[Value]| acme.admin.post("/v1/invitations/bulk", &json!({ "invitations": rows }));
    bulk(&[]).refused(422, "invalid", "/invitations").await;
    bulk(&many).refused(422, "invalid", "/invitations").await;
    assert_eq!(bulk(&many[..100]).expect(201).await.items().len(), 100);
    let mistyped = json!({ "invitations": [row("ann@acme.test", &viewer, true), row("nobody", &viewer, true)] });
    acme.admin.post("/v1/invitations/bulk", &mistyped).refused(422, "invalid", "/invitations/1/email").await;
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_has_a_new_link_and_the_old_one_is_dead() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let viewer = acme.role(Viewer).await;
    let ann_at = address("ann");
    let ann = json!({ "email": ann_at, "role_id": viewer, "all_projects": true });
    let first = acme.admin.post("/v1/invitations", &ann).expect(201).await.id();
    let old = world.token_mailed_to(&ann_at, "ksi_").await;
    // Longer than it lives: it expired, and is as good as new.
    time.pass(Duration::hours(73));
    let admin = keystead_tests::Person::enter(&world, "acme", &acme.admin.email).await;
    let resend = |id: &str| admin.call("POST", &format!("/v1/invitations/{id}/resend"));
    let again = resend(&first).expect(201).await;
    assert_eq!((&again.json["email"], &again.json["state"]), (&json!(ann_at), &json!("open")));
    resend(&first).refused(409, "invitation-revoked", "").await;
    let mut token = old.clone();
    for _ in 0..100 {
        token = world.token_mailed_to(&ann_at, "ksi_").await;
        if token != old {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(accept(&world, &old).await.status, 404);
    assert_eq!(accept(&world, &token).await.status, 201);
    resend(&again.id()).refused(409, "invitation-accepted", "").await;
}
