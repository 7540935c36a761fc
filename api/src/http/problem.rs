//! Errors as `application/problem+json` (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use keystead_blobs::BlobError;
use keystead_keys::KeyError;
use keystead_tenants::{DbError, Refused, orm::DbErr};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, for the caller; and, apart from it, for the log.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: Option<String>,
    errors: Vec<FieldError>,
    current_version: Option<i64>,
    blocked_by: Vec<Blocker>,
    retry_after: Option<u64>,
    directory_epoch: Option<u64>,
    log: Option<String>,
}

/// A field of the request that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body (RFC 6901), or the name of a query parameter or header.
    pub pointer: String,
    /// The kind of fault; switch on this, and say it in the reader's language.
    pub code: FieldCode,
    /// What it must be, in English.
    pub message: String,
}

/// What is wrong with a field. More kinds may come: take one that you do not know for `malformed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// It must be given.
    Missing,
    /// It has not the form that it must have.
    Malformed,
    /// It must have some content.
    Empty,
    /// It is too long or too large.
    TooLong,
    /// It has too many items.
    TooMany,
    /// It is outside of what is possible.
    OutOfRange,
    /// It names nothing that the caller can see.
    Unknown,
    /// It is not what it has to repeat: a password, a typed confirmation, an earlier request.
    NotMatching,
    /// It does not go together with another field.
    Contradicts,
    /// The caller may not give this.
    NotAllowed,
    /// The password is too easy to guess.
    Weak,
    /// Another has it.
    Taken,
    /// It must be another one than it is now.
    Unchanged,
}

/// Something that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Blocker {
    /// Its id.
    #[schema(example = "ctr_0197f0a1b2c37d4e8f90a1b2c3d4e5f6")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Contract 12")]
    pub name: String,
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Stable URI of the kind of problem; switch on this.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "urn:keystead:problem:unit-under-contract")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is the matter this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request's id: quote it when asking for help.
    pub instance: String,
    /// The fields that cannot be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `version-conflict`: the version that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
    /// What stands in the way, when it can be opened and dealt with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<Blocker>,
}

/// Every operation's errors, for the OpenAPI document.
#[derive(utoipa::IntoResponses)]
pub enum Problems {
    /// The request is malformed.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// There is no valid session.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// The role does not allow this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// There is no such thing, or it is not for the caller to know.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// The request conflicts with what stands.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemBody),
    /// The resource has changed since it was read.
    #[response(status = 412, content_type = "application/problem+json")]
    VersionConflict(ProblemBody),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(ProblemBody),
    /// A field cannot be accepted.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// `If-Match` is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    VersionRequired(ProblemBody),
    /// Too many requests.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemBody),
    /// Something failed on our side.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// Something that we need is away.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

impl Problem {
    /// A problem of a kind. `kind` is the last part of its type URI.
    #[must_use]
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self(Box::new(Inner {
            status,
            kind,
            title,
            detail: None,
            errors: Vec::new(),
            current_version: None,
            blocked_by: Vec::new(),
            retry_after: None,
            directory_epoch: None,
            log: None,
        }))
    }

