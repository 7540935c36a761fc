//! List files.

use axum::Json;

use super::{FileFilters, FileOut, store};
use crate::http::{Page, PageParams, Paging, Problem, Problems, ReadFiles, Tx};

/// List files, newest first.
///
/// Shows the files of the projects that the caller is assigned to, without those that were removed.
#[utoipa::path(get, path = "/", tag = "files", operation_id = "list_files", params(FileFilters, PageParams),
    responses((status = 200, body = Page<FileOut>), Problems), extensions(("x-permission" = json!("files.read"))))]
pub(super) async fn list(tx: Tx<ReadFiles>, paging: Paging<FileFilters>) -> Result<Json<Page<FileOut>>, Problem> {
    let rows = store::page(&tx, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), FileOut::from)))
}
