//! Accept an invitation.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use keystead_entities::{
    invitation::Model,
    member::{self, Model as Member},
};
use keystead_identity::Opaque;
use keystead_ids::{IdentityId, InvitationId, MemberId, Permission, ProjectId};
use keystead_tenants::{
    Refused, SystemJob, TenantTx,
    orm::{DbErr, Set, Unchanged},
    platform::{Attempt, Identity, NewIdentity, Tenant, TenantState},
};
use secrecy::{ExposeSecret, SecretString};

use super::{AcceptIn, AcceptedOut, store};
use crate::{
    app::App,
    auth::{check_new_password, hash_password, password_problem, too_many_failures},
    http::{Body, Created, Fresh, Problem, Problems, Text, Visitor},
    members::{self, MemberState, ProjectScope},
    roles,
};

/// Accept an invitation.
///
/// Whoever has a login already gives its password; everybody else chooses one. Fails with `invitation-not-valid` whether the
/// token is unknown, expired, used or revoked, or whoever invited may not any more; with `wrong-password` when the address
/// has a login with another password.
#[utoipa::path(post, path = "/accept", tag = "invitations", operation_id = "accept_invitation",
    request_body = AcceptIn, security(()),
    responses((status = 201, body = AcceptedOut), Problems), extensions(("x-permission" = json!("public"))))]
pub(super) async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    fresh: Fresh,
    Body { input, .. }: Body<AcceptIn>,
) -> Result<Created<AcceptedOut>, Problem> {
    app.limits.anonymous(&visitor.0)?;
    let hash = Opaque::hash(input.token.expose_secret()).ok_or_else(not_valid)?;
    let invitation = app.db.platform().invitation_by_token(&hash, fresh.now()).await?.ok_or_else(not_valid)?;
    let tenant = app.db.platform().tenant(invitation.tenant).await?;
    let tenant = tenant.filter(|tenant| tenant.state == TenantState::Active).ok_or_else(not_valid)?;
    let identity = login(&app, &fresh, &tenant, &invitation.email, &input).await?;

    let tx = app.db.begin_job(tenant.id, SystemJob::AcceptInvitation, visitor.0.id());
    visitor.0.watch(tx.outcome());
    let member = join(&app, &tx, &fresh, invitation.id, identity, input.name).await?;
    tx.commit().await?;
    members::log_out(&app, tenant.id, member.id, MemberState::Active, fresh.now()).await;
    visitor.0.is_member(tenant.id, member.id);
    Ok(Created(AcceptedOut { tenant: tenant.slug, tenant_name: tenant.name, member_id: member.id }))
}

/// One answer for every reason, so that nobody learns which tokens once existed.
fn not_valid() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "invitation-not-valid", "This invitation is not valid any more")
}

/// The login of the invited address: the one that exists, if the password is right, or a new one.
async fn login(
    app: &App,
    fresh: &Fresh,
    tenant: &Tenant,
    email: &str,
    input: &AcceptIn,
) -> Result<IdentityId, Problem> {
    match app.db.platform().identity_by_email(email).await? {
        Some(_) => existing_login(app, email, &input.password, fresh.now()).await,
        None => new_login(app, fresh, tenant, email, input).await,
    }
}

/// Counted like a login: an invitation is no way around the limit on guesses.
async fn existing_login(
    app: &App,
    email: &str,
    password: &SecretString,
    now: DateTime<Utc>,
) -> Result<IdentityId, Problem> {
    let platform = app.db.platform();
    let identity: Option<Identity> = match platform.take_attempt(email, now).await? {
        Attempt::Allowed(identity) => identity,
        Attempt::Wait(until) => return Err(too_many_failures(until, now)),
    };
    let stored = identity.as_ref().map(|identity| identity.password_hash.as_str());
    let verdict = app.passwords.verify(stored, password).await.map_err(|error| password_problem(&error))?;
    let wrong =
        || Problem::new(StatusCode::FORBIDDEN, "wrong-password", "You have a login already, with another password");
    let identity = identity.filter(|_| verdict.ok).ok_or_else(wrong)?;
    platform.attempt_succeeded(&identity, None).await?;
    Ok(identity.id)
}

async fn new_login(
    app: &App,
    fresh: &Fresh,
    tenant: &Tenant,
    email: &str,
    input: &AcceptIn,
) -> Result<IdentityId, Problem> {
    let context = [email, input.name.as_str(), tenant.name.as_str(), tenant.slug.as_str()];
    check_new_password(&input.password, "/password", &context).await?;
    let new = NewIdentity {
        id: fresh.id(),
        email: email.to_owned(),
        name: input.name.as_str().to_owned(),
        password_hash: hash_password(app, &input.password).await?,
    };
    let stands = app.db.platform().ensure_identity(&new, fresh.now()).await?;
    if stands == new.id {
        return Ok(stands);
    }
    // Somebody made the login in the meantime, and its password was never asked for.
    Err(Problem::conflict("in-progress", "This is being done already; repeat it to see what came of it"))
}

