//! Remove a file.

use axum::{extract::State, http::StatusCode};
use keystead_entities::file;
use keystead_ids::FileId;

use super::{FileState, store};
use crate::{
    app::App,
    http::{ManageFiles, OrNotFound, PathOf, Problem, Problems, Tx},
};

/// Remove a file.
///
/// Its content is deleted; that there was one stays on record. Removing it again does nothing.
#[utoipa::path(delete, path = "/{id}", tag = "files", operation_id = "remove_file", params(("id" = FileId, Path)),
    responses((status = 204), Problems), extensions(("x-permission" = json!("files.manage"))))]
pub(super) async fn remove(
    tx: Tx<ManageFiles>,
    State(app): State<App>,
    PathOf(id): PathOf<FileId>,
) -> Result<StatusCode, Problem> {
    let row = store::locked(&tx, id).await?.or_not_found()?;
    if !FileState::Removed.holds(&row) {
        let row = store::set_state(&tx, &row, FileState::Removed, row.rejected_because.clone()).await?;
        tx.commit().await?;
        delete_object(&app, &row).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a file's content. The record says already that nobody can have it, so a failure only costs space.
pub(super) async fn delete_object(app: &App, row: &file::Model) {
    if let Err(error) = app.blobs.delete(&row.storage_key).await {
        tracing::warn!(file = %row.id, reason = %error, "the content of a file could not be deleted");
    }
}
