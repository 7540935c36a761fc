//! Invitations.

use chrono::Duration;
use keystead_ids::PresetRole::{Admin, SalesAgent, Viewer};
use keystead_tests::{Call, Options, PASSWORD, Person, Tenant, World, token_mailed_to};
use serde_json::json;
use uuid::Uuid;

use super::{comparable, keeps_silent};
use crate::{rows::Rows, time::Time};

struct Invited {
    id: String,
    email: String,
    token: String,
}

async fn invited_by(inviter: &Person, tenant: &Tenant<'_>) -> Invited {
    let email = format!("{}@newcomers.test", Uuid::new_v4().simple());
    let body = json!({ "email": email, "role_id": tenant.role(SalesAgent).await, "all_projects": true });
    let id = inviter.post("/v1/invitations", &body).expect(201).await.id();
    let token = token_mailed_to(&email, "ksi_").await;
    Invited { id, email, token }
}

fn acceptance(world: &World, token: &str, password: &str) -> Call {
    let body = json!({ "token": token, "name": "Nora Newcomer", "password": password });
    world.call("POST", "/v1/invitations/accept").json(&body)
}

#[tokio::test]
async fn an_invitation_is_good_for_72_hours_and_not_a_second_longer() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let acme = world.tenant("acme").await;
    let (first, second) = (invited_by(&acme.admin, &acme).await, invited_by(&acme.admin, &acme).await);
    time.pass(Duration::seconds(72 * 3_600 - 1));
    acceptance(&world, &first.token, PASSWORD).expect(201).await;
    time.pass(Duration::seconds(1));
    let rows = Rows::of(&world).await;
    let answer = acceptance(&world, &second.token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    keeps_silent(&answer, &[&second.email, &second.token, PASSWORD]);
    rows.unchanged().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let invited = invited_by(&acme.admin, &acme).await;
    acceptance(&world, &invited.token, PASSWORD).expect(201).await;
    let rows = Rows::of(&world).await;
    acceptance(&world, &invited.token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    rows.unchanged().await;
}

#[tokio::test]
async fn of_many_who_accept_one_invitation_at_once_one_becomes_a_member() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let invited = invited_by(&acme.admin, &acme).await;
    let tries = (0..6).map(|_| acceptance(&world, &invited.token, PASSWORD).send());
    let statuses: Vec<u16> = futures::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 403 | 404 | 409 | 429)), "{statuses:?}");
    let members = acme.admin.get("/v1/members").expect(200).await;
    assert_eq!(members.items().iter().filter(|member| member["email"] == invited.email.as_str()).count(), 1);
}

#[tokio::test]
async fn a_token_that_is_no_invitations_is_refused_like_a_used_one() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let invited = invited_by(&acme.admin, &acme).await;
    let rows = Rows::of(&world).await;
    let mut typo = invited.token.clone();
    typo.replace_range(10..11, if &typo[10..11] == "A" { "B" } else { "A" });
    let unknown =
        acceptance(&world, &format!("ksi_{}", "a".repeat(48)), PASSWORD).refused(404, "invitation-not-valid", "").await;
    for token in [
        "",
        "ksi_",
        &typo,
        &invited.token[4..],
        &format!("ksv_{}", &invited.token[4..]),
        &format!("{} ", invited.token),
    ] {
        let answer = acceptance(&world, token, PASSWORD).refused(404, "invitation-not-valid", "").await;
        assert_eq!(comparable(&answer), comparable(&unknown));
    }
    rows.unchanged().await;
    acceptance(&world, &invited.token, PASSWORD).expect(201).await;
}

#[tokio::test]
async fn an_invitation_that_was_revoked_or_replaced_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (revoked, replaced) = (invited_by(&acme.admin, &acme).await, invited_by(&acme.admin, &acme).await);
    acme.admin.call("DELETE", &format!("/v1/invitations/{}", revoked.id)).expect(204).await;
    let again = json!({ "email": replaced.email, "role_id": acme.role(Viewer).await, "all_projects": true });
    acme.admin.post("/v1/invitations", &again).expect(201).await;
    let rows = Rows::of(&world).await;
    for token in [&revoked.token, &replaced.token] {
        acceptance(&world, token, PASSWORD).refused(404, "invitation-not-valid", "").await;
    }
    rows.unchanged().await;
}

