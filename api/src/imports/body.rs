//! The spreadsheet as it comes in.

use std::{error::Error, time::Duration};

use axum::{
    RequestExt,
    body::{BodyDataStream, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use futures::StreamExt;
use http_body_util::LengthLimitError;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use super::MAX_FILE_BYTES;
use crate::{app::App, document, http::Problem};

/// How long a caller may pause.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The body in the OpenAPI document: bytes, not text.
pub(super) struct File;

impl PartialSchema for File {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).extensions(document::inline()).into()
    }
}

impl ToSchema for File {}

/// The body of a request, in chunks; never whole in memory.
pub(super) struct Spreadsheet(BodyDataStream);

/// Why there is no next chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The body is longer than allowed.
    TooLarge,
    /// The connection broke, or the caller paused for too long.
    Off,
}

impl FromRequest<App> for Spreadsheet {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        require_csv(request.headers())?;
        refuse_too_large(request.headers())?;
        Ok(Self(request.into_limited_body().into_data_stream()))
    }
}

impl Spreadsheet {
    /// The next bytes, or `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let next = tokio::time::timeout(MAX_PAUSE, self.0.next()).await.map_err(|_| Broken::Off)?;
        next.transpose().map_err(|error| if is_too_large(&error) { Broken::TooLarge } else { Broken::Off })
    }
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::TooLarge => too_large(),
            Broken::Off => Self::new(StatusCode::BAD_REQUEST, "broken-off", "The file did not arrive whole")
                .detail("Resume the import with the same file"),
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn require_csv(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    // Generated clients cannot all send `text/csv`; what it is shows when it is read.
    let known = ["text/csv", "application/octet-stream"];
    if known.iter().any(|known| essence.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body must be text/csv"))
}

/// A caller who says beforehand that it is too much learns so before anything is written.
fn refuse_too_large(headers: &HeaderMap) -> Result<(), Problem> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|length| length > MAX_FILE_BYTES as u64) { Err(too_large()) } else { Ok(()) }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large")
}
