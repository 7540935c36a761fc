//! Declare a file.

use axum::extract::State;
use keystead_entities::file;
use keystead_tenants::{
    Refused,
    orm::{DbErr, Set},
};
use uuid::Uuid;

use super::{FileCreated, FileIn, FileOut, store, upload};
use crate::{
    app::App,
    http::{Body, Created, FieldCode, Fresh, ManageFiles, Problem, Problems, Tx},
    projects, usage,
};

/// Declare a file, and get the request that uploads it.
///
/// The file stays in quarantine until it is confirmed. The URL is bound to the declared type, length and digest. Fails with
/// `limit-reached` when the tenant has as many bytes as operators let it have.
#[utoipa::path(post, path = "/", tag = "files", operation_id = "declare_file", request_body = FileIn,
    responses((status = 201, body = FileCreated), Problems), extensions(("x-permission" = json!("files.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageFiles>,
    fresh: Fresh,
    State(app): State<App>,
    Body { input, once }: Body<FileIn>,
) -> Result<Created<FileCreated>, Problem> {
    let room = usage::room(&app, &tx).await?;
    // What is kept of the answer is the file: a URL in the database would be a secret in the database.
    if let Some(Created(earlier)) = once.replay::<_, FileOut>(&tx).await? {
        let row = store::find(&tx, earlier.id).await?.ok_or_else(Problem::not_found)?;
        drop(tx);
        return Ok(Created(FileCreated { file: earlier, upload: upload::sign(&app, &row).await? }));
    }
    let unknown = || Problem::field("/project_id", FieldCode::Unknown, "is not a project of yours");
    projects::find(&tx, input.project_id).await?.ok_or_else(unknown)?;
    room.for_file(input.length)?;
    let row = store::insert(&tx, declared(&tx, &fresh, input)?).await.map_err(unknown_plan)?;
    let file = FileOut::from(row.clone());
    once.keep(&tx, &fresh, &file).await?;
    tx.commit().await?;
    Ok(Created(FileCreated { file, upload: upload::sign(&app, &row).await? }))
}

fn declared(tx: &Tx<ManageFiles>, fresh: &Fresh, input: FileIn) -> Result<file::ActiveModel, Problem> {
    Ok(file::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(input.project_id),
        plan_id: Set(input.plan_id),
        kind: Set(input.kind.name().to_owned()),
        name: Set(input.name.into_string()),
        content_type: Set(input.content_type.name().to_owned()),
        length: Set(input.length.cast_signed()),
        sha256: Set(input.sha256.to_vec()),
        storage_key: Set(format!("{}/{}", tx.storage_prefix(), opaque_name()?)),
        ..Default::default()
    })
}

/// A name that tells nothing: not even when the file was declared, as our ids do.
fn opaque_name() -> Result<Uuid, Problem> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Problem::internal("no randomness"))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

fn unknown_plan(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_missing_reference() => {
            Problem::field("/plan_id", FieldCode::Unknown, "is not a plan of the project")
        }
        _ => error.into(),
    }
}
