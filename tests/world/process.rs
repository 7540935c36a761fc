//! The real server as a process of its own, and services of a test's own: both to be killed.

use std::{
    fs::{self, OpenOptions},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use keystead_local::{Ports, Services, StateDir, postgres::Durability};
use keystead_server::{
    config::Serve,
    database::{name_in, prepare},
};
use rand::Rng;
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};
use tokio_postgres::{Client, types::ToSql};

use crate::{
    Database, Options, Site,
    database::service,
    server_config,
    world::{client, config_on},
};

/// A server that is not ready by then has failed.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What does not come true by then never will.
const BECOMES_WITHIN: Duration = Duration::from_secs(60);

/// `keystead serve` as a child process.
pub struct ServerProcess {
    /// Where it answers, also after a restart.
    pub url: String,
    /// Its database.
    pub database: Database,
    http: reqwest::Client,
    mailbox: String,
    environment: Vec<(String, String)>,
    folder: TempDir,
    child: Mutex<Option<Child>>,
}

impl Site for ServerProcess {
    fn url(&self) -> &str {
        &self.url
    }

    fn http(&self) -> &reqwest::Client {
        &self.http
    }

    fn mailbox(&self) -> String {
        self.mailbox.clone()
    }
}

impl ServerProcess {
    /// On the services that all tests share.
    pub async fn start(database: Database, options: &Options) -> Self {
        let config = server_config(&database, options, free_address());
        Self::launch(&config, database, service("KEYSTEAD_MAILBOX_URL"), &[]).await
    }

    async fn launch(config: &Serve, database: Database, mailbox: String, extra: &[(String, String)]) -> Self {
        let mut environment = environment(config);
        environment.extend(extra.iter().cloned());
        let folder = tempfile::tempdir().unwrap();
        let url = format!("http://{}", config.listen);
        let server = Self { url, database, http: client(), mailbox, environment, folder, child: Mutex::default() };
        server.restart().await;
        server
    }

    /// Lets go of this side's connections; those of people end with the people.
    pub fn hang_up(&mut self) {
        self.http = client();
    }

    /// The same with more variables, which replace those of the configuration.
    pub async fn start_with(database: Database, options: &Options, variables: &[(&str, &str)]) -> Self {
        let config = server_config(&database, options, free_address());
        Self::launch(&config, database, service("KEYSTEAD_MAILBOX_URL"), &owned(variables)).await
    }

    /// Sends it a signal.
    pub async fn signal(&self, signal: Signal) {
        let pid = self.child.lock().await.as_ref().and_then(Child::id).expect("the server runs");
        signal_to(pid, signal);
    }

    /// Waits until the process ends by itself; the code that it ends with.
    pub async fn ends(&self, within: Duration) -> Option<i32> {
        let mut child = self.child.lock().await.take().expect("the server runs");
        let ended = tokio::time::timeout(within, child.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("the server runs on after {within:?}; its log:\n{}", self.log()))
            .unwrap()
            .code()
    }

    /// The process, to be looked at.
    pub async fn pid(&self) -> u32 {
        self.child.lock().await.as_ref().and_then(Child::id).expect("the server runs")
    }

    /// Kills it as a crash would; requests under way break off.
    pub async fn kill9(&self) {
        if let Some(mut child) = self.child.lock().await.take() {
            child.kill().await.unwrap();
        }
    }

    /// Starts it again at the same address, and waits until it is ready.
    pub async fn restart(&self) {
        self.begin().await;
        self.ready(READY_WITHIN).await;
    }

    /// Starts it again, whether or not what it needs is there, and waits until it is alive.
    pub async fn restart_alone(&self) {
        self.begin().await;
        self.answers("/health/live", READY_WITHIN).await;
    }

