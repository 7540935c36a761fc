//! From configuration to a running application.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use keystead_api::{
    BucketShares,
    app::{App, Components, Config, router},
    http::Quotas,
    jobs::{self, Works},
};
use keystead_blobs::Blobs;
use keystead_identity::{PasswordCost, Passwords};
use keystead_keys::{Keys, Kms};
use keystead_mail::Mailer;
use keystead_tenants::{Clock, Databases, platform::NewIdentity};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Serve,
    listen::{self, Patience},
};

/// Puts the application together and makes sure that what it needs exists.
///
/// # Errors
/// When something that it needs is missing or not reachable.
pub async fn app(config: &Serve, clock: Clock) -> anyhow::Result<App> {
    let root = config.shared.root()?;
    let db = Databases::open(&config.urls(), &root).context("DATABASE_URL does not parse")?;
    db.platform().ping().await.context("the database does not answer; has `keystead migrate` run?")?;
    let kms = Kms::connect(config.kms_endpoint.as_deref(), &config.region, &config.cell).await?;
    let blobs = Blobs::connect(config.s3_endpoint.as_deref(), &config.region, &config.bucket).await;
    let blobs = blobs.with_public_endpoint(config.s3_public_endpoint.as_deref());
    blobs.ensure_bucket().await.context("the bucket cannot be used")?;
    let passwords = Passwords::new(root.derive("identity/pepper"), PasswordCost::default());
    ensure_operator(config, &db, &passwords, &clock).await?;
    let ring = jobs::load_ring(db.platform(), &root, &config.public_url, &clock).await?;
    Ok(App::new(Components {
        config: Config {
            public_url: config.public_url.trim_end_matches('/').to_owned(),
            base_domain: config.base_domain.clone(),
            auto_approve: config.auto_approve,
            quotas: Quotas { per_member: config.per_member, per_address: config.per_address },
            token_cache: Duration::from_secs(config.token_cache_seconds),
            client_patience: Duration::from_secs(config.client_seconds),
            checkpoint_pause: Duration::from_secs(config.checkpoint_seconds),
            state_folder: config.state_folder.clone(),
            cell: config.cell.clone(),
            only_edges: config.only_edges,
            edge_generation: config.edge_generation,
        },
        db,
        keys: Keys::with_limits(kms, Arc::new(BucketShares::new(blobs.clone())), config.key_limits()),
        blobs,
        passwords,
        clock,
        root,
        ring,
        figures: figures()?,
    }))
}

async fn ensure_operator(config: &Serve, db: &Databases, passwords: &Passwords, clock: &Clock) -> anyhow::Result<()> {
    let (Some(email), Some(password)) = (&config.operator_email, &config.operator_password) else { return Ok(()) };
    let email = email.trim().to_lowercase();
    if db.platform().identity_by_email(&email).await?.is_some_and(|identity| identity.is_operator) {
        return Ok(());
    }
    let password_hash = passwords.hash(password).await?;
    let operator = NewIdentity { id: clock.id(), email, name: "Operator".to_owned(), password_hash };
    Ok(db.platform().ensure_operator(&operator, clock.now()).await?)
}

/// The process's one recorder: a second application in the same process shares it.
fn figures() -> anyhow::Result<PrometheusHandle> {
    static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = FIGURES.get() {
        return Ok(handle.clone());
    }
    let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
    let handle = PrometheusBuilder::new().set_buckets(&buckets)?.install_recorder()?;
    Ok(FIGURES.get_or_init(|| handle).clone())
}

/// Serves until `stop` is done; then lets open requests and background work finish, within the configured time.
///
/// # Errors
/// When a job's task fails.
pub async fn serve(
    config: &Serve,
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let mailer = Mailer::connect(&config.smtp_url, &config.mail_from)?;
    let stopping = CancellationToken::new();
    let works = Works { app: app.clone(), mailer, stop: stopping.clone() };
    let mut jobs = tokio::spawn(jobs::run(works));
    let asked = async {
        stop.await;
        tracing::info!("stopping");
        stopping.cancel();
    };
    let patience = Patience {
        client: Duration::from_secs(config.client_seconds),
        drain: Duration::from_secs(config.drain_seconds),
    };
    let late = async {
        stopping.cancelled().await;
        tokio::time::sleep(patience.drain).await;
    };
    let ended = async {
        tokio::select! {
            ended = &mut jobs => ended,
            () = late => {
                // Whatever a job leaves undone, the next server takes up: that is how crashes are survived, too.
                tracing::warn!("background work was under way when time was up");
                jobs.abort();
                Ok(())
            }
        }
    };
    let ((), (), ended) = tokio::join!(asked, listen::serve(listener, router(&app), patience, stopping.clone()), ended);
    Ok(ended?)
}
