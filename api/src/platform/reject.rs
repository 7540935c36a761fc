//! Turn an application down.

use axum::{Json, extract::State};
use keystead_ids::SignupId;

use super::RejectIn;
use crate::{
    app::App,
    http::{Body, Fresh, Operator, OrNotFound, PathOf, Problem, Problems},
    signups::SignupOut,
};

/// Turn an application down.
///
/// Fails with `signup-decided` when it was approved or rejected before.
#[utoipa::path(post, path = "/signups/{id}/reject", tag = "platform", operation_id = "reject_signup",
    params(("id" = SignupId, Path)), request_body = RejectIn,
    responses((status = 200, body = SignupOut), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn reject(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<SignupId>,
    Body { input, .. }: Body<RejectIn>,
) -> Result<Json<SignupOut>, Problem> {
    let platform = app.db.platform();
    platform.signup(id).await?.or_not_found()?;
    if !platform.reject_signup(id, operator.session.identity, input.note.as_str(), fresh.now()).await? {
        return Err(Problem::conflict("signup-decided", "This application was decided before"));
    }
    Ok(Json(platform.signup(id).await?.or_not_found()?.into()))
}
