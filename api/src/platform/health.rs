//! How the platform is.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use keystead_ids::{MailId, TenantId};
use keystead_tenants::platform::ParkedMail;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    health::{self, Check},
    http::{Fresh, Operator, PathOf, Problem, Problems},
};

/// How many parked mails are shown.
const PARKED: i64 = 100;

/// How the platform is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthOut {
    /// What this server needs, asked now.
    pub checks: Vec<CheckOut>,
    /// The mail that waits.
    pub mail: MailOut,
}

/// One thing that the server needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckOut {
    /// `database`, `clock`, `kms`, `files` or `disk`.
    pub name: &'static str,
    /// Is it there and well?
    pub up: bool,
}

/// The mail that waits. There is no call that asks a mail server how it is: mail that fails tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailOut {
    /// To be sent.
    pub waiting: i64,
    /// Of these, failed at least once.
    pub failing: i64,
    /// Given up, until somebody has them tried again.
    pub parked: i64,
    /// When the one that waits longest was written.
    #[schema(required)]
    pub oldest_at: Option<DateTime<Utc>>,
    /// The newest that were given up, at most 100. Their texts are shown to nobody.
    pub parked_items: Vec<ParkedOut>,
}

/// A mail that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParkedOut {
    /// Its id.
    pub id: MailId,
    /// The tenant that it concerns.
    #[schema(required)]
    pub tenant_id: Option<TenantId>,
    /// What kind of mail, as in `invitation`.
    pub template: String,
    /// The domain that it was to go to.
    pub domain: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last try ended with.
    #[schema(required)]
    pub error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was given up.
    pub parked_at: DateTime<Utc>,
}

impl From<ParkedMail> for ParkedOut {
    fn from(mail: ParkedMail) -> Self {
        let ParkedMail { id, tenant, template, recipient, attempts, error, created_at, parked_at } = mail;
        let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
        Self { id, tenant_id: tenant, template, domain, attempts, error, created_at, parked_at }
    }
}

/// Read how the platform is.
#[utoipa::path(get, path = "/health", tag = "platform", operation_id = "read_health",
    responses((status = 200, body = HealthOut), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn read(_: Operator, State(app): State<App>) -> Result<Json<HealthOut>, Problem> {
    let platform = app.db.platform();
    let (checks, depth, parked) =
        futures::join!(health::checks(&app), platform.outbox_depth(), platform.parked_mail(PARKED));
    let (depth, parked) = (depth?, parked?);
    let mail = MailOut {
        waiting: depth.waiting,
        failing: depth.failing,
        parked: depth.parked,
        oldest_at: depth.oldest,
        parked_items: parked.into_iter().map(ParkedOut::from).collect(),
    };
    let checks = checks.into_iter().map(|Check { name, up }| CheckOut { name, up }).collect();
    Ok(Json(HealthOut { checks, mail }))
}

/// Have a mail that was given up tried again.
#[utoipa::path(post, path = "/mail/{id}/replay", tag = "platform", operation_id = "replay_mail",
    params(("id" = MailId, Path)), responses((status = 204), Problems), extensions(("x-permission" = json!("operator"))))]
pub(super) async fn replay(
    operator: Operator,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<MailId>,
) -> Result<axum::http::StatusCode, Problem> {
    let replayed = app.db.platform().replay_mail(id, operator.session.identity, fresh.now()).await?;
    if replayed { Ok(axum::http::StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
