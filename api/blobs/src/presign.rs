//! Presigned URLs: the only way bytes go in and out.

use std::fmt;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::disposition::attachment;
use crate::error::{BlobError, refused};
use crate::store::Blobs;

/// Longest life of an upload URL.
pub const UPLOAD_MAX: Duration = Duration::from_secs(300);

/// Longest life of a download URL.
pub const DOWNLOAD_MAX: Duration = Duration::from_secs(60);

/// A request that anyone who holds it may send, until it expires.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Presigned {
    /// HTTP method.
    pub method: String,
    /// Absolute URL with the signature in its query.
    pub url: String,
    /// Headers that are part of the signature and must be sent exactly so.
    pub headers: Vec<(String, String)>,
    /// Life of the URL in seconds, from now.
    pub expires_in_seconds: u64,
}

impl fmt::Debug for Presigned {
    /// The URL is a bearer secret while it lives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Blobs {
    /// Signs an upload of exactly this type, `length` in bytes and SHA-256 to `key`; `ttl` is cut to [`UPLOAD_MAX`].
    ///
    /// `If-None-Match: *` is signed as well: whoever keeps the URL cannot replace the file after it was confirmed.
    ///
    /// # Errors
    /// [`BlobError::Unsigned`] when there are no credentials.
    pub async fn presign_put(
        &self,
        key: &str,
        content_type: &str,
        length: u64,
        sha256: [u8; 32],
        ttl: Duration,
    ) -> Result<Presigned, BlobError> {
        const SIGN: &str = "sign an upload";
        let life = ttl.min(UPLOAD_MAX);
        let request = self
            .signer
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .content_length(i64::try_from(length).map_err(|_| BlobError::TooLong { max: i64::MAX.unsigned_abs() })?)
            .checksum_sha256(STANDARD.encode(sha256))
            .if_none_match("*");
        let signed = request.presigned(expiry(life, SIGN)?).await.map_err(refused(SIGN))?;
        Ok(presigned(&signed, life))
    }

    /// Signs a download of `key` that a browser saves as `download_name` and takes for `content_type`; `ttl` is cut to
    /// [`DOWNLOAD_MAX`]. Does not check that the file exists.
    ///
    /// # Errors
    /// [`BlobError::Unsigned`] when there are no credentials.
    pub async fn presign_get(
        &self,
        key: &str,
        download_name: &str,
        content_type: &str,
        ttl: Duration,
    ) -> Result<Presigned, BlobError> {
        const SIGN: &str = "sign a download";
        let life = ttl.min(DOWNLOAD_MAX);
        let request = self
            .signer
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_type(content_type)
            .response_content_disposition(attachment(download_name))
            .response_cache_control("private, no-store");
        let signed = request.presigned(expiry(life, SIGN)?).await.map_err(refused(SIGN))?;
        Ok(presigned(&signed, life))
    }
}

fn expiry(life: Duration, operation: &'static str) -> Result<PresigningConfig, BlobError> {
    PresigningConfig::expires_in(life).map_err(|_| BlobError::Unsigned { operation })
}

fn presigned(request: &PresignedRequest, life: Duration) -> Presigned {
    let headers = request.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
    Presigned {
        method: request.method().to_owned(),
        url: request.uri().to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        expires_in_seconds: life.as_secs(),
    }
}
