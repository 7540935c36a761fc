//! `keystead tenant`: one builder's rows and files into a folder, and from a folder into a database of their own.
//!
//! An export is read by the API's own role in the tenant's context, so that row-level security decides what is in it, in one
//! snapshot. Personal data stays sealed: an export opens only where the tenant's key in KMS does.

mod export;
mod files;
mod keys;
mod manifest;
mod restore;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::{Args, Subcommand};
use keystead_api::BucketShares;
use keystead_blobs::Blobs;
use keystead_ids::{Slug, TenantId};
use keystead_keys::{Keys, Kms};
use keystead_tenants::{Databases, platform::Tenant};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Shared;
pub use export::{Exported, export};
pub use manifest::{FileEntry, MANIFEST, Manifest, Signed, TableEntry};
pub use restore::{Restored, SAMPLE, restore};

/// KMS and S3 of the cell.
#[derive(Debug, Clone, Args)]
pub struct Cloud {
    /// The cell: part of the names of KMS keys.
    #[arg(long, env = "KEYSTEAD_CELL", default_value = "main")]
    pub cell: String,
    /// AWS region of KMS and S3.
    #[arg(long, env = "AWS_REGION", default_value = "us-west-2")]
    pub region: String,
    /// Another KMS endpoint than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_KMS")]
    pub kms_endpoint: Option<String>,
    /// Another S3 endpoint than AWS's.
    #[arg(long, env = "AWS_ENDPOINT_URL_S3")]
    pub s3_endpoint: Option<String>,
    /// The bucket.
    #[arg(long, env = "KEYSTEAD_BUCKET", default_value = "keystead")]
    pub bucket: String,
}

impl Cloud {
    async fn keys(&self) -> anyhow::Result<Keys> {
        let kms = Kms::connect(self.kms_endpoint.as_deref(), &self.region, &self.cell).await?;
        Ok(Keys::new(kms, Arc::new(BucketShares::new(self.blobs().await))))
    }

    async fn blobs(&self) -> Blobs {
        Blobs::connect(self.s3_endpoint.as_deref(), &self.region, &self.bucket).await
    }
}

/// What is done with one tenant.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write everything of a tenant into a folder that does not exist yet.
    Export {
        /// Database and secret.
        #[command(flatten)]
        shared: Shared,
        /// KMS and S3.
        #[command(flatten)]
        cloud: Cloud,
        /// Slug or id.
        #[arg(long)]
        tenant: String,
        /// The folder to make.
        #[arg(long)]
        out: PathBuf,
    },
    /// Restore an export into a database without tenants, which is made if it is not there. All or nothing.
    Restore {
        /// Database and secret.
        #[command(flatten)]
        shared: Shared,
        /// KMS and S3.
        #[command(flatten)]
        cloud: Cloud,
        /// The database server, as its administrator.
        #[arg(long, env = "DATABASE_ADMIN_URL", hide_env_values = true)]
        admin_url: SecretString,
        /// The folder of the export.
        folder: PathBuf,
        /// The database to restore into, by name, on the server of DATABASE_URL.
        #[arg(long)]
        into: String,
        /// Slug or id that the export must be of.
        #[arg(long)]
        tenant: Option<String>,
    },
}

impl Command {
    /// Does it, and says what came of it.
    ///
    /// # Errors
    /// For people to read.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export { shared, cloud, tenant, out } => {
                println!("{}", export(&shared, &cloud, &tenant, &out).await?);
            }
            Self::Restore { shared, cloud, admin_url, folder, into, tenant } => {
                let admin_url = admin_url.expose_secret();
                println!("{}", restore(&shared, &cloud, admin_url, &folder, &into, tenant.as_deref()).await?);
            }
        }
        Ok(())
    }
}

/// The tenant of a slug or an id.
pub(crate) async fn find(db: &Databases, name: &str) -> anyhow::Result<Tenant> {
    let found = match name.parse::<TenantId>() {
        Ok(id) => db.platform().tenant(id).await?,
        Err(_) => db.platform().tenant_by_slug(&name.parse::<Slug>().context("neither a slug nor an id")?).await?,
    };
    found.with_context(|| format!("there is no tenant {name}"))
}
