//! The subcommands.

use std::{
    fs::File,
    io::{BufRead, BufReader, IsTerminal, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use chrono::Duration;
use clap::{Parser, Subcommand};
use keystead_audit::{Attestation, ChainHash, Expect, Head, LogKey, Proof};
use keystead_tenants::{Clock, DatabaseUrls, Databases, RootSecret};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing::Level;
use tracing_subscriber::{filter::FilterFn, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    boot,
    config::{Serve, Shared},
    database, domains, tenant,
};

/// Keystead: home sales for builders.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and run its background jobs.
    Serve(Box<Serve>),
    /// Create or upgrade the database.
    Migrate {
        /// The database server, as its administrator.
        #[arg(long, env = "DATABASE_ADMIN_URL", hide_env_values = true)]
        admin_url: SecretString,
        #[command(flatten)]
        shared: Shared,
    },
    /// Keys that sign access tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// The audit trail, offline.
    #[command(subcommand)]
    Audit(Audit),
    /// Builders' own domains.
    #[command(subcommand)]
    Domain(Box<domains::Command>),
    /// One builder's data: out into a folder, and back into a database.
    #[command(subcommand)]
    Tenant(Box<tenant::Command>),
    /// Print the password of keystead_backup, for pg_dump.
    BackupPassword {
        /// The deployment's root secret: 64 hexadecimal digits.
        #[arg(long, env = "KEYSTEAD_SECRET", hide_env_values = true)]
        secret: SecretString,
    },
    /// Print what an edge of this deployment is configured with, as JSON. It holds the key that it signs requests with.
    EdgeConfig {
        /// The deployment's root secret: 64 hexadecimal digits.
        #[arg(long, env = "KEYSTEAD_SECRET", hide_env_values = true)]
        secret: SecretString,
        /// The cell that is asked for the directory.
        #[arg(long, env = "KEYSTEAD_CELL", default_value = "main")]
        cell: String,
        /// The generation of the keys.
        #[arg(long, env = "KEYSTEAD_EDGE_GENERATION", default_value_t = 1)]
        generation: u32,
    },
    /// Print the OpenAPI document.
    Openapi {
        /// As OpenAPI 3.1, or as 3.0 for generators that read nothing newer.
        #[arg(long = "as", default_value = "3.1", value_parser = ["3.0", "3.1"])]
        wanted: String,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Add a signing key: published at once, signing after the lead, its predecessors retired soon after.
    Rotate {
        #[command(flatten)]
        shared: Shared,
        /// Hours between publication and first use, so that caches of the old key set have run out.
        #[arg(long, default_value_t = 24)]
        lead_hours: i64,
    },
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Verify an export without any service; exits with 1 on the first violation.
    Verify {
        /// The export; `-` for standard input.
        file: PathBuf,
        /// The tenant that it must be of.
        #[arg(long)]
        tenant: Option<String>,
        /// The chain's head as noted elsewhere: `n:hash`.
        #[arg(long)]
        head: Option<String>,
        /// The key of the log, as `GET /v1/audit/key` showed it, or a file that holds it; may be given again, for keys of before.
        /// Then every checkpoint has to be signed by one of them.
        #[arg(long)]
        key: Vec<String>,
        /// A signed checkpoint that was kept (`.tlog-proof`): the export has to go on from it.
        #[arg(long, requires = "key", conflicts_with = "head")]
        checkpoint: Option<PathBuf>,
    },
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// For people to read.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(config) => serve(*config).await,
            Command::Migrate { admin_url, shared } => migrate(admin_url.expose_secret(), &shared).await,
            Command::Keys(Keys::Rotate { shared, lead_hours }) => rotate(&shared, lead_hours).await,
            Command::Audit(Audit::Verify { file, tenant, head, key, checkpoint }) => {
                let keys = key.iter().map(|key| read_key(key)).collect::<anyhow::Result<Vec<_>>>()?;
                let tenant = tenant.map(|id| id.parse().context("--tenant is not a tenant's id")).transpose()?;
                let kept = checkpoint.map(|file| read_checkpoint(&file, &keys)).transpose()?;
                let head = match &kept {
                    Some(kept) => Some(Head { n: kept.n, hash: kept.hash }),
                    None => head.as_deref().map(read_head).transpose()?,
                };
                let whose = kept.map(|kept| kept.tenant);
                anyhow::ensure!(
                    tenant.is_none() || whose.is_none_or(|whose| tenant == Some(whose)),
                    "the checkpoint is another tenant's"
                );
                verify(&file, Expect { tenant: tenant.or(whose), head, keys: &keys })
            }
            Command::Tenant(command) => command.run().await,
            Command::Domain(command) => {
                println!("{}", command.run().await?);
                Ok(())
            }
            Command::BackupPassword { secret } => {
                let root = RootSecret::from_hex(secret.expose_secret()).map_err(|reason| anyhow!("{reason}"))?;
                println!("{}", root.role_password("keystead_backup"));
                Ok(())
            }
            Command::EdgeConfig { secret, cell, generation } => {
                let root = RootSecret::from_hex(secret.expose_secret()).map_err(|reason| anyhow!("{reason}"))?;
                println!("{:#}", keystead_api::edge::edge_config(&root, &cell, generation));
                Ok(())
            }
            Command::Openapi { wanted } => {
                match wanted.as_str() {
                    "3.0" => println!("{:#}", keystead_api::routes::document_3_0()),
                    _ => println!("{:#}", keystead_api::routes::document()),
                }
                Ok(())
            }
        }
    }
}

