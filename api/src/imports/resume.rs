//! Go on with an import that broke off.

use axum::{Json, extract::State};
use keystead_ids::ImportId;

use super::{
    ImportReport, ImportState,
    body::{File, Spreadsheet},
    run::{self, Run},
    store,
};
use crate::{
    app::App,
    http::{Fresh, ManageUnits, OrNotFound, PathOf, Problem, Problems, Tx},
    projects,
};

/// Go on with an import that broke off.
///
/// The body is the same file again, whole: the rows that were dealt with are skipped. Fails with `import-over` when the
/// import is finished or failed, and with `import-moved-on` when another request goes on with it at the same time.
#[utoipa::path(post, path = "/{id}/resume", tag = "imports", operation_id = "resume_import",
    params(("id" = ImportId, Path)),
    request_body(content((File = "text/csv"), (File = "application/octet-stream"))),
    responses((status = 200, body = ImportReport), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn resume(
    tx: Tx<ManageUnits>,
    fresh: Fresh,
    State(app): State<App>,
    PathOf(id): PathOf<ImportId>,
    file: Spreadsheet,
) -> Result<Json<ImportReport>, Problem> {
    run::permitted(&tx)?;
    let import = store::find(&tx, id).await?.or_not_found()?;
    if import.state != ImportState::Running.name() {
        return Err(Problem::conflict("import-over", "The import is finished or has failed"));
    }
    let project = projects::find(&tx, import.project_id).await?.or_not_found()?;
    let instructions = serde_json::from_value(import.mapping.clone());
    let instructions = instructions.map_err(|_| Problem::internal("an import's instructions do not read"))?;
    let tx = tx.commit_and_go_on(&app).await?;
    let run = Run::new(app, &fresh, project, import, instructions);
    Ok(Json(Box::pin(run.finish(tx, file)).await?))
}
