//! One server with its data.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use tokio_postgres::NoTls;

use super::account::Account;
use super::installation::{Installation, Version};
use super::place;
use crate::child;
use crate::ports;
use crate::state::{open_log, secret_file};

/// The superuser of the cluster. Applications never use it: it makes their roles.
const SUPERUSER: &str = "postgres";

/// Replaying the log after a crash takes a while.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A fast shutdown ends every session and writes a checkpoint.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How long the remains of a killed server (its sessions, its shared memory) may be in the way.
const REMAINS_WITHIN: Duration = Duration::from_secs(15);

/// Settings that differ from PostgreSQL's own.
const SETTINGS: [(&str, &str); 15] = [
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "100"),
    ("jit", "off"),
    ("cluster_name", "keystead-local"),
    // No personal data in the log: no statements, no parameters, and no errors of clients, which quote values.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_statement", "none"),
    ("log_min_duration_statement", "-1"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    ("log_error_verbosity", "terse"),
    ("log_lock_waits", "off"),
    ("log_autovacuum_min_duration", "-1"),
    ("log_line_prefix", "%m [%p] "),
];

/// Whether a commit survives a crash of the machine. It survives a crash of the server either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `fsync` on, as in production.
    Full,
    /// `fsync` off: for tests.
    Fast,
}

impl Durability {
    /// [`Durability::Fast`] when `KEYSTEAD_PG_FAST=1` is set.
    #[must_use]
    pub fn from_env() -> Self {
        if std::env::var("KEYSTEAD_PG_FAST").is_ok_and(|value| value == "1") { Self::Fast } else { Self::Full }
    }

    const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Full => &[],
            Self::Fast => &[("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")],
        }
    }
}

/// A running server. Dropping it asks the server to stop without waiting; [`Cluster::stop`] waits.
#[derive(Debug)]
pub struct Cluster {
    installation: Installation,
    account: Option<Account>,
    durability: Durability,
    data: PathBuf,
    log: PathBuf,
    port: u16,
    password: String,
    server: Option<Child>,
}

impl Cluster {
    /// Starts the cluster in `dir`, making it at the first call; `port` 0 takes a free one. Returns when it answers.
    ///
    /// # Errors
    /// When no PostgreSQL can be found or it does not start; the message says what to do.
    pub async fn start(dir: &Path, port: u16) -> Result<Self> {
        Self::start_with(dir, port, Durability::from_env()).await
    }

