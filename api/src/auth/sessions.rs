//! One's own sessions: where one is logged in, and an end to it.

use axum::{Json, extract::State, http::StatusCode};
use keystead_ids::SessionId;

use super::wire::SessionOut;
use crate::{
    app::App,
    http::{Caller, Fresh, Page, PageParams, Paging, PathOf, Problem, Problems},
};

/// List one's own sessions here, newest first.
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "list_my_sessions", params(PageParams),
    responses((status = 200, body = Page<SessionOut>), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn list(
    caller: Caller,
    State(app): State<App>,
    fresh: Fresh,
    paging: Paging,
) -> Result<Json<Page<SessionOut>>, Problem> {
    let (mine, after) = (&caller.session, paging.after.map(SessionId));
    let rows = app.db.platform().devices(mine, after, paging.fetch_i64(), fresh.now()).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), |row| SessionOut::new(row, mine.id))))
}

/// End one of one's own sessions.
///
/// Takes effect everywhere within five seconds. Ending the session that asks is logging out, but for its cookie.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", operation_id = "end_my_session",
    params(("id" = SessionId, Path)), responses((status = 204), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn end(
    caller: Caller,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<SessionId>,
) -> Result<StatusCode, Problem> {
    let ended = app.db.platform().end_device(&caller.session, id, fresh.now()).await?;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Log out everywhere else.
///
/// Ends every session of one's own here but the one that asks, within five seconds everywhere.
#[utoipa::path(post, path = "/sessions/end-others", tag = "sessions", operation_id = "end_my_other_sessions",
    responses((status = 204), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn end_others(caller: Caller, State(app): State<App>, fresh: Fresh) -> Result<StatusCode, Problem> {
    app.db.platform().end_other_devices(&caller.session, fresh.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
