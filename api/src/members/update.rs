//! Change a member.

use std::collections::HashSet;

use axum::extract::State;
use keystead_entities::member::{self, Model};
use keystead_ids::{MemberId, PresetRole};
use keystead_tenants::{
    TenantTx,
    orm::{Set, Unchanged},
};

use super::{MemberOut, MemberPatch, MemberState, ProjectScope, store};
use crate::{
    app::App,
    http::{
        Body, FieldCode, Fresh, IfMatch, ManageMembers, OrNotFound, PathOf, Problem, Problems, Tx, Versioned, patch,
    },
    roles, usage,
};

/// Change a member's role, projects, state or name.
///
/// `project_ids` replaces all assignments. Whoever is suspended or removed is logged out everywhere. Fails with
/// `last-administrator` when nobody would remain to run the tenant, with `limit-reached` when there is no room for who comes
/// back, and with `version-conflict` when the member changed since they were read.
#[utoipa::path(patch, path = "/{id}", tag = "members", operation_id = "update_member",
    params(("id" = MemberId, Path), ("If-Match" = String, Header)),
    request_body = MemberPatch, responses((status = 200, body = MemberOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageMembers>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<MemberId>,
    seen: IfMatch,
    Body { input, .. }: Body<MemberPatch>,
) -> Result<Versioned<MemberOut>, Problem> {
    let stays = input.state.is_some_and(|state| state != MemberState::Removed);
    let room = if stays { Some(usage::room(&app, &tx).await?) } else { None };
    let administrators = store::locked_administrators(&tx).await?;
    let row = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(row.row_version)?;
    let keeps_administrating = stays_administrator(&tx, &row, &input).await?;
    if !keeps_administrating && is_last(&administrators, id) {
        return Err(Problem::conflict("last-administrator", "Nobody would remain to run the tenant"));
    }
    if let Some(room) = room.filter(|_| row.state == MemberState::Removed.name()) {
        room.for_members(1)?;
    }
    let state = input.state;
    let comes_back = state == Some(MemberState::Active) && row.state != MemberState::Active.name();
    let scope = wanted_scope(&row, &input)?;
    if let Some(scope) = &scope {
        scope.check(&tx).await?;
        store::assign(&tx, &fresh, &row, scope).await?;
    }
    let changes = member::ActiveModel {
        role_id: patch::set(input.role_id, |role| role),
        // Always written, because a change of assignments alone is a new version of the member, too.
        all_projects: Set(scope.map_or(row.all_projects, |scope| scope.is_all())),
        state: patch::set(state, |state| state.name().to_owned()),
        name: patch::set(input.name, |name| name.into_string()),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    let row = store::update(&tx, changes).await?;
    let known = store::surroundings(&tx, std::slice::from_ref(&row)).await?;
    let tenant = tx.tenant();
    if comes_back {
        super::end_sessions(&app, tenant, id, MemberState::Active, fresh.now()).await?;
    }
    tx.commit().await?;
    // A new role or project needs nothing here, because no session's grant is believed for more than seconds.
    if let Some(state) = state {
        super::log_out(&app, tenant, id, state, fresh.now()).await;
    }
    Ok(Versioned { version: row.row_version, body: known.describe(row) })
}

/// Will the member, as an administrator, remain an active one? Checks the role on the way.
async fn stays_administrator(tx: &TenantTx, row: &Model, input: &MemberPatch) -> Result<bool, Problem> {
    let stays_active =
        input.state.map_or(row.state == MemberState::Active.name(), |state| state == MemberState::Active);
    let Some(wanted) = input.role_id else { return Ok(stays_active) };
    let role = roles::find(tx, wanted)
        .await?
        .ok_or_else(|| Problem::field("/role_id", FieldCode::Unknown, "is not one of your roles"))?;
    Ok(stays_active && role.key == PresetRole::Admin.key())
}

fn is_last(administrators: &HashSet<MemberId>, id: MemberId) -> bool {
    administrators.len() == 1 && administrators.contains(&id)
}

/// The member's projects after the change; `None` when it does not touch them.
fn wanted_scope(row: &Model, input: &MemberPatch) -> Result<Option<ProjectScope>, Problem> {
    match (input.all_projects, &input.project_ids) {
        (None, None) => Ok(None),
        (Some(false), None) if !row.all_projects => Ok(None),
        (all, ids) => {
            // Naming projects without a word about all of them means these only.
            let all = all.unwrap_or(row.all_projects && ids.is_none());
            ProjectScope::read(all, ids.clone().unwrap_or_default()).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use keystead_ids::ProjectId;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn id<I: From<Uuid>>(n: u128) -> I {
        I::from(Uuid::from_u128(n))
    }

    fn row(all_projects: bool) -> Model {
        Model {
            tenant_id: id(1),
            id: id(2),
            identity_id: id(3),
            name: "Ann".to_owned(),
            email: "ann@example.com".to_owned(),
            role_id: id(4),
            all_projects,
            state: "active".to_owned(),
            locale: None,
            time_zone: None,
            row_version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn scope(all_projects: bool, body: Value) -> Result<Option<ProjectScope>, Problem> {
        wanted_scope(&row(all_projects), &serde_json::from_value(body).expect("patch"))
    }

    #[test]
    fn the_last_of_the_administrators_is_the_only_one() {
        let (ann, bob) = (id(1), id(2));
        assert!(is_last(&HashSet::from([ann]), ann));
        assert!(!is_last(&HashSet::from([ann, bob]), ann));
        assert!(!is_last(&HashSet::from([bob]), ann));
        assert!(!is_last(&HashSet::new(), ann));
    }

    #[test]
    fn projects_change_only_when_they_are_mentioned() {
        let fusion: ProjectId = id(9);
        let listed = ProjectScope::Listed([fusion].into());
        assert_eq!(scope(true, json!({"name": "Bo"})).expect("fine"), None);
        assert_eq!(scope(false, json!({"all_projects": false})).expect("fine"), None, "the list stays");
        assert_eq!(scope(true, json!({"all_projects": false})).expect("fine"), Some(ProjectScope::Listed([].into())));
        assert_eq!(scope(false, json!({"all_projects": true})).expect("fine"), Some(ProjectScope::All));
        assert_eq!(scope(true, json!({"project_ids": [fusion]})).expect("fine"), Some(listed.clone()));
        assert_eq!(scope(false, json!({"all_projects": false, "project_ids": [fusion]})).expect("fine"), Some(listed));
        assert!(scope(false, json!({"all_projects": true, "project_ids": [fusion]})).is_err());
    }
}
