//! Read a file's record.

use keystead_ids::FileId;

use super::{FileOut, store};
use crate::http::{OrNotFound, PathOf, Problem, Problems, ReadFiles, Tx, Versioned};

/// Read what is known of a file; its content comes by a link.
#[utoipa::path(get, path = "/{id}", tag = "files", operation_id = "read_file", params(("id" = FileId, Path)),
    responses((status = 200, body = FileOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("files.read"))))]
pub(super) async fn read(tx: Tx<ReadFiles>, PathOf(id): PathOf<FileId>) -> Result<Versioned<FileOut>, Problem> {
    let row = store::find(&tx, id).await?.or_not_found()?;
    Ok(Versioned { version: row.row_version, body: row.into() })
}
