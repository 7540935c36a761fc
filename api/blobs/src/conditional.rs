//! Small objects that several writers change: read with their entity tag, written under a condition (RFC 9110, 13.1).

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use crate::{
    Blobs,
    error::{BlobError, refused},
};

/// An object with the entity tag of this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// All of it.
    pub content: Bytes,
    /// The entity tag.
    pub tag: String,
}

const READ: &str = "read an object";
const WRITE: &str = "write an object";

impl Blobs {
    /// Reads a whole object; none when there is none.
    ///
    /// # Errors
    /// [`BlobError::TooLong`] beyond `max` bytes, or another when the storage fails.
    pub async fn read_tagged(&self, key: &str, max: u64) -> Result<Option<Tagged>, BlobError> {
        let found = match self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(refused(READ)) {
            Ok(found) => found,
            Err(BlobError::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        };
        if found.content_length.and_then(|length| u64::try_from(length).ok()).is_none_or(|length| length > max) {
            return Err(BlobError::TooLong { max });
        }
        let tag = found.e_tag.ok_or(BlobError::Refused { operation: READ, code: "no ETag".to_owned() })?;
        let content = found.body.collect().await.map_err(|_| BlobError::Unreachable { operation: READ })?;
        Ok(Some(Tagged { content: content.into_bytes(), tag }))
    }

    /// Writes an object if there is none; false when there is one.
    ///
    /// # Errors
    /// [`BlobError`] when the storage fails: then nobody knows whether it was written.
    pub async fn write_new(&self, key: &str, content: Vec<u8>) -> Result<bool, BlobError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).if_none_match("*");
        was_written(request.body(ByteStream::from(content)).send().await.map_err(refused(WRITE)))
    }

    /// Writes an object if it still has this entity tag; false when it has another or is gone.
    ///
    /// # Errors
    /// [`BlobError`] when the storage fails: then nobody knows whether it was written.
    pub async fn write_over(&self, key: &str, content: Vec<u8>, tag: &str) -> Result<bool, BlobError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).if_match(tag);
        was_written(request.body(ByteStream::from(content)).send().await.map_err(refused(WRITE)))
    }
}

/// 412 is another's write, 409 one that is under way at this moment.
fn was_written<T>(outcome: Result<T, BlobError>) -> Result<bool, BlobError> {
    match outcome {
        Ok(_) => Ok(true),
        Err(BlobError::NotFound) => Ok(false),
        Err(BlobError::Refused { code, .. })
            if matches!(code.as_str(), "PreconditionFailed" | "ConditionalRequestConflict") =>
        {
            Ok(false)
        }
        Err(other) => Err(other),
    }
}
