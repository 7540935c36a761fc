//! The bucket.

use std::{path::Path, time::Duration};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier};
use aws_smithy_types::timeout::TimeoutConfig;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncBufRead;

use crate::error::{BlobError, refused};

/// How many first bytes [`Blobs::inspect`] keeps: what the WHATWG sniffing tables look at, and more.
const HEAD_LENGTH: usize = 512;

/// Waiting longer for a connection than this means the storage is down, and the readiness check should say so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest wait for the beginning of an answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The same, with repetitions: a request that needs the storage is answered within this time, if only to say that it is away.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(7);

/// Longest pause within one answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// One bucket of an S3 server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    pub(crate) client: Client,
    /// Signs with the address at which clients reach the storage, which may differ from ours.
    pub(crate) signer: Client,
    pub(crate) bucket: String,
    region: String,
}

/// What the storage says about an object, without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Length in bytes.
    pub len: u64,
    /// The content type stored with the object.
    pub content_type: Option<String>,
}

/// What an object really contains, computed by reading all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Length in bytes.
    pub len: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// The first 512 bytes, for [`crate::sniff::sniff`].
    pub head: Vec<u8>,
}

impl Blobs {
    /// Opens a bucket. Credentials come from the ordinary AWS chain (environment, profile, container, instance). With an
    /// `endpoint` the bucket is addressed in the path; without one, AWS's endpoint of the region is used.
    /// Nothing is sent yet.
    pub async fn connect(endpoint: Option<&str>, region: &str, bucket: &str) -> Self {
        let shared = aws_config::from_env().region(Region::new(region.to_owned())).load().await;
        Self::with_config(Builder::from(&shared), endpoint, region, bucket)
    }

    /// Opens a bucket with an access key of its own instead of the chain's.
    #[must_use]
    pub fn connect_with_key(endpoint: &str, region: &str, bucket: &str, key_id: &str, secret: &str) -> Self {
        let key = Credentials::new(key_id, secret, None, None, "explicit");
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(key);
        Self::with_config(config, Some(endpoint), region, bucket)
    }

