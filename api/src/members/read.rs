//! Read a member.

use keystead_ids::MemberId;

use super::{MemberOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadMembers, Tx, Versioned};

/// Read a member.
#[utoipa::path(get, path = "/{id}", tag = "members", operation_id = "read_member", params(("id" = MemberId, Path)),
    responses((status = 200, body = MemberOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("members.read"))))]
pub(super) async fn read(tx: Tx<ReadMembers>, PathOf(id): PathOf<MemberId>) -> Result<Versioned<MemberOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    let known = store::surroundings(&tx, std::slice::from_ref(&row)).await?;
    Ok(Versioned { version: row.row_version, body: known.describe(row) })
}
