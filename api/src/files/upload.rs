//! Get a new URL for an upload.

use axum::{Json, extract::State};
use keystead_blobs::UPLOAD_MAX;
use keystead_entities::file;
use keystead_ids::FileId;

use super::{FileState, Upload, store};
use crate::{
    app::App,
    http::{ManageFiles, OrNotFound, PathOf, Problem, Problems, Tx},
};

/// Get a new URL for the upload of a file in quarantine.
///
/// Fails with `file-not-quarantined` once the file is confirmed, rejected or removed.
#[utoipa::path(post, path = "/{id}/upload", tag = "files", operation_id = "upload_file", params(("id" = FileId, Path)),
    responses((status = 200, body = Upload), Problems), extensions(("x-permission" = json!("files.manage"))))]
pub(super) async fn upload(
    tx: Tx<ManageFiles>,
    State(app): State<App>,
    PathOf(id): PathOf<FileId>,
) -> Result<Json<Upload>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    drop(tx);
    if !FileState::Quarantined.holds(&row) {
        return Err(Problem::conflict("file-not-quarantined", "The file waits for no upload"));
    }
    Ok(Json(sign(&app, &row).await?))
}

/// The request that uploads the file. Call it without an open transaction: credentials may have to be fetched.
pub(super) async fn sign(app: &App, row: &file::Model) -> Result<Upload, Problem> {
    let corrupt = || Problem::internal("a file's length or digest does not read");
    let length = u64::try_from(row.length).map_err(|_| corrupt())?;
    let sha256 = row.sha256.as_slice().try_into().map_err(|_| corrupt())?;
    let signed = app.blobs.presign_put(&row.storage_key, &row.content_type, length, sha256, UPLOAD_MAX).await?;
    Ok(signed.into())
}
