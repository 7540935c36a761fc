//! Confirm an upload.

use axum::{Json, extract::State};
use keystead_entities::file;
use keystead_ids::FileId;

use super::{
    FileOut, FileState, remove, store,
    verdict::{Verdict, field_and_reason, judge},
};
use crate::{
    app::App,
    http::{FieldCode, ManageFiles, OrNotFound, PathOf, Problem, Problems, Tx},
};

/// Confirm that a file was uploaded.
///
/// The file is read back: length, SHA-256 and format must be what was declared. If they are, it is ready; if not, it is
/// deleted and rejected for good (422). Fails with `not-uploaded` when there is nothing yet. Asking twice gets the same
/// answer.
#[utoipa::path(post, path = "/{id}/confirm", tag = "files", operation_id = "confirm_file",
    params(("id" = FileId, Path)),
    responses((status = 200, body = FileOut), Problems), extensions(("x-permission" = json!("files.manage"))))]
pub(super) async fn confirm(
    tx: Tx<ManageFiles>,
    State(app): State<App>,
    PathOf(id): PathOf<FileId>,
) -> Result<Json<FileOut>, Problem> {
    let declared = store::find(&tx, id).await?.or_not_found()?;
    if !FileState::Quarantined.holds(&declared) {
        return answer(declared);
    }
    // Reading the file back takes as long as it takes; no connection waits for it.
    let tx = tx.commit_and_go_on(&app).await?;
    let longest = u64::try_from(declared.length).unwrap_or_default();
    let found = app.blobs.inspect(&declared.storage_key, longest).await;
    match judge(&declared, found)? {
        Verdict::Missing => Err(Problem::conflict("not-uploaded", "The file was not uploaded yet")),
        Verdict::Good => answer(settle(tx, id, FileState::Ready, None).await?),
        Verdict::Wrong(reason) => {
            let row = settle(tx, id, FileState::Rejected, Some(reason)).await?;
            if FileState::Rejected.holds(&row) {
                remove::delete_object(&app, &row).await;
            }
            answer(row)
        }
    }
}

/// Ends the quarantine, unless somebody else did in the meantime.
async fn settle(
    tx: Tx<ManageFiles>,
    id: FileId,
    state: FileState,
    reason: Option<String>,
) -> Result<file::Model, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    if !FileState::Quarantined.holds(&row) {
        return Ok(row);
    }
    let row = store::set_state(&tx, &row, state, reason).await?;
    tx.commit().await?;
    Ok(row)
}

fn answer(row: file::Model) -> Result<Json<FileOut>, Problem> {
    if FileState::Ready.holds(&row) {
        return Ok(Json(row.into()));
    }
    if FileState::Rejected.holds(&row) {
        let (field, reason) = field_and_reason(row.rejected_because.as_deref().unwrap_or_default());
        return Err(Problem::field(format!("/{field}"), FieldCode::NotMatching, reason).detail("The file was rejected"));
    }
    Err(Problem::conflict("file-removed", "The file was removed"))
}
