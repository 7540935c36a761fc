//! Import a spreadsheet.

use axum::extract::State;
use keystead_entities::import;
use keystead_ids::MappingId;
use keystead_sheets::Mapping;
use keystead_tenants::orm::Set;

use super::{
    ImportParams, ImportReport,
    body::{File, Spreadsheet},
    run::{self, Run},
    store,
    wire::Instructions,
};
use crate::{
    app::App,
    http::{Created, FieldCode, Fresh, ManageUnits, OrNotFound, Params, Problem, Problems, Tx},
    import_mappings, projects,
};

/// Import homes from a spreadsheet.
///
/// The body is the file: CSV with a header row, in UTF-8 or Windows-1252, separated by commas, semicolons or tabs; at most
/// 512 MiB and 500,000 rows. Clients that cannot send `text/csv` send `application/octet-stream`. It is read and written in batches while it arrives. Phases, buildings, plans and elevations
/// that rows name are found, or made; phases so made are not released unless `release_phases` is true. A row with errors
/// is refused, and the others go on. What cannot be read at all fails with 422; the import is then `failed`. Needs
/// `projects.manage` as well. When the connection breaks, find the import in the list and resume it. An `Idempotency-Key`
/// is not needed: a home whose number exists is never made twice.
#[utoipa::path(post, path = "/", tag = "imports", operation_id = "import_units", params(ImportParams),
    request_body(content((File = "text/csv"), (File = "application/octet-stream"))),
    responses((status = 201, body = ImportReport), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageUnits>,
    fresh: Fresh,
    State(app): State<App>,
    Params(wanted): Params<ImportParams>,
    file: Spreadsheet,
) -> Result<Created<ImportReport>, Problem> {
    run::permitted(&tx)?;
    let project = projects::find(&tx, wanted.project_id).await?.or_not_found()?;
    let mapping = match wanted.mapping_id {
        Some(id) => Some(saved(&tx, id).await?),
        None => None,
    };
    let instructions = Instructions { mapping, release_phases: wanted.release_phases };
    let row = import::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(project.id),
        file_name: Set(wanted.file_name.into_string()),
        mapping: Set(
            serde_json::to_value(&instructions).map_err(|_| Problem::internal("instructions do not serialise"))?
        ),
        dry_run: Set(wanted.dry_run),
        ..Default::default()
    };
    let import = store::insert(&tx, row).await?;
    let tx = tx.commit_and_go_on(&app).await?;
    let run = Run::new(app, &fresh, project, import, instructions);
    Ok(Created(Box::pin(run.finish(tx, file)).await?))
}

async fn saved(tx: &Tx<ManageUnits>, id: MappingId) -> Result<Mapping, Problem> {
    let unknown = || Problem::field("mapping_id", FieldCode::Unknown, "is not a saved mapping");
    let row = import_mappings::find(tx, id).await?.ok_or_else(unknown)?;
    serde_json::from_value(row.mapping).map_err(|_| Problem::internal("a saved mapping does not read"))
}
