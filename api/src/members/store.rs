//! Every query of the slice.

use std::collections::{BTreeSet, HashMap, HashSet};

use keystead_entities::{
    member::{ActiveModel, COLUMN, Column, Entity, Model},
    member_project, project, role,
};
use keystead_ids::{IdentityId, MemberId, PresetRole, ProjectId, RoleId};
use keystead_tenants::{
    Clock, TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, DbErr, EntityName, EntityTrait, Find, Query, QueryFilter, QueryOrder,
        QuerySelect, Set, sea_query::SelectStatement,
    },
};

use super::{MemberOut, ProjectScope};
use crate::{
    http::{Paging, Problem},
    roles::{self, RoleRef},
};

pub(crate) async fn find(tx: &TenantTx, id: MemberId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).first(tx).await
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(crate) async fn locked(tx: &TenantTx, id: MemberId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// The membership of a login.
pub(crate) async fn by_identity(tx: &TenantTx, identity: IdentityId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.identity_id.eq(identity)).first(tx).await
}

/// The same, locked.
pub(crate) async fn locked_by_identity(tx: &TenantTx, identity: IdentityId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.identity_id.eq(identity)).lock_exclusive().first(tx).await
}

/// Whoever has this address and was not removed.
pub(crate) async fn with_email(tx: &TenantTx, email: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.email.eq(email)).filter(COLUMN.state.ne("removed")).first(tx).await
}

/// Those of these addresses that a member has who was not removed.
pub(crate) async fn emails_among(
    tx: &TenantTx,
    emails: impl IntoIterator<Item = &str>,
) -> Result<HashSet<String>, DbErr> {
    let emails: Vec<&str> = emails.into_iter().collect();
    let rows = Entity::find().filter(COLUMN.email.is_in(emails)).filter(COLUMN.state.ne("removed")).rows(tx).await?;
    Ok(rows.into_iter().map(|row| row.email).collect())
}

/// Those of `ids` that exist.
pub(crate) async fn all(tx: &TenantTx, ids: impl IntoIterator<Item = MemberId>) -> Result<Vec<Model>, DbErr> {
    let ids: Vec<MemberId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(COLUMN.id.is_in(ids)).rows(tx).await
}

/// The members of ids that the database finds itself.
pub(crate) async fn among(tx: &TenantTx, ids: SelectStatement) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.in_subquery(ids)).rows(tx).await
}

/// The active administrators, locked in the order of their ids: whoever changes members takes these locks first, so two
/// changes never each believe that the other's administrator remains, and never wait for each other in a circle.
pub(crate) async fn locked_administrators(tx: &TenantTx) -> Result<HashSet<MemberId>, DbErr> {
    let administrator = Query::select()
        .column(role::Column::Id)
        .from(role::Entity.table_ref())
        .and_where(role::COLUMN.key.eq(PresetRole::Admin.key()))
        .take();
    let rows = Entity::find()
        .filter(Column::RoleId.in_subquery(administrator))
        .filter(COLUMN.state.eq("active"))
        .order_by_asc(COLUMN.id)
        .lock_exclusive()
        .rows(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(MemberId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

pub(crate) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(crate) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}

/// Those of `ids` that the caller sees.
pub(crate) async fn visible_projects(
    tx: &TenantTx,
    ids: impl IntoIterator<Item = ProjectId>,
) -> Result<BTreeSet<ProjectId>, DbErr> {
    let ids: BTreeSet<ProjectId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    let rows = project::Entity::find().filter(project::COLUMN.id.is_in(ids)).rows(tx).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Makes the member's assignments what `scope` says; what stays is not touched. Two statements, however many projects.
pub(crate) async fn assign(tx: &TenantTx, clock: &Clock, member: &Model, scope: &ProjectScope) -> Result<(), DbErr> {
    let wanted: HashSet<ProjectId> = scope.listed().collect();
    let standing: HashSet<ProjectId> =
        assignments(tx, [member.id]).await?.into_iter().map(|row| row.project_id).collect();
    let gone: Vec<ProjectId> = standing.difference(&wanted).copied().collect();
    if !gone.is_empty() {
        member_project::Entity::delete_many()
            .filter(member_project::COLUMN.member_id.eq(member.id))
            .filter(member_project::COLUMN.project_id.is_in(gone))
            .exec(tx)
            .await?;
    }
    let added: Vec<_> = wanted.difference(&standing).map(|&project| assignment(clock, member, project)).collect();
    if !added.is_empty() {
        member_project::Entity::insert_many(added).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn assignment(clock: &Clock, member: &Model, project: ProjectId) -> member_project::ActiveModel {
    member_project::ActiveModel {
        tenant_id: Set(member.tenant_id),
        id: Set(clock.id()),
        member_id: Set(member.id),
        project_id: Set(project),
        ..Default::default()
    }
}

async fn assignments(
    tx: &TenantTx,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<Vec<member_project::Model>, DbErr> {
    let members: Vec<MemberId> = members.into_iter().collect();
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let mine = member_project::COLUMN.member_id.is_in(members);
    member_project::Entity::find().filter(mine).order_by_asc(member_project::COLUMN.project_id).rows(tx).await
}

/// What is shown of members beside their own rows.
#[derive(Debug)]
pub(crate) struct Surroundings {
    roles: HashMap<RoleId, RoleRef>,
    projects: HashMap<MemberId, Vec<ProjectId>>,
}

/// One query for the roles and one for the projects, however many members.
pub(crate) async fn surroundings(tx: &TenantTx, rows: &[Model]) -> Result<Surroundings, Problem> {
    let wanted: BTreeSet<RoleId> = rows.iter().map(|row| row.role_id).collect();
    let roles = roles::all(tx, wanted).await?.iter().map(|role| (role.id, role.into())).collect();
    let mut projects: HashMap<MemberId, Vec<ProjectId>> = HashMap::new();
    for row in assignments(tx, rows.iter().map(|row| row.id)).await? {
        projects.entry(row.member_id).or_default().push(row.project_id);
    }
    Ok(Surroundings { roles, projects })
}

impl Surroundings {
    /// The member as the API shows it.
    pub(crate) fn describe(&self, row: Model) -> MemberOut {
        let role = self.roles.get(&row.role_id).cloned();
        let project_ids = self.projects.get(&row.id).cloned().unwrap_or_default();
        MemberOut::of(row, role, project_ids)
    }
}