    /// As [`Cluster::start`], with the durability chosen by the caller.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub async fn start_with(dir: &Path, port: u16, durability: Durability) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        let account = Account::needed()?;
        let home = place::choose(&dir, account.is_some())?;
        let data = home.join("data");
        let installation = Installation::find(data_major(&data)).await?;
        let password = secret_file(&dir.join("superuser-password"), 24)?;
        let log = dir.join("postgres.log");
        let mut cluster = Self { installation, account, durability, data, log, port, password, server: None };
        if data_major(&cluster.data).is_none() {
            cluster.initialise(&home).await?;
        }
        cluster.stop_leftover().await;
        cluster.launch_on_port(port).await?;
        Ok(cluster)
    }

    /// Stops the server that a launcher left behind when it was killed itself.
    pub(crate) async fn stop_left_in(dir: &Path) -> Result<()> {
        if dir.exists() {
            let home = place::choose(dir, Account::needed()?.is_some())?;
            stop_leftover(&home.join("data")).await;
        }
        Ok(())
    }

    /// URL of the superuser on the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// URL of the superuser on any database.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the server's first process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().and_then(Child::id)
    }

    /// Whether the server's first process is there.
    pub fn is_running(&mut self) -> bool {
        self.server.as_mut().is_some_and(|server| matches!(server.try_wait(), Ok(None)))
    }

    /// Version of the server.
    #[must_use]
    pub fn version(&self) -> Version {
        self.installation.version
    }

    /// The folder with the database files: what a search for leaked values must read.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// The server's log.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.log
    }

    /// Stops the server: sessions are ended, everything is written.
    pub async fn stop(mut self) {
        self.shut_down().await;
    }

    /// Kills the server as a crash would, without a word to its clients.
    pub async fn kill9(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill().await;
        }
    }

    /// Starts the server again on the same port, after [`Cluster::kill9`] or instead of running on.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&mut self) -> Result<()> {
        self.shut_down().await;
        self.launch().await
    }

    async fn shut_down(&mut self) {
        if let Some(mut server) = self.server.take() {
            child::end(&mut server, Signal::INT, STOP_WITHIN).await;
        }
    }

    /// Makes the data folder. Done beside it and renamed at the end: a killed `initdb` leaves nothing half-made.
    async fn initialise(&self, home: &Path) -> Result<()> {
        let fresh = home.join("data.new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh)?;
        }
        fs::create_dir(&fresh)?;
        let password = home.join("initial-password");
        crate::state::write_private(&password, &self.password)?;
        if let Some(account) = self.account {
            account.own(&fresh)?;
            account.own(&password)?;
        }
        // C.UTF-8 sorts the same everywhere; a C library without it still has plain C.
        let mut outcome = self.initdb(&fresh, &password, "--locale=C.UTF-8").await;
        if outcome.is_err() {
            outcome = self.initdb(&fresh, &password, "--no-locale").await;
        }
        fs::remove_file(&password)?;
        outcome?;
        fs::rename(&fresh, &self.data)?;
        Ok(())
    }

    async fn initdb(&self, data: &Path, password: &Path, locale: &str) -> Result<()> {
        let mut command = self.command("initdb", data);
        command.arg("-D").arg(data).arg("--pwfile").arg(password).args(["-U", SUPERUSER, "--encoding=UTF8", locale]);
        command.args(["--auth=scram-sha-256", "--data-checksums"]);
        if self.durability == Durability::Fast {
            command.arg("--no-sync");
        }
        command.kill_on_drop(true);
        let outcome = command.output().await.context("initdb cannot be started")?;
        let complaint = String::from_utf8_lossy(&outcome.stderr);
        ensure!(outcome.status.success(), "initdb failed: {}", complaint.trim());
        Ok(())
    }

    /// A program of the installation, as the right account and in a folder that the account can enter.
    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.installation.program(program));
        // A group of its own: Ctrl-C in the terminal reaches us, and we stop the server last.
        command.current_dir(folder).stdin(Stdio::null()).process_group(0);
        // Variables of the client library would change how initdb and the server behave.
        for variable in ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE"] {
            command.env_remove(variable);
        }
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        command
    }

    async fn stop_leftover(&self) {
        stop_leftover(&self.data).await;
    }

    /// A free port may be taken between looking and listening; then the next is tried.
    async fn launch_on_port(&mut self, port: u16) -> Result<()> {
        if port != 0 {
            return self.launch().await;
        }
        for _ in 0..5 {
            self.port = ports::free()?;
            let before = self.logged();
            match self.launch().await {
                Err(error) if self.complained(before, "could not bind") => tracing::debug!("{error:#}"),
                outcome => return outcome,
            }
        }
        bail!("PostgreSQL found no free port")
    }

    async fn launch(&mut self) -> Result<()> {
        let deadline = Instant::now() + REMAINS_WITHIN;
        loop {
            let before = self.logged();
            let outcome = self.launch_once().await;
            let in_the_way = self.complained(before, "shared memory block") || self.complained(before, "lock file");
            if outcome.is_ok() || !in_the_way || Instant::now() > deadline {
                return outcome;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn launch_once(&mut self) -> Result<()> {
        let log = open_log(&self.log)?;
        let mut command = self.command("postgres", &self.data);
        command.arg("-D").arg(&self.data).arg("-p").arg(self.port.to_string());
        for (name, value) in SETTINGS.iter().chain(self.durability.settings()) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // A benchmark's data should be in memory, whatever else runs here should not take much of it.
        let buffers = std::env::var("KEYSTEAD_PG_SHARED_BUFFERS").unwrap_or_else(|_| "64MB".to_owned());
        command.arg("-c").arg(format!("shared_buffers={buffers}"));
        command.stdout(log.try_clone()?).stderr(log);
        let server = command.spawn().context("PostgreSQL cannot be started")?;
        let pid = self.server.insert(server).id();
        let outcome = self.ready(pid).await;
        if outcome.is_err() {
            self.shut_down().await;
        }
        outcome
    }

    /// Waits until the server takes a session.
    async fn ready(&mut self, pid: Option<u32>) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Ok((_client, connection)) = tokio_postgres::connect(&self.url(), NoTls).await {
                drop(connection);
                return Ok(());
            }
            let ended = self.server.as_mut().is_none_or(|server| !matches!(server.try_wait(), Ok(None)));
            ensure!(!ended, "PostgreSQL ended at once; the end of its log:\n{}", child::log_tail(&self.log));
            sleep(Duration::from_millis(40)).await;
        }
        bail!("PostgreSQL (process {pid:?}) does not answer; the end of its log:\n{}", child::log_tail(&self.log))
    }

    /// Length of the log in bytes.
    fn logged(&self) -> usize {
        fs::metadata(&self.log).map_or(0, |log| usize::try_from(log.len()).unwrap_or(usize::MAX))
    }

    /// Whether the log says so after its first `before` bytes. What is left of a killed server complains at length meanwhile.
    fn complained(&self, before: usize, words: &str) -> bool {
        let log = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(log.get(before..).unwrap_or_default()).contains(words)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(pid) = self.server.as_ref().and_then(Child::id) {
            child::signal(pid, Signal::INT);
        }
    }
}

/// The major version that made the data, or `None` before there is any.
fn data_major(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Deals with the `postmaster.pid` that a dead launcher or a crash left: stops a server that still runs on this data,
/// and removes the file when its process id belongs to somebody else by now.
async fn stop_leftover(data: &Path) {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse().ok()) else { return };
    if child::is_running(pid, &data.to_string_lossy()) {
        tracing::info!("stopping the PostgreSQL that an earlier run left (process {pid})");
        child::signal(pid, Signal::INT);
        if !child::gone(pid, STOP_WITHIN).await {
            child::signal(pid, Signal::KILL);
            child::gone(pid, STOP_WITHIN).await;
        }
    } else {
        let _ = fs::remove_file(&file);
    }
}
