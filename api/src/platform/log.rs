//! The platform's own trail: what operators did, and what the platform did by itself.

use std::borrow::Cow;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use keystead_ids::{EventId, IdentityId};
use keystead_tenants::platform;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    audit::ObjectId,
    http::{Operator, Page, PageParams, Paging, Problem, Problems, Text},
};

/// Which events are wanted; all that are given must hold.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogFilters {
    /// Of this operator.
    #[serde(default)]
    pub actor: Option<IdentityId>,
    /// That this was done, or something that begins with it: `tenant`, or `tenant.suspended`.
    #[serde(default)]
    #[param(inline, example = "tenant")]
    pub action: Option<Text<1, 100>>,
    /// About the tenant, application or login of this id.
    #[serde(default, deserialize_with = "any_id")]
    #[param(inline, value_type = Option<ObjectId>, example = "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6")]
    pub object: Option<Uuid>,
}

/// An id of whatever kind, or a plain UUID.
fn any_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let digits = text.split_once('_').map_or(&*text, |(_, digits)| digits);
    digits.parse().map(Some).map_err(|_| D::Error::custom("must be an id"))
}

/// An event of the platform's trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLineOut {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; null when the platform did it by itself.
    #[schema(required)]
    pub actor: Option<LogActor>,
    /// What was done, as in `tenant.suspended`.
    pub action: String,
    /// The UUID of what it was done to.
    #[schema(required)]
    pub object_id: Option<Uuid>,
    /// What there is to say about it.
    pub detail: Value,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogActor {
    /// The login.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
}

/// List the platform's own trail, newest first.
#[utoipa::path(get, path = "/log", tag = "platform", operation_id = "list_platform_log", params(PageParams, LogFilters),
    responses((status = 200, body = Page<LogLineOut>), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn list(
    _: Operator,
    State(app): State<App>,
    paging: Paging<LogFilters>,
) -> Result<Json<Page<LogLineOut>>, Problem> {
    let LogFilters { actor, action, object } = paging.filters.clone();
    let filters = platform::LogFilters { actor, action: action.map(Text::into_string), object };
    let rows = app.db.platform().log(&filters, paging.after.map(EventId), paging.fetch_i64()).await?;
    Ok(Json(paging.page(rows, |row| row.id.uuid(), LogLineOut::from)))
}

impl From<platform::LogLine> for LogLineOut {
    fn from(line: platform::LogLine) -> Self {
        let platform::LogLine { id, at, actor, action, object, detail } = line;
        Self { id, at, actor: actor.map(|(id, name)| LogActor { id, name }), action, object_id: object, detail }
    }
}
