//! AWS KMS, the one service that unwraps a tenant's keys.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_kms::{
    Client, Config,
    error::{ProvideErrorMetadata, SdkError},
    operation::create_key::builders::CreateKeyFluentBuilder,
    primitives::Blob,
    types::{DataKeySpec, KeySpec, KeyState, KeyUsageType, SigningAlgorithmSpec, Tag},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use keystead_ids::TenantId;
use zeroize::Zeroizing;

use crate::{Denial, KeyError, Purpose, Secret, WrappedKey};

/// Shortest and longest waiting period of a key's deletion, in days, as AWS has it.
const DELETION_DAYS: std::ops::RangeInclusive<i32> = 7..=30;

/// The KMS of one cell. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Kms {
    client: Client,
    cell: Arc<str>,
    calls: Arc<AtomicU64>,
}

impl Kms {
    /// Takes credentials from the environment, and the endpoint too unless one is given.
    ///
    /// # Errors
    /// [`KeyError::Cell`] when the cell's name cannot be part of an alias. Nothing is called yet.
    pub async fn connect(endpoint: Option<&str>, region: &str, cell: &str) -> Result<Self, KeyError> {
        let loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region.to_owned()));
        let config = aws_sdk_kms::config::Builder::from(&loader.load().await);
        let config = match endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            // The environment's, else AWS's own.
            None => config,
        };
        Self::from_config(config, cell)
    }

    /// With a configuration made elsewhere, whose time-outs and retries are replaced by this service's.
    ///
    /// # Errors
    /// [`KeyError::Cell`] when the cell's name cannot be part of an alias.
    pub fn from_config(config: aws_sdk_kms::config::Builder, cell: &str) -> Result<Self, KeyError> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if cell.is_empty() || cell.len() > 64 || !cell.bytes().all(legal) {
            return Err(KeyError::Cell);
        }
        let config: Config = config.timeout_config(timeouts()).retry_config(retries()).build();
        Ok(Self { client: Client::from_conf(config), cell: cell.into(), calls: Arc::default() })
    }

    /// Calls made so far, each counted once however often the SDK retried it.
    #[must_use]
    pub fn kms_calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The tenant's KMS key (ARN), created if there is none under the alias `alias/keystead/{cell}/{tenant}`.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn create_tenant_key(&self, tenant: TenantId) -> Result<String, KeyError> {
        let create = self.client.create_key().description(format!("Keystead {tenant}"));
        let create = create.tags(tag("keystead:tenant", tenant.to_string())?);
        self.settled(&format!("alias/keystead/{}/{tenant}", self.cell), create).await
    }

    /// The KMS key (ARN) that signs the cell's audit log, ECDSA P-256, created if there is none under the alias
    /// `alias/keystead/{cell}/audit`.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn create_log_key(&self) -> Result<String, KeyError> {
        let create = self.client.create_key().description(format!("Keystead audit log of {}", self.cell));
        let create = create.key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::SignVerify);
        self.settled(&format!("alias/keystead/{}/audit", self.cell), create).await
    }

    /// The public half of a signing key, in DER (`SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn public_key(&self, kms_key: &str) -> Result<Vec<u8>, KeyError> {
        self.count();
        let found = self.client.get_public_key().key_id(kms_key).send().await.map_err(|error| classify(&error))?;
        Ok(found.public_key.ok_or(KeyError::Corrupt)?.into_inner())
    }

    /// Signs a message of up to 4,096 bytes with ECDSA and SHA-256; the signature is in DER.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn sign(&self, kms_key: &str, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.count();
        let call = self.client.sign().key_id(kms_key).message(Blob::new(message));
        let call = call.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let signed = call.send().await.map_err(|error| classify(&error))?;
        Ok(signed.signature.ok_or(KeyError::Corrupt)?.into_inner())
    }

    /// The key behind an alias, created if there is none.
    ///
    /// Concurrent and repeated calls agree on one key. A crash between creating the key and its alias leaves a key without
    /// alias: it wraps and signs nothing, costs its monthly fee, and carries tags, by which an operator finds and deletes it.
    async fn settled(&self, alias: &str, create: CreateKeyFluentBuilder) -> Result<String, KeyError> {
        match self.key_behind(alias).await {
            Err(KeyError::Denied(Denial::NotFound)) => {}
            found => return found,
        }
        self.count();
        let create = create.tags(tag("keystead:cell", self.cell.to_string())?);
        let made = create.send().await.map_err(|error| classify(&error))?;
        let key = made.key_metadata.and_then(|key| key.arn).ok_or(KeyError::Unavailable)?;
        self.count();
        match self.client.create_alias().alias_name(alias).target_key_id(&key).send().await {
            Ok(_) => Ok(key),
            Err(error) if code(&error) == Some("AlreadyExistsException") => {
                let settled = self.key_behind(alias).await?;
                // It is ours when the answer to a first attempt was lost. Otherwise another call was faster: its key is the
                // one behind the alias, and ours was never used.
                if settled != key {
                    self.schedule_deletion(&key, *DELETION_DAYS.start()).await?;
                }
                Ok(settled)
            }
            Err(error) => {
                let error = classify(&error);
                // The next attempt would make another key, and another. But a lost answer may have been a yes: only where KMS
                // said no, and nothing is behind the alias, is this key nobody's.
                if matches!(error, KeyError::Denied(_))
                    && matches!(self.key_behind(alias).await, Err(KeyError::Denied(Denial::NotFound)))
                {
                    self.schedule_deletion(&key, *DELETION_DAYS.start()).await.ok();
                }
                Err(error)
            }
        }
    }

    /// Makes a key of 32 bytes that no process ever saw in plain, wrapped by the KMS key.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn generate(
        &self,
        tenant: TenantId,
        kms_key: &str,
        purpose: Purpose,
        version: u32,
    ) -> Result<WrappedKey, KeyError> {
        self.count();
        let call = self.client.generate_data_key_without_plaintext().key_id(kms_key).key_spec(DataKeySpec::Aes256);
        let call =
            context(tenant, purpose, version).into_iter().fold(call, |call, (k, v)| call.encryption_context(k, v));
        let made = call.send().await.map_err(|error| classify(&error))?;
        let wrapped = made.ciphertext_blob.ok_or(KeyError::Corrupt)?.into_inner();
        Ok(WrappedKey { tenant, purpose, version, kms_key: kms_key.to_owned(), wrapped })
    }

    /// Unwraps a key. It must be of the KMS key, tenant, purpose and version that it says.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`], [`KeyError::Denied`], or [`KeyError::Corrupt`] when KMS returns no key of 32 bytes.
    pub async fn unwrap(&self, key: &WrappedKey) -> Result<Secret, KeyError> {
        self.count();
        let call = self.client.decrypt().key_id(&key.kms_key).ciphertext_blob(Blob::new(key.wrapped.clone()));
        let context = context(key.tenant, key.purpose, key.version);
        let call = context.into_iter().fold(call, |call, (k, v)| call.encryption_context(k, v));
        let opened = call.send().await.map_err(|error| classify(&error))?;
        Secret::take(Zeroizing::new(opened.plaintext.ok_or(KeyError::Corrupt)?.into_inner()).as_mut_slice())
    }

    /// Wraps the same key by another KMS key, inside KMS.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn rewrap(&self, key: &WrappedKey, kms_key: &str) -> Result<WrappedKey, KeyError> {
        self.count();
        let blob = Blob::new(key.wrapped.clone());
        let mut call = self.client.re_encrypt().source_key_id(&key.kms_key).ciphertext_blob(blob);
        for (k, v) in context(key.tenant, key.purpose, key.version) {
            call = call.source_encryption_context(k, &v).destination_encryption_context(k, v);
        }
        let moved = call.destination_key_id(kms_key).send().await.map_err(|error| classify(&error))?;
        let wrapped = moved.ciphertext_blob.ok_or(KeyError::Corrupt)?.into_inner();
        Ok(WrappedKey { kms_key: kms_key.to_owned(), wrapped, ..key.clone() })
    }

    /// Makes a KMS key unusable now and deletes it after `days`, clamped to the 7 to 30 of AWS. A key that is on its way out
    /// already stays so, with the days it has left.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn schedule_deletion(&self, kms_key: &str, days: i32) -> Result<(), KeyError> {
        self.count();
        let days = days.clamp(*DELETION_DAYS.start(), *DELETION_DAYS.end());
        let call = self.client.schedule_key_deletion().key_id(kms_key).pending_window_in_days(days);
        match call.send().await.map_err(|error| classify(&error)) {
            Ok(_) => Ok(()),
            Err(KeyError::Denied(Denial::KeyState))
                if self.key_state(kms_key).await? == KeyState::PendingDeletion.as_str() =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// What KMS says of a key: `Enabled`, `Disabled`, `PendingDeletion` and so on.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] or [`KeyError::Denied`].
    pub async fn key_state(&self, kms_key: &str) -> Result<String, KeyError> {
        self.count();
        let described = self.client.describe_key().key_id(kms_key).send().await.map_err(|error| classify(&error))?;
        let state = described.key_metadata.and_then(|key| key.key_state).ok_or(KeyError::Unavailable)?;
        Ok(state.as_str().to_owned())
    }

    /// Does KMS answer? One cheap call; it asks for an alias that need not exist.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] when it does not, [`KeyError::Denied`] when it refuses this service.
    pub async fn health(&self) -> Result<(), KeyError> {
        match self.key_behind(&format!("alias/keystead/{}/health", self.cell)).await {
            Ok(_) | Err(KeyError::Denied(Denial::NotFound)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn key_behind(&self, alias: &str) -> Result<String, KeyError> {
        self.count();
        let described = self.client.describe_key().key_id(alias).send().await.map_err(|error| classify(&error))?;
        described.key_metadata.and_then(|key| key.arn).ok_or(KeyError::Unavailable)
    }

    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// A request waits for KMS at most this long; then a cached key or a 503 is the better answer.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(800))
        .operation_attempt_timeout(Duration::from_millis(1_500))
        .operation_timeout(Duration::from_millis(2_500))
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50))
}

/// What a wrapped key is bound to; KMS unwraps it under the same pairs only, and logs them.
fn context(tenant: TenantId, purpose: Purpose, version: u32) -> [(&'static str, String); 3] {
    [("tenant", tenant.to_string()), ("purpose", purpose.to_string()), ("version", version.to_string())]
}

fn tag(key: &str, value: String) -> Result<Tag, KeyError> {
    Tag::builder().tag_key(key).tag_value(value).build().map_err(|_| KeyError::Cell)
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Splits failures into those that pass (KMS is unavailable) and those that are a decision (KMS refuses).
fn classify<E: ProvideErrorMetadata>(error: &SdkError<E>) -> KeyError {
    let SdkError::ServiceError(answer) = error else {
        // Time-outs, broken connections and answers that are not KMS's.
        return KeyError::Unavailable;
    };
    let status = answer.raw().status().as_u16();
    let denial = match answer.err().code().unwrap_or_default() {
        "ThrottlingException"
        | "KMSInternalException"
        | "DependencyTimeoutException"
        | "KeyUnavailableException"
        | "LimitExceededException"
        | "RequestLimitExceeded"
        | "ServiceUnavailableException" => return KeyError::Unavailable,
        _ if status >= 500 || status == 429 => return KeyError::Unavailable,
        "AccessDeniedException" => Denial::AccessDenied,
        "DisabledException" => Denial::Disabled,
        "KMSInvalidStateException" => Denial::KeyState,
        "NotFoundException" => Denial::NotFound,
        "InvalidCiphertextException" | "IncorrectKeyException" => Denial::Ciphertext,
        _ => Denial::Other,
    };
    KeyError::Denied(denial)
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::{
        config::http::HttpResponse,
        error::{ErrorMetadata, SdkError},
    };

    use super::{Denial, KeyError, classify};

    fn answered(status: u16, code: &str) -> KeyError {
        let answer = HttpResponse::new(status.try_into().expect("a status"), "".into());
        classify(&SdkError::service_error(ErrorMetadata::builder().code(code).build(), answer))
    }

    #[test]
    fn what_passes_is_no_decision_whatever_it_is_called() {
        for (status, code) in [
            (400, "ThrottlingException"),
            (500, "KMSInternalException"),
            (500, "AccessDeniedException"),
            (503, ""),
            (502, "SomethingNew"),
            (429, "AccessDeniedException"),
        ] {
            assert!(matches!(answered(status, code), KeyError::Unavailable), "{status} {code}");
        }
        for (status, code, denial) in [
            (400, "AccessDeniedException", Denial::AccessDenied),
            (499, "DisabledException", Denial::Disabled),
            (428, "KMSInvalidStateException", Denial::KeyState),
            (430, "NotFoundException", Denial::NotFound),
            (400, "IncorrectKeyException", Denial::Ciphertext),
            (400, "SomethingNew", Denial::Other),
        ] {
            assert!(matches!(answered(status, code), KeyError::Denied(given) if given == denial), "{status} {code}");
        }
    }
}