    async fn begin(&self) {
        self.kill9().await;
        let log = OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = Command::new(program());
        command.arg("serve").env_remove("DATABASE_ADMIN_URL").env_remove("RUST_LOG");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).kill_on_drop(true);
        *self.child.lock().await = Some(command.spawn().unwrap());
    }

    /// Waits until the server says that it and all that it needs work.
    pub async fn ready(&self, within: Duration) {
        self.answers("/health/ready", within).await;
    }

    /// Waits until the server answers at all.
    pub async fn alive(&self, within: Duration) {
        self.answers("/health/live", within).await;
    }

    async fn answers(&self, path: &str, within: Duration) {
        let deadline = Instant::now() + within;
        while self.call("GET", path).try_send().await.is_none_or(|answer| answer.status != 200) {
            let ended = self.child.lock().await.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            assert!(
                !ended && Instant::now() < deadline,
                "{path} does not say so (ended: {ended}); the log:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it wrote so far, through all restarts.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

/// PostgreSQL, S3, KMS and mailbox that belong to one test.
pub struct OwnServices {
    /// The services.
    pub services: Services,
    state: StateDir,
    folder: TempDir,
}

impl OwnServices {
    /// Starts them, with a migrated database.
    pub async fn start(durability: Durability) -> Self {
        Self::start_in(durability, None).await
    }

    /// The same in a folder on another file system.
    pub async fn start_in(durability: Durability, place: Option<&Path>) -> Self {
        let folder = place.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
        // The database may run as another account, which has to pass through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let state = StateDir::open(&folder.path().join("state")).unwrap();
        let services = Services::start_with(&state, Ports::any(), durability).await.expect("the services start");
        let own = Self { services, state, folder };
        let root = keystead_tenants::RootSecret::from_hex(&own.named("KEYSTEAD_SECRET")).unwrap();
        let database = name_in(&own.named("DATABASE_URL")).unwrap();
        prepare(&own.named("DATABASE_ADMIN_URL"), &database, &root).await.expect("the database migrates");
        own
    }

    /// A server process on them, with more variables.
    pub async fn serve(&self, options: &Options, variables: &[(&str, &str)]) -> ServerProcess {
        let config = config_on(|name| self.named(name), &self.database(), options, free_address());
        let given = owned(variables);
        let extra: Vec<_> =
            self.services.env().into_iter().filter(|(name, _)| name.starts_with("AWS_")).chain(given).collect();
        ServerProcess::launch(&config, self.database(), self.named("KEYSTEAD_MAILBOX_URL"), &extra).await
    }

    /// The product's database.
    pub fn database(&self) -> Database {
        Database::on(&self.named("DATABASE_ADMIN_URL"), &name_in(&self.named("DATABASE_URL")).unwrap())
    }

    /// The value of a variable that names one of them.
    pub fn named(&self, name: &str) -> String {
        let found = self.services.env().into_iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("the services do not set {name}")).1
    }

    /// The folder of one service: `postgres`, `s3`, `kms` or `mail`.
    pub fn folder(&self, service: &str) -> PathBuf {
        self.state.file(service)
    }

    /// Stops and removes all.
    pub async fn stop(self) {
        self.services.stop().await;
        self.state.remove().unwrap();
        drop(self.folder);
    }
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Sends a signal to a process.
pub fn signal_to(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Counts, or reads any other whole number.
pub async fn count(database: &Client, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> i64 {
    database.query_one(sql, parameters).await.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

/// Waits until the database counts `expected`.
pub async fn becomes(database: &Client, sql: &str, parameters: &[&(dyn ToSql + Sync)], expected: i64) {
    let deadline = Instant::now() + BECOMES_WITHIN;
    while count(database, sql, parameters).await != expected {
        assert!(Instant::now() < deadline, "{sql} does not become {expected}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A free port below those that the system gives to clients: nobody is given it while the server is down.
fn free_address() -> SocketAddr {
    let candidates =
        std::iter::repeat_with(|| SocketAddr::from((Ipv4Addr::LOCALHOST, rand::rng().random_range(15_000..32_000))));
    candidates.take(100).find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

/// The server and its operators' commands. It lies one folder above the tests: both are built into the same target folder.
#[must_use]
pub fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().and_then(Path::parent).unwrap().join("keystead");
    assert!(program.exists(), "{} is missing: build it with `cargo build -p keystead-server`", program.display());
    program
}

/// The configuration as the variables that say the same.
fn environment(config: &Serve) -> Vec<(String, String)> {
    let secret = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let variables = [
        ("DATABASE_URL", config.shared.database_url.clone()),
        ("KEYSTEAD_SECRET", secret(&config.shared.secret)),
        ("KEYSTEAD_LISTEN", config.listen.to_string()),
        ("KEYSTEAD_PUBLIC_URL", config.public_url.clone()),
        ("KEYSTEAD_BASE_DOMAIN", config.base_domain.clone()),
        ("KEYSTEAD_CELL", config.cell.clone()),
        ("AWS_REGION", config.region.clone()),
        ("AWS_ENDPOINT_URL_KMS", optional(&config.kms_endpoint)),
        ("AWS_ENDPOINT_URL_S3", optional(&config.s3_endpoint)),
        ("KEYSTEAD_BUCKET", config.bucket.clone()),
        ("KEYSTEAD_SMTP_URL", config.smtp_url.clone()),
        ("KEYSTEAD_MAIL_FROM", config.mail_from.clone()),
        ("KEYSTEAD_AUTO_APPROVE", config.auto_approve.to_string()),
        ("KEYSTEAD_OPERATOR_EMAIL", optional(&config.operator_email)),
        ("KEYSTEAD_OPERATOR_PASSWORD", config.operator_password.as_ref().map(secret).unwrap_or_default()),
        ("KEYSTEAD_PER_MEMBER_PER_MINUTE", config.per_member.to_string()),
        ("KEYSTEAD_ONLY_EDGES", config.only_edges.to_string()),
        ("KEYSTEAD_PER_ADDRESS_PER_MINUTE", config.per_address.to_string()),
        ("KEYSTEAD_DB_POOL", config.db_pool.to_string()),
        ("KEYSTEAD_TOKEN_CACHE_SECONDS", config.token_cache_seconds.to_string()),
        ("KEYSTEAD_KEY_FRESH_SECONDS", config.key_fresh_seconds.to_string()),
        ("KEYSTEAD_KEY_STALE_SECONDS", config.key_stale_seconds.to_string()),
        ("KEYSTEAD_CLIENT_SECONDS", config.client_seconds.to_string()),
        ("KEYSTEAD_CHECKPOINT_SECONDS", config.checkpoint_seconds.to_string()),
        ("KEYSTEAD_DRAIN_SECONDS", config.drain_seconds.to_string()),
        ("KEYSTEAD_STATE", config.state_folder.display().to_string()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}
