//! Versions: the row version is the ETag, and whoever changes something says which version they saw.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{FieldCode, Problem};

/// The version that the caller saw, from `If-Match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(i64);

impl IfMatch {
    /// Is it the version that stands?
    ///
    /// # Errors
    /// 412 with the version that stands.
    pub fn check(self, current: i64) -> Result<(), Problem> {
        if self.0 == current { Ok(()) } else { Err(Problem::version_conflict(current)) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::IF_MATCH) else {
            let title = "Say which version you saw, in If-Match";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "version-required", title));
        };
        let version =
            header.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        version
            .map(Self)
            .ok_or_else(|| Problem::field("If-Match", FieldCode::Malformed, "must be an ETag as it was given"))
    }
}

/// A 200 with the resource and its ETag.
#[derive(Debug)]
pub struct Versioned<T> {
    /// The resource.
    pub body: T,
    /// Its version.
    pub version: i64,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}