    /// Adds what is the matter this time, for the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what is the matter, for the log only. Never put a value of the request here.
    #[must_use]
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.0.log = Some(log.into());
        self
    }

    /// Adds when to try again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// Adds the epoch of this cell's directory, for edges.
    #[must_use]
    pub fn directory_epoch(mut self, epoch: u64) -> Self {
        self.0.directory_epoch = Some(epoch);
        self
    }

    /// Adds what stands in the way.
    #[must_use]
    pub fn blocked_by(mut self, blockers: Vec<Blocker>) -> Self {
        self.0.blocked_by = blockers;
        self
    }

    /// A field that cannot be accepted.
    #[must_use]
    pub fn field(pointer: impl Into<String>, code: FieldCode, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), code, message: message.into() }])
    }

    /// Fields that cannot be accepted.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request cannot be accepted");
        problem.0.errors = errors;
        problem
    }

    /// What is wrong with which field.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// There is no such thing, or the caller may not know.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such resource")
    }

    /// The role does not allow it.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this")
    }

    /// No valid session.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Log in to do this")
    }

    /// A conflict with what stands.
    #[must_use]
    pub fn conflict(kind: &'static str, title: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, kind, title)
    }

    /// The contact is nobody any more.
    #[must_use]
    pub fn erased() -> Self {
        Self::conflict("contact-erased", "The contact was erased")
    }

    /// The resource changed since the caller read it.
    #[must_use]
    pub fn version_conflict(current: i64) -> Self {
        let mut problem =
            Self::new(StatusCode::PRECONDITION_FAILED, "version-conflict", "Somebody changed this in the meantime");
        problem.0.current_version = Some(current);
        problem
    }

    /// Something failed on our side; `log` says what.
    #[must_use]
    pub fn internal(log: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side").log(log)
    }

    /// Something that we need is away.
    #[must_use]
    pub fn unavailable(kind: &'static str, log: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, "Not possible right now; try again soon")
            .log(log)
            .retry_after(5)
    }

    /// Too many of the tenant's requests are being served.
    #[must_use]
    pub fn crowded() -> Self {
        let title = "Your company has too many requests under way; slow down";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "tenant-busy", title).retry_after(1)
    }

    /// What is the matter, for a log.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.0.log.as_deref().unwrap_or(self.0.title)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let inner = *self.0;
        if let Some(log) = &inner.log {
            if inner.status.is_server_error() {
                tracing::error!(problem = inner.kind, reason = %log, "request failed");
            } else {
                tracing::info!(problem = inner.kind, reason = %log, "request refused");
            }
        }
        let server_side = inner.status.is_server_error();
        let wire = ProblemBody {
            kind: format!("urn:keystead:problem:{}", inner.kind),
            title: inner.title,
            status: inner.status.as_u16(),
            // A failure of ours tells nothing but where to look.
            detail: inner.detail.filter(|_| !server_side),
            instance: super::request::current_id(),
            errors: inner.errors,
            current_version: inner.current_version,
            blocked_by: inner.blocked_by,
        };
        let mut response = (inner.status, Json(wire)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = inner.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(epoch) = inner.directory_epoch {
            headers.insert(keystead_edge::EPOCH_HEADER, HeaderValue::from(epoch));
        }
        if inner.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        let Some(refusal) = error.refusal() else {
            return match error {
                DbErr::ConnectionAcquire(_) => Self::crowded(),
                DbErr::Conn(_) => Self::unavailable("database-unavailable", "no connection to the database"),
                other => Self::internal(format!("database: {}", kind_of(&other))),
            };
        };
        from_refusal(&refusal)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Refused(refusal) => from_refusal(&refusal),
            DbError::Crowded => Self::crowded(),
            DbError::Busy | DbError::Unreachable => Self::unavailable("database-unavailable", error.to_string()),
            DbError::Corrupt { .. }
            | DbError::Conversion(_)
            | DbError::NotOnData
            | DbError::Unreadable(_)
            | DbError::Occupied => Self::internal(error.to_string()),
        }
    }
}

fn from_refusal(refusal: &keystead_tenants::Refusal) -> Problem {
    let log = refusal.to_string();
    if refusal.is_duplicate() {
        Problem::conflict("duplicate", "This exists already").log(log)
    } else if refusal.is_missing_reference() {
        Problem::field("", FieldCode::Unknown, "refers to something that does not exist").log(log)
    } else if refusal.is_check() {
        Problem::field("", FieldCode::OutOfRange, "a value is out of range").log(log)
    } else if refusal.is_context() {
        Problem::unavailable("clocks-differ", log)
    } else if refusal.is_forbidden() {
        // The policies refused what the API let through.
        Problem::forbidden().log(log)
    } else if refusal.is_contention() {
        Problem::unavailable("busy", log)
    } else if refusal.code.starts_with("57P") || refusal.code.starts_with("53") {
        Problem::unavailable("database-unavailable", log)
    } else {
        Problem::internal(log)
    }
}

/// The variant only: an error's text may quote values.
fn kind_of(error: &DbErr) -> &'static str {
    match error {
        DbErr::Type(_) => "a column does not read",
        DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => "the row vanished",
        _ => "unexpected",
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unavailable => Self::unavailable("kms-unavailable", error.to_string()),
            KeyError::Denied(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "keys-denied", "The tenant's keys are not usable")
                    .log(error.to_string())
            }
            KeyError::SharesUnavailable | KeyError::SharesContended => {
                Self::unavailable("shares-unavailable", error.to_string())
            }
            KeyError::SharesLost => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "keys-denied", "The tenant's keys are not usable")
                    .log(error.to_string())
            }
            KeyError::Erased => Self::erased(),
            KeyError::TooLong => Self::field("", FieldCode::TooLong, "is too long"),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        if error.is_transient() {
            Self::unavailable("files-unavailable", error.to_string())
        } else {
            Self::internal(error.to_string())
        }
    }
}

/// From a look-up to a 404.
pub trait OrNotFound<T> {
    /// The value, or the problem that there is none.
    ///
    /// # Errors
    /// [`Problem::not_found`].
    fn or_not_found(self) -> Result<T, Problem>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T, Problem> {
        self.ok_or_else(Problem::not_found)
    }
}
