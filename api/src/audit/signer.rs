//! The cell's log and the key that signs it.

use std::sync::{Arc, PoisonError, RwLock};

use keystead_audit::LogKey;
use keystead_keys::KeyError;
use uuid::Uuid;

use crate::{app::App, http::Problem};

/// The key of the cell's log.
#[derive(Debug)]
pub(crate) struct LogSigner {
    /// Where KMS has it (ARN).
    pub(crate) kms_key: String,
    /// Its name and public half.
    pub(crate) key: LogKey,
}

/// The key as KMS told it; the job that signs asks, and requests only look.
pub(crate) type KnownSigner = RwLock<Option<Arc<LogSigner>>>;

impl App {
    /// The key of the cell's log, if it is known yet.
    pub(crate) fn known_log_signer(&self) -> Option<Arc<LogSigner>> {
        self.log_signer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key of this log; KMS is asked where it is not known.
    pub(crate) async fn log_signer(&self, log: Uuid) -> Result<Arc<LogSigner>, Problem> {
        if let Some(known) = self.known_log_signer() {
            return Ok(known);
        }
        let kms = self.keys.kms();
        let kms_key = kms.create_log_key().await?;
        // A database that was made anew has a log of its own, whatever key signs it: one name never stands for two logs.
        let name = format!("{}/audit/{}/{}", self.config.base_domain, self.config.cell, log.simple());
        let key = LogKey::new(&name, kms.public_key(&kms_key).await?).map_err(|_| KeyError::Cell)?;
        let signer = Arc::new(LogSigner { kms_key, key });
        *self.log_signer.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&signer));
        Ok(signer)
    }

    /// The next to sign asks KMS again.
    pub(crate) fn forget_log_signer(&self) {
        *self.log_signer.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
