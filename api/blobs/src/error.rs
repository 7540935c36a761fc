use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Why a storage operation failed. Carries no key, URL or credential, so it may be logged.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No object has this key.
    #[error("there is no such file")]
    NotFound,
    /// The object is longer than the caller accepts.
    #[error("the file is longer than {max} bytes")]
    TooLong {
        /// The accepted length in bytes.
        max: u64,
    },
    /// The prefix is empty or does not end in a slash: deleting it could reach a neighbour's files.
    #[error("a prefix must name a folder and end in a slash")]
    UnsafePrefix,
    /// The server answered with an error.
    #[error("the storage refused to {operation}: {code}")]
    Refused {
        /// What was asked, as a verb.
        operation: &'static str,
        /// The error code of S3, such as `AccessDenied`.
        code: String,
    },
    /// The server did not answer, or the answer broke off.
    #[error("the storage did not answer to {operation}")]
    Unreachable {
        /// What was asked, as a verb.
        operation: &'static str,
    },
    /// The request could not be built or signed: no credentials, for example.
    #[error("the storage request to {operation} could not be signed")]
    Unsigned {
        /// What was asked, as a verb.
        operation: &'static str,
    },
}

impl BlobError {
    /// Whether the same call may succeed later without anything else changing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { code, .. } => {
                matches!(code.as_str(), "SlowDown" | "InternalError" | "ServiceUnavailable" | "RequestTimeout")
            }
            _ => false,
        }
    }
}

/// Maps an SDK error by its code; the message of the server may quote the key and is left out.
pub(crate) fn refused<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> BlobError
where
    E: ProvideErrorMetadata,
{
    move |error| match &error {
        SdkError::ServiceError(answer) => match answer.err().code() {
            Some("NoSuchKey" | "NotFound") => BlobError::NotFound,
            code => BlobError::Refused { operation, code: code.unwrap_or("unknown").to_owned() },
        },
        SdkError::ConstructionFailure(_) => BlobError::Unsigned { operation },
        _ => BlobError::Unreachable { operation },
    }
}
