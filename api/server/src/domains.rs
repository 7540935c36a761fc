//! `keystead domain`: builders' own domains. A name is routed once DNS says whose it is.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use keystead_edge::directory::host_name;
use keystead_tenants::{
    Clock, DatabaseUrls, Databases,
    platform::{Domain, Tenant},
};

use crate::{config::Shared, dns::Dns, tenant::find};

/// Which domain, and of whom.
#[derive(Debug, Clone, Args)]
pub struct Named {
    /// Database and secret.
    #[command(flatten)]
    pub shared: Shared,
    /// Slug or id.
    #[arg(long)]
    pub tenant: String,
    /// The whole host: `homes.acme.example`.
    #[arg(long)]
    pub host: String,
}

/// What is done with a domain.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Claim a domain for a tenant; prints the TXT record that proves it.
    Add {
        /// Which.
        #[command(flatten)]
        named: Named,
        /// The platform's own domain, below which nobody has another.
        #[arg(long, env = "KEYSTEAD_BASE_DOMAIN", default_value = "localhost")]
        base_domain: String,
    },
    /// Ask DNS for the record; edges route the domain from then on.
    Verify {
        /// Which.
        #[command(flatten)]
        named: Named,
        /// The resolver to ask, if not the machine's.
        #[arg(long, env = "KEYSTEAD_DNS")]
        dns: Option<SocketAddr>,
    },
    /// Let a domain go; edges stop routing it.
    Remove {
        /// Which.
        #[command(flatten)]
        named: Named,
    },
}

impl Command {
    /// Does it, and says what came of it.
    ///
    /// # Errors
    /// For people to read.
    pub async fn run(self) -> anyhow::Result<String> {
        match self {
            Self::Add { named, base_domain } => add(&named, &base_domain).await,
            Self::Verify { named, dns } => verify(&named, &Dns::new(dns)?).await,
            Self::Remove { named } => remove(&named).await,
        }
    }
}

/// Where the record stands.
fn record(domain: &Domain) -> (String, String) {
    (format!("_keystead.{}", domain.host), format!("keystead-verify={}", domain.challenge))
}

async fn add(named: &Named, base_domain: &str) -> anyhow::Result<String> {
    let host = host_name(&named.host).filter(|host| host.contains('.') && !named.host.contains(':'));
    let host = host.context("--host is no domain: letters, digits, hyphens and dots, without a port")?;
    let base = base_domain.to_ascii_lowercase();
    let ours = host == base || host.ends_with(&format!(".{base}"));
    ensure!(!ours, "{host} is below the platform's own domain");
    let (db, tenant) = open(named).await?;
    let clock = Clock::system();
    let mut challenge = [0; 16];
    aws_lc_rs::rand::fill(&mut challenge).ok().context("no random bytes for a challenge")?;
    let domain = Domain {
        id: clock.id(),
        tenant: tenant.id,
        host,
        challenge: hex::encode(challenge),
        created_at: clock.now(),
        verified_at: None,
    };
    if db.platform().claim_domain(&domain, None).await?.is_err() {
        bail!("{} is claimed by {} already, or another builder has it", domain.host, tenant.slug);
    }
    let (name, value) = record(&domain);
    Ok(format!("{name}. TXT \"{value}\""))
}

async fn verify(named: &Named, dns: &Dns) -> anyhow::Result<String> {
    let (db, tenant) = open(named).await?;
    let domain = claimed(&db, &tenant, &named.host).await?;
    let (name, value) = record(&domain);
    ensure!(dns.txt(&name).await?.contains(&value), "{name} has no TXT record that says {value}");
    if db.platform().domain_verified(domain.id, None, Clock::system().now()).await?.is_err() {
        bail!("another builder has {}", domain.host);
    }
    Ok(format!("{} leads to {} now.", domain.host, tenant.slug))
}

async fn remove(named: &Named) -> anyhow::Result<String> {
    let (db, tenant) = open(named).await?;
    let domain = claimed(&db, &tenant, &named.host).await?;
    db.platform().remove_domain(domain.id, None, Clock::system().now()).await?;
    Ok(format!("{} leads nowhere now.", domain.host))
}

async fn open(named: &Named) -> anyhow::Result<(Databases, Tenant)> {
    let urls = DatabaseUrls { server: named.shared.database_url.clone(), connections: 1, platform_connections: 1 };
    let db = Databases::open(&urls, &named.shared.root()?)?;
    let tenant = find(&db, &named.tenant).await?;
    Ok((db, tenant))
}

async fn claimed(db: &Databases, tenant: &Tenant, host: &str) -> anyhow::Result<Domain> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let domains = db.platform().domains(tenant.id).await?;
    let found = domains.into_iter().find(|domain| domain.host == host);
    found.with_context(|| format!("{} has not claimed {host}", tenant.slug))
}
