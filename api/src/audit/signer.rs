//! The cell's log and the key that signs it.

use keystead_audit::LogKey;
use keystead_keys::KeyError;

use crate::{app::App, http::Problem};

/// The key of the cell's log.
#[derive(Debug, Clone)]
pub(crate) struct LogSigner {
    /// Where KMS has it (ARN).
    pub(crate) kms_key: String,
    /// Its name and public half.
    pub(crate) key: LogKey,
}

impl App {
    /// The key of the cell's log; KMS is asked once per process.
    pub(crate) async fn log_signer(&self) -> Result<&LogSigner, Problem> {
        self.log_signer.get_or_try_init(|| self.ask_for_signer()).await
    }

    async fn ask_for_signer(&self) -> Result<LogSigner, Problem> {
        let kms = self.keys.kms();
        let kms_key = kms.create_log_key().await?;
        let name = format!("{}/audit/{}", self.config.base_domain, self.config.cell);
        let key = LogKey::new(&name, kms.public_key(&kms_key).await?).map_err(|_| KeyError::Cell)?;
        Ok(LogSigner { kms_key, key })
    }
}
