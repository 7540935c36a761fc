//! Everything that the server needs around it.

use anyhow::{Context as _, Result};
use keystead_kms_double::{KmsDouble, Running as Kms};

use crate::mailbox::Mailbox;
use crate::ports::{Ports, loopback};
use crate::postgres::{Cluster, Durability};
use crate::s3::{AccessKey, S3};
use crate::state::StateDir;

/// The region that every part believes to be in.
const REGION: &str = "us-west-2";

/// The bucket of the cell.
const BUCKET: &str = "keystead";

/// PostgreSQL, S3, KMS and the mailbox, running. Stops when dropped; [`Services::stop`] waits for the database.
#[derive(Debug)]
pub struct Services {
    postgres: Cluster,
    s3: S3,
    kms: Kms,
    mailbox: Mailbox,
    key: AccessKey,
    secret: String,
}

impl Services {
    /// Starts all of them on `ports`, with their state in `state`.
    ///
    /// # Errors
    /// When one does not start; the message says which and what to do.
    pub async fn start(state: &StateDir, ports: Ports) -> Result<Self> {
        Self::start_with(state, ports, Durability::from_env()).await
    }

    /// As [`Services::start`], with the database's durability chosen by the caller.
    ///
    /// # Errors
    /// As [`Services::start`].
    pub async fn start_with(state: &StateDir, ports: Ports, durability: Durability) -> Result<Self> {
        Cluster::stop_left_in(&state.file("postgres")).await?;
        ports.check()?;
        let key = AccessKey { id: "keystead-local".to_owned(), secret: state.secret("s3", 20)? };
        let secret = state.secret("server", 32)?;
        let s3 = S3::start(&state.folder("s3")?, loopback(ports.s3), &key).await?;
        let kms = KmsDouble::start(state.folder("kms")?, loopback(ports.kms)).await.context("KMS does not start")?;
        let mailbox = Mailbox::start(&state.folder("mail")?, loopback(ports.smtp), loopback(ports.mailbox)).await?;
        let postgres = Cluster::start_with(&state.folder("postgres")?, ports.postgres, durability).await?;
        Ok(Self { postgres, s3, kms, mailbox, key, secret })
    }

    /// What the server reads from its environment: the same variables as in production.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("DATABASE_ADMIN_URL", self.postgres.url()),
            ("DATABASE_URL", format!("postgres://127.0.0.1:{}/keystead", self.postgres.port())),
            ("AWS_ENDPOINT_URL_S3", self.s3.url()),
            ("AWS_ENDPOINT_URL_KMS", format!("http://{}", self.kms.addr())),
            ("AWS_ACCESS_KEY_ID", self.key.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.key.secret.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("KEYSTEAD_BUCKET", BUCKET.to_owned()),
            ("KEYSTEAD_SMTP_URL", self.mailbox.smtp_url()),
            ("KEYSTEAD_MAILBOX_URL", self.mailbox.url()),
            ("KEYSTEAD_SECRET", self.secret.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Where files go.
    #[must_use]
    pub fn s3_url(&self) -> String {
        self.s3.url()
    }

    /// The database, to crash it in a test.
    pub fn postgres(&mut self) -> &mut Cluster {
        &mut self.postgres
    }

    /// The KMS, to make it fail in a test.
    #[must_use]
    pub fn kms(&self) -> &Kms {
        &self.kms
    }

    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Stops all of them, the database with a checkpoint.
    pub async fn stop(self) {
        self.mailbox.stop().await;
        self.kms.stop().await;
        drop(self.s3);
        self.postgres.stop().await;
    }
}
