//! Get a link to a file.

use axum::{Json, extract::State};
use keystead_blobs::DOWNLOAD_MAX;
use keystead_ids::FileId;

use super::{FileState, Link, store};
use crate::{
    app::App,
    http::{OrNotFound, PathOf, Problem, Problems, ReadFiles, Tx},
};

/// Get a link that downloads a file.
///
/// The link lives for at most 60 seconds and makes a browser save the file rather than show it. Fails with
/// `file-not-ready` unless the file was confirmed.
#[utoipa::path(post, path = "/{id}/link", tag = "files", operation_id = "link_file", params(("id" = FileId, Path)),
    responses((status = 200, body = Link), Problems), extensions(("x-permission" = json!("files.read"))))]
pub(super) async fn link(
    tx: Tx<ReadFiles>,
    State(app): State<App>,
    PathOf(id): PathOf<FileId>,
) -> Result<Json<Link>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    drop(tx);
    if !FileState::Ready.holds(&row) {
        return Err(Problem::conflict("file-not-ready", "The file cannot be downloaded"));
    }
    let signed = app.blobs.presign_get(&row.storage_key, &row.name, &row.content_type, DOWNLOAD_MAX).await?;
    Ok(Json(signed.into()))
}
