//! What a deployment sets, through the environment or flags.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use anyhow::anyhow;
use clap::Args;
use keystead_keys::Limits;
use keystead_tenants::{DatabaseUrls, RootSecret};
use secrecy::{ExposeSecret, SecretString};

/// The database and the secret that every process shares.
#[derive(Debug, Clone, Args)]
pub struct Shared {
    /// `postgres://host:port/database`, without user: each role logs in with a password derived from the root secret.
    #[arg(long, env = "DATABASE_URL")]
    pub database_url: String,
    /// The deployment's root secret: 64 hexadecimal digits.
    #[arg(long, env = "KEYSTEAD_SECRET", hide_env_values = true)]
    pub secret: SecretString,
}

impl Shared {
    /// The root secret.
    ///
    /// # Errors
    /// When it is not 64 hexadecimal digits.
    pub fn root(&self) -> anyhow::Result<RootSecret> {
        RootSecret::from_hex(self.secret.expose_secret()).map_err(|reason| anyhow!("KEYSTEAD_SECRET: {reason}"))
    }
}

/// What `serve` needs.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Database and secret.
    #[command(flatten)]
    pub shared: Shared,
    /// Where to listen.
    #[arg(long, env = "KEYSTEAD_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where people reach us; links in mail start with it.
    #[arg(long, env = "KEYSTEAD_PUBLIC_URL", default_value = "http://localhost:8080")]
    pub public_url: String,
    /// The domain below which tenants have their hosts.
    #[arg(long, env = "KEYSTEAD_BASE_DOMAIN", default_value = "localhost")]
    pub base_domain: String,
    /// The cell: part of the names of KMS keys.
    #[arg(long, env = "KEYSTEAD_CELL", default_value = "main")]
    pub cell: String,
    /// Answer edges alone, by their signature, and probes.
    #[arg(long, env = "KEYSTEAD_ONLY_EDGES", default_value_t = false)]
    pub only_edges: bool,
    /// The generation of the keys that edges sign with: raise it, give edges the new `keystead edge-config`; the one before
    /// stays good.
    #[arg(long, env = "KEYSTEAD_EDGE_GENERATION", default_value_t = 1)]
    pub edge_generation: u32,
    /// AWS region of KMS and S3.
    #[arg(long, env = "AWS_REGION", default_value = "us-west-2")]
    pub region: String,
    /// Another KMS endpoint than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_KMS")]
    pub kms_endpoint: Option<String>,
    /// Another S3 endpoint than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_S3")]
    pub s3_endpoint: Option<String>,
    /// Where clients reach S3, if not where we do.
    #[arg(long, env = "KEYSTEAD_S3_PUBLIC_ENDPOINT")]
    pub s3_public_endpoint: Option<String>,
    /// The bucket.
    #[arg(long, env = "KEYSTEAD_BUCKET", default_value = "keystead")]
    pub bucket: String,
    /// Where mail is handed over.
    #[arg(long, env = "KEYSTEAD_SMTP_URL", hide_env_values = true)]
    pub smtp_url: String,
    /// The sender of mail.
    #[arg(long, env = "KEYSTEAD_MAIL_FROM", default_value = "Keystead <no-reply@keystead.test>")]
    pub mail_from: String,
    /// Verified sign-ups become tenants without an operator.
    #[arg(long, env = "KEYSTEAD_AUTO_APPROVE", default_value_t = false)]
    pub auto_approve: bool,
    /// An operator to make sure of at start.
    #[arg(long, env = "KEYSTEAD_OPERATOR_EMAIL", requires = "operator_password")]
    pub operator_email: Option<String>,
    /// That operator's first password.
    #[arg(long, env = "KEYSTEAD_OPERATOR_PASSWORD", hide_env_values = true)]
    pub operator_password: Option<SecretString>,
    /// Requests a minute for each member and operator.
    #[arg(long, env = "KEYSTEAD_PER_MEMBER_PER_MINUTE", default_value = "100")]
    pub per_member: NonZeroU32,
    /// Requests a minute for each address without a session.
    #[arg(long, env = "KEYSTEAD_PER_ADDRESS_PER_MINUTE", default_value = "100")]
    pub per_address: NonZeroU32,
    /// Database connections for tenants' work.
    #[arg(long, env = "KEYSTEAD_DB_POOL", default_value_t = 8)]
    pub db_pool: usize,
    /// For how long a verified access token is believed, in seconds; 0 verifies each time. Sessions are asked for regardless.
    #[arg(long, env = "KEYSTEAD_TOKEN_CACHE_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=60))]
    pub token_cache_seconds: u64,
    /// Seconds that a tenant's key is used after KMS unwrapped it: how long switching it off in KMS may take to show.
    #[arg(long, env = "KEYSTEAD_KEY_FRESH_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub key_fresh_seconds: u64,
    /// Seconds that it is used while KMS does not answer.
    #[arg(long, env = "KEYSTEAD_KEY_STALE_SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub key_stale_seconds: u64,
    /// Seconds between signed statements of how far a tenant's audit chain has come, while it grows.
    #[arg(long, env = "KEYSTEAD_CHECKPOINT_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub checkpoint_seconds: u64,
    /// Seconds that a client may take for the head of a request or for its JSON body, and pause within a body or while it
    /// takes an answer. Idle connections are closed after the same time.
    #[arg(long, env = "KEYSTEAD_CLIENT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub client_seconds: u64,
    /// Seconds that open requests and background work have to finish when the server is asked to stop.
    #[arg(long, env = "KEYSTEAD_DRAIN_SECONDS", default_value_t = 20)]
    pub drain_seconds: u64,
    /// The folder whose free space decides about readiness.
    #[arg(long, env = "KEYSTEAD_STATE", default_value = ".")]
    pub state_folder: PathBuf,
}

impl Serve {
    /// How long keys of tenants are kept.
    pub(crate) fn key_limits(&self) -> Limits {
        let (usual, fresh) = (Limits::default(), Duration::from_secs(self.key_fresh_seconds));
        // In an outage KMS is not asked less often than otherwise.
        let (retry, idle) = (usual.retry.min(fresh), usual.idle.min(fresh));
        Limits { fresh, retry, idle, stale: Duration::from_secs(self.key_stale_seconds), ..usual }
    }

    pub(crate) fn urls(&self) -> DatabaseUrls {
        DatabaseUrls { server: self.shared.database_url.clone(), connections: self.db_pool, platform_connections: 4 }
    }
}
