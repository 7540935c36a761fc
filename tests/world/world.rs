//! The server under test.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use keystead_api::app::App;
use keystead_server::{
    boot,
    config::{Serve, Shared},
};
use keystead_tenants::Clock;
use tokio::{net::TcpListener, sync::oneshot, task::JoinError};

use crate::{
    Call, Database, NativeEdge, Operator, Tenant, database::service, edge::worker::WorkerEdge, fresh_database,
};

/// A server with a database of its own.
pub struct World {
    /// Where it answers.
    pub url: String,
    /// Its database.
    pub database: Database,
    /// The application, for what has no route.
    pub app: App,
    /// HTTP client.
    pub http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    /// Where the server itself answers.
    pub direct: String,
    /// The edge in front of it, if people come in there.
    pub edge: Option<NativeEdge>,
    /// What the server was started with.
    pub config: Serve,
    _worker: Option<WorkerEdge>,
}

/// What may differ from the default.
#[derive(Debug, Clone)]
pub struct Options {
    /// Verified sign-ups become tenants by themselves.
    pub auto_approve: bool,
    /// Requests a minute and member.
    pub per_member: u32,
    /// Requests a minute and address without a session.
    pub per_address: u32,
    /// Database connections.
    pub db_pool: usize,
    /// The database lets the API and the platform wait for a lock, and for a statement, until the server gives its answer up, and not
    /// for two seconds: where a test holds them, a slow machine must not be the one that lets them go.
    pub patient_locks: bool,
    /// Seconds that a client may take.
    pub client_seconds: u64,
    /// Seconds that open requests have when the server stops.
    pub drain_seconds: u64,
    /// Another KMS than the one that all tests share, for a test that breaks it.
    pub kms_endpoint: Option<String>,
    /// Seconds that a tenant's key is used after KMS unwrapped it, and while KMS is away.
    pub key_seconds: (u64, u64),
    /// Seconds between signatures of what chains have grown to. Short, so that a test sees one: the product's default is a minute.
    pub checkpoint_seconds: u64,
    /// The server answers edges alone.
    pub only_edges: bool,
    /// People come in at an edge. `KEYSTEAD_THROUGH_EDGE` makes it so where a test has no word in it: `1`, or `worker` for
    /// the Cloudflare worker.
    pub edge: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            auto_approve: true,
            per_member: 1_000_000,
            per_address: 1_000_000,
            db_pool: 8,
            patient_locks: false,
            client_seconds: 30,
            drain_seconds: 20,
            kms_endpoint: None,
            key_seconds: (300, 3_600),
            checkpoint_seconds: 1,
            only_edges: through_edge(),
            edge: through_edge(),
        }
    }
}

fn through_edge() -> bool {
    std::env::var("KEYSTEAD_THROUGH_EDGE").is_ok_and(|value| value == "1" || value == "worker")
}

fn through_worker() -> bool {
    std::env::var("KEYSTEAD_THROUGH_EDGE").is_ok_and(|value| value == "worker")
}

/// The first operator of every world.
pub(crate) const OPERATOR: &str = "operator@keystead.test";

/// A server's configuration on the local services.
#[must_use]
pub fn server_config(database: &Database, options: &Options, listen: SocketAddr) -> Serve {
    config_on(service, database, options, listen)
}

/// A server's configuration on services that are named by the same variables.
pub(crate) fn config_on(
    service: impl Fn(&str) -> String,
    database: &Database,
    options: &Options,
    listen: SocketAddr,
) -> Serve {
    let quota = |per_minute| NonZeroU32::new(per_minute).unwrap();
    Serve {
        shared: Shared { database_url: database.url.clone(), secret: service("KEYSTEAD_SECRET").into() },
        listen,
        public_url: format!("http://localhost:{}", listen.port()),
        base_domain: "localhost".into(),
        cell: database.name().replace("t_", "c"),
        region: service("AWS_REGION"),
        kms_endpoint: Some(options.kms_endpoint.clone().unwrap_or_else(|| service("AWS_ENDPOINT_URL_KMS"))),
        s3_endpoint: Some(service("AWS_ENDPOINT_URL_S3")),
        s3_public_endpoint: None,
        bucket: database.name().replace('_', "-"),
        smtp_url: service("KEYSTEAD_SMTP_URL"),
        mail_from: "Keystead <no-reply@keystead.test>".into(),
        auto_approve: options.auto_approve,
        operator_email: Some(OPERATOR.into()),
        operator_password: Some(crate::PASSWORD.to_owned().into()),
        per_member: quota(options.per_member),
        per_address: quota(options.per_address),
        db_pool: options.db_pool,
        token_cache_seconds: 60,
        key_fresh_seconds: options.key_seconds.0,
        key_stale_seconds: options.key_seconds.1,
        client_seconds: options.client_seconds,
        checkpoint_seconds: options.checkpoint_seconds,
        drain_seconds: options.drain_seconds,
        state_folder: std::env::temp_dir(),
        only_edges: options.only_edges,
        edge_generation: 1,
    }
}

impl World {
    /// A world with the defaults.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// A world that differs.
    pub async fn with(options: Options) -> Self {
        Self::at(options, Clock::system()).await
    }

    /// A world with its own time.
    pub async fn at(options: Options, clock: Clock) -> Self {
        let database = fresh_database().await;
        if options.patient_locks {
            database.waits().await;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = server_config(&database, &options, address);
        let app = boot::app(&config, clock).await.expect("the server starts");
        let (stop, stopped) = oneshot::channel::<()>();
        let (serving, served_with) = (app.clone(), config.clone());
        tokio::spawn(async move {
            let served = boot::serve(&served_with, serving, listener, async move { drop(stopped.await) }).await;
            // A test's end takes the runtime away, and the server's jobs with it.
            let taken_away =
                |error: &anyhow::Error| error.downcast_ref::<JoinError>().is_some_and(JoinError::is_cancelled);
            assert!(served.as_ref().err().is_none_or(taken_away), "the server serves: {served:?}");
        });
        let direct = format!("http://{address}");
        let (edge, worker) = match (options.edge, through_worker()) {
            (false, _) => (None, None),
            (true, false) => (Some(NativeEdge::before(&config, options.per_address).await), None),
            (true, true) => (None, Some(WorkerEdge::before(&config, options.per_address).await)),
        };
        let entrance = edge.as_ref().map(|edge| &edge.url).or(worker.as_ref().map(|worker| &worker.url));
        let url = entrance.unwrap_or(&direct).clone();
        Self { url, database, app, http: client(), stop: Some(stop), direct, edge, config, _worker: worker }
    }

    /// A request by nobody in particular.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.http, method, &format!("{}{path}", self.url))
    }

    /// Do people come in at an edge?
    pub fn is_behind_an_edge(&self) -> bool {
        self.url != self.direct
    }

    /// A builder that signed up, verified and is active.
    pub async fn tenant(&self, slug: &str) -> Tenant<'_> {
        Tenant::sign_up(self, slug).await
    }

    /// The first operator.
    pub async fn operator(&self) -> Operator {
        Operator::log_in(self).await
    }

    /// Asks the server to stop; it drains.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }
}

/// A client that asks no proxy for a loopback address, and lets idle connections go before servers do: a request on one that is just
/// being closed would be lost.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(2)).build().unwrap()
}