/// JSON lines; at `info` unless `RUST_LOG` says otherwise. Libraries' debug output holds values (the database driver prints
/// parameters): it stays off whatever `RUST_LOG` says.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let ours_or_calm = FilterFn::new(|event| *event.level() <= Level::INFO || event.target().starts_with("keystead"));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
    tracing_subscriber::registry().with(filter).with(ours_or_calm).with(lines).init();
    // A panic's message may quote anything: say where, not what.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

async fn serve(config: Serve) -> anyhow::Result<()> {
    log();
    let app = boot::app(&config, Clock::system()).await?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    tracing::info!(address = %config.listen, "serving");
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    boot::serve(&config, app, listener, stop).await
}

async fn migrate(admin_url: &str, shared: &Shared) -> anyhow::Result<()> {
    let applied = database::prepare(admin_url, &database::name_in(&shared.database_url)?, &shared.root()?).await?;
    match applied.as_slice() {
        [] => println!("The database is up to date."),
        names => println!("Applied {}.", names.join(", ")),
    }
    Ok(())
}

async fn rotate(shared: &Shared, lead_hours: i64) -> anyhow::Result<()> {
    let root = shared.root()?;
    let urls = DatabaseUrls { server: shared.database_url.clone(), connections: 1, platform_connections: 1 };
    let db = Databases::open(&urls, &root)?;
    let lead = Duration::hours(lead_hours);
    let kid = keystead_api::jobs::add_key(db.platform(), &root, Some(lead), Clock::system().now()).await?;
    println!("Key {kid} is published now and signs in {lead_hours} h.");
    Ok(())
}

fn verify(file: &PathBuf, expect: Expect<'_>) -> anyhow::Result<()> {
    let reader: Box<dyn BufRead> = if file.as_os_str() == "-" {
        anyhow::ensure!(!stdin().is_terminal(), "give the export on standard input");
        Box::new(BufReader::new(stdin()))
    } else {
        Box::new(BufReader::with_capacity(
            1 << 20,
            File::open(file).with_context(|| format!("cannot read {}", file.display()))?,
        ))
    };
    match keystead_audit::verify(reader, expect) {
        Ok(report) => {
            println!(
                "good: {} events of {}, head {}:{}",
                report.events, report.tenant, report.head.n, report.head.hash
            );
            if let Some(first) = report.first.filter(|first| *first > 1) {
                println!("it begins with event {first}: what came before is not in it");
            }
            if let Some(signed) = report.signed {
                let (n, last) = (signed.n, report.head.n);
                println!("signed: the first {n} of {last} events, as they were at {}", signed.at.to_rfc3339());
            }
            Ok(())
        }
        Err(violation) => anyhow::bail!("VIOLATION: {violation}"),
    }
}

fn read_key(given: &str) -> anyhow::Result<LogKey> {
    let text = if Path::new(given).is_file() { std::fs::read_to_string(given)? } else { given.to_owned() };
    text.parse().context("--key is neither a verifier key nor a file with one")
}

fn read_checkpoint(file: &Path, keys: &[LogKey]) -> anyhow::Result<Attestation> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    // Programs that print a text end it with a line of their own.
    let proof: Proof = format!("{}\n", text.trim_end()).parse().context("--checkpoint is not a tlog-proof of ours")?;
    let signed = keys.iter().any(|key| proof.is_signed_by(key));
    anyhow::ensure!(signed, "VIOLATION: the checkpoint is not signed by the given key");
    Ok(proof.statement)
}

fn read_head(text: &str) -> anyhow::Result<Head> {
    let (n, hash) = text.split_once(':').context("--head is n:hash")?;
    let hash: ChainHash = hash.parse().ok().context("--head's hash is 64 hexadecimal digits")?;
    Ok(Head { n: n.parse().context("--head's n is a number")?, hash })
}
