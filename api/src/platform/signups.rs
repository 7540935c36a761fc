//! List applications.

use axum::{Json, extract::State};
use keystead_ids::SignupId;

use crate::{
    app::App,
    http::{Operator, Page, PageParams, Paging, Problem, Problems},
    signups::SignupOut,
};

/// List applications, newest first.
#[utoipa::path(get, path = "/signups", tag = "platform", operation_id = "list_signups", params(PageParams),
    responses((status = 200, body = Page<SignupOut>), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn list(
    _: Operator,
    State(app): State<App>,
    paging: Paging,
) -> Result<Json<Page<SignupOut>>, Problem> {
    let rows = app.db.platform().signups(paging.after.map(SignupId), paging.fetch_i64()).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), SignupOut::from)))
}
