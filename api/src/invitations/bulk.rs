//! Invite many colleagues at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use axum::extract::State;
use futures::try_join;
use keystead_entities::role;
use keystead_ids::{ProjectId, RoleId};
use keystead_tenants::TenantTx;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use super::{InvitationIn, InvitationOut, create::written, store};
use crate::{
    app::App,
    http::{Body, Created, FieldCode, FieldError, Fresh, ManageMembers, Problem, Problems, Tx},
    members::{self, ProjectScope},
    roles, usage,
};

/// At once go at most as many.
const MOST: usize = 100;

/// Invitations to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkIn {
    /// Whom to invite; every address once.
    #[serde(deserialize_with = "some")]
    #[schema(min_items = 1, max_items = 100)]
    pub invitations: Vec<InvitationIn>,
}

/// Invitations that were sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BulkOut {
    /// In the order in which they were asked for.
    pub items: Vec<InvitationOut>,
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<InvitationIn>, D::Error> {
    let rows = Vec::deserialize(deserializer)?;
    if (1..=MOST).contains(&rows.len()) { Ok(rows) } else { Err(D::Error::custom("must be 1 to 100 invitations")) }
}

/// Invite many colleagues at once.
///
/// All of them or none: a refusal names every row that cannot be accepted, as in `/invitations/3/email`. Open invitations to
/// the same addresses are revoked. Fails with `limit-reached` when there is no room for all.
#[utoipa::path(post, path = "/bulk", tag = "invitations", operation_id = "create_invitations", request_body = BulkIn,
    responses((status = 201, body = BulkOut), Problems), extensions(("x-permission" = json!("members.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageMembers>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<BulkIn>,
) -> Result<Created<BulkOut>, Problem> {
    let room = usage::room(&app, &tx).await?;
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let asked: Vec<Asked> = input.invitations.into_iter().map(Asked::from).collect();
    let emails: Vec<&str> = asked.iter().map(|row| row.email.as_str()).collect();
    let open = store::revoke_for(&tx, &emails).await?;
    let known = Known::of(&tx, &asked).await?;
    let rows = checked(&tx, &known, asked)?;
    room.for_members((rows.len() as u64).saturating_sub(store::acceptable(&open, fresh.now())))?;

    let (mut invitations, mut mails) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for Row { email, role, scope } in rows {
        let (invitation, mail) = written(&tx, &app, &fresh, email, role, &scope)?;
        invitations.push(invitation);
        mails.push(mail);
    }
    let (written, ()) = try_join!(store::insert_all(&tx, invitations), store::queue_mail(&tx, mails))?;
    let items = written.into_iter().map(|row| {
        let role = known.roles.get(&row.role_id).map(Into::into);
        InvitationOut::of(row, role, fresh.now())
    });
    let out = BulkOut { items: items.collect() };
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

/// A row as it was sent; its list of projects is no longer than a list may be, or it is a problem.
struct Asked {
    email: String,
    role_id: RoleId,
    scope: Result<ProjectScope, Problem>,
}

impl From<InvitationIn> for Asked {
    fn from(row: InvitationIn) -> Self {
        let scope = ProjectScope::of_invitation(row.all_projects, row.project_ids);
        Self { email: row.email.into_string(), role_id: row.role_id, scope }
    }
}

/// What the rows refer to, read at once.
struct Known {
    roles: HashMap<RoleId, role::Model>,
    members: HashSet<String>,
    /// Those that the caller sees.
    projects: BTreeSet<ProjectId>,
}

impl Known {
    async fn of(tx: &Tx<ManageMembers>, rows: &[Asked]) -> Result<Self, Problem> {
        let wanted: BTreeSet<RoleId> = rows.iter().map(|row| row.role_id).collect();
        let emails = rows.iter().map(|row| row.email.as_str());
        let projects = rows.iter().flat_map(|row| &row.scope).flat_map(ProjectScope::listed);
        let (roles, members, projects) = try_join!(
            roles::all(tx, wanted),
            members::store::emails_among(tx, emails),
            members::store::visible_projects(tx, projects)
        )?;
        let roles = roles.into_iter().map(|role| (role.id, role)).collect();
        Ok(Self { roles, members, projects })
    }
}

/// A row that can be written.
struct Row<'k> {
    email: String,
    role: &'k role::Model,
    scope: ProjectScope,
}

/// The rows, or everything that is wrong with any of them.
fn checked<'k>(tx: &TenantTx, known: &'k Known, asked: Vec<Asked>) -> Result<Vec<Row<'k>>, Problem> {
    let (mut rows, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (index, Asked { email, role_id, scope }) in asked.into_iter().enumerate() {
        let mut wrong = |field: &str, code: FieldCode, message: &str| {
            let pointer = format!("/invitations/{index}/{field}");
            errors.push(FieldError { pointer, code, message: message.to_owned() });
        };
        if known.members.contains(&email) {
            wrong("email", FieldCode::Taken, "is a member's");
        }
        if !seen.insert(email.clone()) {
            wrong("email", FieldCode::Taken, "was given before");
        }
        let role = known.roles.get(&role_id);
        if role.is_none() {
            wrong("role_id", FieldCode::Unknown, "is not one of your roles");
        }
        match scope.and_then(|scope| scope.check_among(tx, &known.projects).map(|()| scope)) {
            Ok(scope) => rows.extend(role.map(|role| Row { email, role, scope })),
            Err(problem) if problem.field_errors().is_empty() => return Err(problem),
            Err(problem) => problem
                .field_errors()
                .iter()
                .for_each(|error| wrong(error.pointer.trim_start_matches('/'), error.code, &error.message)),
        }
    }
    if errors.is_empty() { Ok(rows) } else { Err(Problem::fields(errors)) }
}
