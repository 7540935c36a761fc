//! Create a contact.

use std::collections::HashMap;

use axum::extract::State;
use futures::try_join;
use keystead_ids::{ContactId, ProjectId};
use keystead_keys::TenantKeys;
use keystead_tenants::{Refused, TenantTx, orm::DbErr};
use serde::{Deserialize, Serialize};

use super::{ContactIn, ContactOut, Person, person::Sealer, store};
use crate::{
    app::App,
    http::{Body, Created, FieldCode, Fresh, ManageContacts, OrNotFound, Problem, Problems, Tx},
    vault,
};

/// Create a contact.
///
/// The answer shows them masked. Fails with `kms-unavailable` while the tenant's keys cannot be opened.
#[utoipa::path(post, path = "/", tag = "contacts", operation_id = "create_contact", request_body = ContactIn,
    responses((status = 201, body = ContactOut), Problems), extensions(("x-permission" = json!("contacts.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageContacts>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<ContactIn>,
) -> Result<Created<ContactOut>, Problem> {
    let (project, person) = input.split();
    let person = person.checked(fresh.now(), "")?;
    let keys = vault::open(&app, &tx).await?;
    if let Some(Created(earlier)) = once.replay::<_, Kept>(&tx).await? {
        let (row, key) = store::find(&tx, earlier.id).await?.or_not_found()?;
        return Ok(Created(ContactOut::masked(&row, Person::open_or_damaged(&keys, &row, key.as_ref())?.as_ref())));
    }
    let kept = Kept { id: fresh.id() };
    let people = [(kept.id, &person)];
    let (added, ()) = try_join!(add(&tx, &keys, project, &people), once.keep(&tx, &fresh, &kept))?;
    let out = added.into_iter().next().ok_or_else(|| Problem::internal("a contact was not written"))?;
    tx.commit().await?;
    Ok(Created(out))
}

/// What is kept for a repetition: a masked answer still tells a city and the end of a number, and would outlive the keys.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: ContactId,
}

/// Writes new contacts of a project, in the order given: three statements and one round trip, however many they are.
///
/// # Errors
/// 422 at `/project_id` for a project that is not there or not the caller's.
pub(crate) async fn add(
    tx: &TenantTx,
    keys: &TenantKeys,
    project: ProjectId,
    people: &[(ContactId, &Person)],
) -> Result<Vec<ContactOut>, Problem> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let (mut wrapped, mut rows, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    for (id, person) in people {
        let (sealer, key) = Sealer::create(keys, project, *id)?;
        wrapped.push(key);
        rows.push(sealer.row(project, person)?);
        tokens.extend(sealer.tokens(project, &person.name)?);
    }
    let written = store::insert(tx, wrapped, rows, &tokens).await.map_err(no_such_project)?;
    let written: HashMap<_, _> = written.iter().map(|row| (row.id, row)).collect();
    let masked = people.iter().filter_map(|(id, person)| Some(ContactOut::masked(written.get(id)?, Some(person))));
    Ok(masked.collect())
}

/// Another tenant's project breaks the reference, another agent's the policy: to the caller neither exists.
fn no_such_project(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_missing_reference() || refusal.is_forbidden() => {
            Problem::field("/project_id", FieldCode::Unknown, "must be a project that you can see")
                .log(refusal.to_string())
        }
        _ => error.into(),
    }
}