/// Uses up the invitation and makes the membership, in one transaction.
async fn join(
    app: &App,
    tx: &TenantTx,
    fresh: &Fresh,
    id: InvitationId,
    identity: IdentityId,
    name: Text<1, 200>,
) -> Result<Member, Problem> {
    // What was true before the password was checked is asked again, now under a lock.
    let invitation = store::locked(tx, id).await?.ok_or_else(not_valid)?;
    if store::State::of(&invitation) != store::State::Open || invitation.expires_at <= fresh.now() {
        return Err(not_valid());
    }
    if !may_invite(tx, invitation.invited_by).await? {
        return Err(not_valid());
    }
    // Without a lock: whoever invites or resends holds the administrators' rows, and waits for this invitation.
    if members::store::by_identity(tx, identity).await?.is_some_and(|member| member.state != "removed") {
        return Err(already_member());
    }
    let member = match members::store::locked_by_identity(tx, identity).await? {
        None => {
            members::store::insert(tx, newcomer(fresh, &invitation, identity, name)).await.map_err(joined_already)?
        }
        Some(former) if former.state == "removed" => {
            // They must not be logged in still from then. The connection that this waits for is of a pool that nobody holds who
            // waits for one of tenants.
            members::end_sessions(app, former.tenant_id, former.id, MemberState::Active, fresh.now()).await?;
            members::store::update(tx, readmitted(&former, &invitation, name)).await?
        }
        Some(_) => return Err(already_member()),
    };
    members::store::assign(tx, fresh, &member, &granted(&invitation)).await?;
    store::end(tx, &invitation, store::State::Accepted).await?;
    Ok(member)
}

/// Without a lock: whoever changes members locks them before invitations.
async fn may_invite(tx: &TenantTx, member: MemberId) -> Result<bool, Problem> {
    let Some(member) = members::store::find(tx, member).await? else { return Ok(false) };
    let role = roles::find(tx, member.role_id).await?;
    let manage = Permission::MembersManage.name();
    let manages = role.is_some_and(|role| role.permissions.iter().any(|permission| permission == manage));
    Ok(manages && member.state == "active")
}

fn newcomer(fresh: &Fresh, invitation: &Model, identity: IdentityId, name: Text<1, 200>) -> member::ActiveModel {
    member::ActiveModel {
        tenant_id: Set(invitation.tenant_id),
        id: Set(fresh.id()),
        identity_id: Set(identity),
        name: Set(name.into_string()),
        email: Set(invitation.email.clone()),
        role_id: Set(invitation.role_id),
        all_projects: Set(invitation.all_projects),
        ..Default::default()
    }
}

/// Who was removed and is invited again keeps their id, and with it their history, and has what this invitation gives.
fn readmitted(former: &Member, invitation: &Model, name: Text<1, 200>) -> member::ActiveModel {
    member::ActiveModel {
        name: Set(name.into_string()),
        role_id: Set(invitation.role_id),
        all_projects: Set(invitation.all_projects),
        state: Set("active".to_owned()),
        tenant_id: Unchanged(former.tenant_id),
        id: Unchanged(former.id),
        ..Default::default()
    }
}

fn granted(invitation: &Model) -> ProjectScope {
    if invitation.all_projects {
        return ProjectScope::All;
    }
    ProjectScope::Listed(invitation.project_ids.iter().copied().map(ProjectId).collect())
}

fn already_member() -> Problem {
    Problem::conflict("already-member", "You are a member already")
}

fn joined_already(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_duplicate() => already_member(),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id<I: From<Uuid>>(n: u128) -> I {
        I::from(Uuid::from_u128(n))
    }

    fn invitation(all_projects: bool) -> Model {
        Model {
            tenant_id: id(1),
            id: id(2),
            email: "ann@example.com".to_owned(),
            role_id: id(3),
            all_projects,
            project_ids: if all_projects { Vec::new() } else { vec![id(8), id(9)] },
            token_hash: vec![7; 32],
            invited_by: id(4),
            state: "open".to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
            row_version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_invitation_decides_what_is_granted() {
        assert_eq!(granted(&invitation(true)), ProjectScope::All);
        assert_eq!(granted(&invitation(false)), ProjectScope::Listed([id(8), id(9)].into()));
    }

    #[test]
    fn an_unknown_state_lets_nobody_in() {
        for (state, expected) in [
            ("open", store::State::Open),
            ("accepted", store::State::Accepted),
            ("revoked", store::State::Revoked),
            ("", store::State::Revoked),
        ] {
            let row = Model { state: state.to_owned(), ..invitation(true) };
            assert_eq!(store::State::of(&row), expected, "{state:?}");
        }
    }

    #[test]
    fn who_comes_back_keeps_their_id_and_address() {
        let former = Member {
            tenant_id: id(1),
            id: id(5),
            identity_id: id(6),
            name: "Ann".to_owned(),
            email: "ann@example.com".to_owned(),
            role_id: id(7),
            all_projects: true,
            state: "removed".to_owned(),
            locale: None,
            time_zone: None,
            row_version: 3,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let name = serde_json::from_value("Ann Lee".into()).expect("name");
        let row = readmitted(&former, &invitation(false), name);
        assert_eq!(row.id, Unchanged(former.id));
        assert_eq!(row.role_id, Set(id(3)));
        assert_eq!(row.all_projects, Set(false));
        assert!(row.email.is_not_set() && row.identity_id.is_not_set());
    }
}
