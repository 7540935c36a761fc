//! List an import's errors.

use axum::Json;
use keystead_ids::ImportId;

use super::{ImportErrorOut, store};
use crate::http::{ManageUnits, OrNotFound, Page, PageParams, Paging, PathOf, Problem, Problems, Tx};

/// List what was wrong with the rows of an import, in the order of the file.
///
/// Rows are counted to the end, but beyond 100,000 refused rows the errors are not kept.
#[utoipa::path(get, path = "/{id}/errors", tag = "imports", operation_id = "list_import_errors",
    params(("id" = ImportId, Path), PageParams),
    responses((status = 200, body = Page<ImportErrorOut>), Problems),
    extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn errors(
    tx: Tx<ManageUnits>,
    PathOf(id): PathOf<ImportId>,
    paging: Paging,
) -> Result<Json<Page<ImportErrorOut>>, Problem> {
    let import = store::find(&tx, id).await?.or_not_found()?;
    let rows = store::errors_page(&tx, import.id, &paging).await?;
    Ok(Json(paging.page(rows, |row| row.id, ImportErrorOut::from)))
}