#[tokio::test]
async fn an_invitation_ends_when_whoever_sent_it_may_not_invite_any_more() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    for change in
        [json!({ "role_id": acme.role(Viewer).await }), json!({ "state": "suspended" }), json!({ "state": "removed" })]
    {
        let inviter = acme.hire(Admin, &[]).await;
        let invited = invited_by(&inviter, &acme).await;
        acme.admin.patch(&format!("/v1/members/{}", inviter.member), &change).await.expect(200).await;
        let rows = Rows::of(&world).await;
        acceptance(&world, &invited.token, PASSWORD).refused(404, "invitation-not-valid", "").await;
        rows.unchanged().await;
    }
}

#[tokio::test]
async fn a_weak_password_does_not_use_the_invitation_up() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let invited = invited_by(&acme.admin, &acme).await;
    let rows = Rows::of(&world).await;
    for weak in ["short", "correct horse battery staple", &invited.email] {
        let answer = acceptance(&world, &invited.token, weak).refused(422, "invalid", "/password").await;
        keeps_silent(&answer, &[weak, &invited.token]);
    }
    rows.unchanged().await;
    acceptance(&world, &invited.token, PASSWORD).expect(201).await;
}

#[tokio::test]
async fn whoever_has_a_login_must_know_its_password_and_cannot_guess_without_limit() {
    let time = Time::still();
    let world = World::at(Options::default(), time.clock()).await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let body = json!({ "email": acme.admin.email, "role_id": rival.role(Viewer).await, "all_projects": true });
    rival.admin.post("/v1/invitations", &body).expect(201).await;
    let token = token_mailed_to(&acme.admin.email, "ksi_").await;
    let rows = Rows::of(&world).await;
    for _ in 0..5 {
        acceptance(&world, &token, "a wrong password of length").refused(403, "wrong-password", "").await;
    }
    acceptance(&world, &token, PASSWORD).refused(429, "too-many-failures", "").await;
    rows.unchanged().await;
    time.pass(Duration::seconds(2));
    acceptance(&world, &token, PASSWORD).expect(201).await;
}

#[tokio::test]
async fn an_invitation_into_nothing_or_to_more_than_ones_own_is_refused() {
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let (role, foreign_role) = (acme.role(SalesAgent).await, rival.role(SalesAgent).await);
    let foreign_project = rival.project("RIVAL").await;
    let project = acme.project("FUSION").await;
    let rows = Rows::of(&world).await;
    for (body, pointer) in [
        (json!({ "email": "a@b.test", "role_id": role }), "/project_ids"),
        (json!({ "email": "a@b.test", "role_id": role, "project_ids": [foreign_project] }), "/project_ids"),
        (
            json!({ "email": "a@b.test", "role_id": role, "project_ids": [project], "all_projects": true }),
            "/project_ids",
        ),
        (json!({ "email": "a@b.test", "role_id": role, "project_ids": ["FUSION"] }), "/project_ids/0"),
        (json!({ "email": "a@b.test", "role_id": foreign_role, "all_projects": true }), "/role_id"),
        (json!({ "email": "a@b.test", "role_id": "sales_agent", "all_projects": true }), "/role_id"),
        (json!({ "email": "nobody", "role_id": role, "all_projects": true }), "/email"),
        (json!({ "email": "a@b.test", "role_id": role, "all_projects": "yes" }), "/all_projects"),
        (
            json!({ "email": "a@b.test", "role_id": role, "all_projects": true, "expires_at": "2999-01-01" }),
            "/expires_at",
        ),
    ] {
        acme.admin.post("/v1/invitations", &body).refused(422, "invalid", pointer).await;
    }
    let known = json!({ "email": acme.admin.email, "role_id": role, "all_projects": true });
    acme.admin.post("/v1/invitations", &known).refused(409, "already-member", "").await;
    rows.unchanged().await;
}
