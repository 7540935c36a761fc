//! Create a project.

use axum::extract::State;
use keystead_entities::project;
use keystead_tenants::{
    Refused,
    orm::{DbErr, Set},
};

use super::{ProjectIn, ProjectOut, store};
use crate::{
    app::App,
    http::{Body, Created, Fresh, ManageProjects, Problem, Problems, Tx},
    usage,
};

/// Create a project.
///
/// Fails with `project-code-taken` when another project of the tenant has the code, and with `limit-reached` when the tenant
/// has as many projects as operators let it have.
#[utoipa::path(post, path = "/", tag = "projects", operation_id = "create_project", request_body = ProjectIn,
    responses((status = 201, body = ProjectOut), Problems), extensions(("x-permission" = json!("projects.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageProjects>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<ProjectIn>,
) -> Result<Created<ProjectOut>, Problem> {
    let room = usage::room(&app, &tx).await?;
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    room.for_project()?;
    let row = project::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        code: Set(input.code),
        name: Set(input.name.into_string()),
        time_zone: Set(input.time_zone),
        currency: Set(input.currency),
        ..Default::default()
    };
    let out = ProjectOut::from(store::insert(&tx, row).await.map_err(code_taken)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

fn code_taken(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_duplicate() => {
            Problem::conflict("project-code-taken", "Another project has this code")
        }
        _ => error.into(),
    }
}