    fn with_config(config: Builder, endpoint: Option<&str>, region: &str, bucket: &str) -> Self {
        let mut config = config
            .timeout_config(timeouts())
            // The checksum that matters is SHA-256 and ours; a CRC32 added by the SDK would become part of every URL.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint).force_path_style(true);
        }
        let client = Client::from_conf(config.build());
        Self { signer: client.clone(), client, bucket: bucket.to_owned(), region: region.to_owned() }
    }

    /// Signs URLs for another address than the one we use ourselves: inside a container network, for example.
    #[must_use]
    pub fn with_public_endpoint(mut self, endpoint: Option<&str>) -> Self {
        if let Some(endpoint) = endpoint {
            let config = self.client.config().to_builder().endpoint_url(endpoint).force_path_style(true);
            self.signer = Client::from_conf(config.build());
        }
        self
    }

    /// Creates the bucket unless it is there. Safe to call from several processes at once.
    ///
    /// # Errors
    /// [`BlobError`] when the storage is not reachable or does not let us.
    pub async fn ensure_bucket(&self) -> Result<(), BlobError> {
        if self.health().await.is_ok() {
            return Ok(());
        }
        let mut request = self.client.create_bucket().bucket(&self.bucket);
        // S3 refuses the constraint for the one region that has no name in the API.
        if self.region != "us-east-1" {
            let place = BucketLocationConstraint::from(self.region.as_str());
            let location = CreateBucketConfiguration::builder().location_constraint(place).build();
            request = request.create_bucket_configuration(location);
        }
        match request.send().await.map_err(refused("create the bucket")) {
            Ok(_) => Ok(()),
            // Somebody else was quicker; if it is not ours, this says so.
            Err(BlobError::Refused { .. }) => self.health().await,
            Err(other) => Err(other),
        }
    }

    /// Whether the bucket answers.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] without the bucket, [`BlobError::Unreachable`] without the server.
    pub async fn health(&self) -> Result<(), BlobError> {
        self.client.head_bucket().bucket(&self.bucket).send().await.map_err(refused("find the bucket"))?;
        Ok(())
    }

    /// Length and stored type of an object, or `None` when there is none.
    ///
    /// # Errors
    /// [`BlobError`] when the storage fails.
    pub async fn head(&self, key: &str) -> Result<Option<Head>, BlobError> {
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        match request.send().await.map_err(refused("look at a file")) {
            Ok(found) => Ok(Some(Head { len: length(found.content_length()), content_type: found.content_type })),
            Err(BlobError::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Opens an object for reading; memory stays at one chunk, whatever the object's length.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], or another when the storage fails.
    pub async fn stream(&self, key: &str) -> Result<Download, BlobError> {
        let found =
            self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(refused("read a file"))?;
        Ok(Download { len: length(found.content_length), body: found.body })
    }

    /// Reads an object to its end and reports what it is.
    ///
    /// # Errors
    /// [`BlobError::TooLong`] as soon as more than `max` bytes arrive or are announced, [`BlobError::NotFound`], or
    /// another when the storage fails.
    pub async fn inspect(&self, key: &str, max: u64) -> Result<Inspection, BlobError> {
        let mut download = self.stream(key).await?;
        if download.len() > max {
            return Err(BlobError::TooLong { max });
        }
        let mut hash = Sha256::new();
        let mut seen = Inspection { len: 0, sha256: [0; 32], head: Vec::with_capacity(HEAD_LENGTH) };
        while let Some(chunk) = download.chunk().await? {
            seen.len += chunk.len() as u64;
            if seen.len > max {
                return Err(BlobError::TooLong { max });
            }
            let wanted = HEAD_LENGTH.saturating_sub(seen.head.len()).min(chunk.len());
            seen.head.extend_from_slice(&chunk[..wanted]);
            hash.update(&chunk);
        }
        seen.sha256 = hash.finalize().into();
        Ok(seen)
    }

    /// Stores a file of ours under `key`, which must be free.
    ///
    /// # Errors
    /// [`BlobError::Refused`] when there is an object, or another when the file or the storage fails.
    pub async fn put_file(&self, key: &str, content_type: &str, path: &Path) -> Result<(), BlobError> {
        const PUT: &str = "store a file";
        let body = ByteStream::from_path(path).await.map_err(|_| BlobError::Unreachable { operation: PUT })?;
        let request = self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type);
        request.if_none_match("*").body(body).send().await.map(drop).map_err(refused(PUT))
    }

    /// Removes an object; removing what is not there succeeds.
    ///
    /// # Errors
    /// [`BlobError`] when the storage fails.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.client.delete_object().bucket(&self.bucket).key(key).send().await.map_err(refused("delete a file")) {
            Ok(_) | Err(BlobError::NotFound) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Removes every object under a prefix, page by page, and returns how many there were. Safe to repeat.
    ///
    /// # Errors
    /// [`BlobError::UnsafePrefix`] unless the prefix is a folder (`t/abc/`), or another when the storage fails.
    pub async fn delete_prefix(&self, prefix: &str) -> Result<u64, BlobError> {
        if prefix.trim_matches('/').is_empty() || !prefix.ends_with('/') {
            return Err(BlobError::UnsafePrefix);
        }
        let mut removed = 0;
        loop {
            // Always the first page: what it lists is gone before the next is asked for.
            let keys = self.first_keys(prefix).await?;
            if keys.is_empty() {
                return Ok(removed);
            }
            removed += keys.len() as u64;
            self.delete_all(keys).await?;
        }
    }

    async fn first_keys(&self, prefix: &str) -> Result<Vec<ObjectIdentifier>, BlobError> {
        const LIST: &str = "list files";
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let page = request.send().await.map_err(refused(LIST))?;
        let keys = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        keys.map(|key| ObjectIdentifier::builder().key(key).build())
            .collect::<Result<_, _>>()
            .map_err(|_| BlobError::Unsigned { operation: LIST })
    }

    async fn delete_all(&self, keys: Vec<ObjectIdentifier>) -> Result<(), BlobError> {
        const DELETE: &str = "delete files";
        let batch = Delete::builder().set_objects(Some(keys)).quiet(true).build();
        let batch = batch.map_err(|_| BlobError::Unsigned { operation: DELETE })?;
        let request = self.client.delete_objects().bucket(&self.bucket).delete(batch);
        let outcome = request.send().await.map_err(refused(DELETE))?;
        // A batch answers 200 even when single keys failed.
        match outcome.errors().first() {
            None => Ok(()),
            Some(error) => {
                Err(BlobError::Refused { operation: DELETE, code: error.code().unwrap_or("unknown").to_owned() })
            }
        }
    }
}

/// An object being read.
#[derive(Debug)]
pub struct Download {
    len: u64,
    body: ByteStream,
}

impl Download {
    /// Length in bytes as announced by the storage.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the announced length is zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    /// [`BlobError::Unreachable`] when the answer breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BlobError> {
        let next = self.body.try_next().await;
        next.map_err(|_| BlobError::Unreachable { operation: "read a file" })
    }

    /// The same bytes as a buffered reader.
    pub fn into_reader(self) -> impl AsyncBufRead + Send + Unpin {
        self.body.into_async_read()
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
}

fn length(announced: Option<i64>) -> u64 {
    announced.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}
