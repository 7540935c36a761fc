//! The errors of the protocol.

use std::borrow::Cow;

use hyper::StatusCode;
use serde_json::{Value, json};

/// An error as AWS JSON 1.1 carries it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    kind: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(kind: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let status = match kind {
            "KMSInternalException" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, kind, message: message.into() }
    }

    pub(crate) fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new("NotFoundException", format!("{what} is not found."))
    }

    pub(crate) fn ciphertext() -> Self {
        // AWS sends no message here, so that it is no oracle.
        Self::new("InvalidCiphertextException", "")
    }

    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal failure");
        Self::new("KMSInternalException", "The request was rejected because an internal exception occurred.")
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "__type": self.kind, "message": self.message })
    }
}

impl From<aws_lc_rs::error::Unspecified> for Refusal {
    fn from(cause: aws_lc_rs::error::Unspecified) -> Self {
        Self::internal(&cause)
    }
}
