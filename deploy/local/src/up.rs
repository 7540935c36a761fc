//! `keystead-local up`: the platform, until somebody stops it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::child;
use crate::demo;
use crate::ports::Ports;
use crate::postgres::Cluster;
use crate::services::Services;
use crate::state::StateDir;
use crate::stop::StopSignal;

/// Who may log in to the operator's side of the demo.
const OPERATOR: &str = "operator@keystead.test";

/// A server that is not ready by then will not be.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The server answers what it has begun, then ends.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// First pause before a server that died is started again; doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(500);

/// Longest pause before a server that died is started again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A server that lived this long is healthy: the next pause is short again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// Starts everything, says where to click, and keeps it running until Ctrl-C or SIGTERM. With `demo`, the first start also
/// sets up the demo builder.
///
/// # Errors
/// One line (and the end of a log, where that helps) about what is missing or does not start.
pub async fn up(state: &StateDir, ports: Ports, demo: bool) -> Result<()> {
    let lock = match state.lock()? {
        Ok(lock) => lock,
        Err(pid) => {
            bail!("already running (process {pid}): open http://localhost:{}, or stop it with `make down`", ports.api)
        }
    };
    let mut stop = StopSignal::listen()?;
    stop_left_server(state).await;
    let started = tokio::select! {
        started = Platform::start(state, ports, demo) => Some(started),
        () = stop.received() => None,
    };
    let ended = match started {
        Some(Ok(platform)) => platform.run(&mut stop).await,
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    // A start that was given up may have left the database on its way down.
    Cluster::stop_left_in(&state.file("postgres")).await?;
    drop(lock);
    ended
}

/// Stops the platform that runs on this state folder; says so when none does.
///
/// # Errors
/// When it does not end.
pub async fn down(state: &StateDir) -> Result<()> {
    let pid = match state.lock()? {
        Ok(_) => {
            println!("Keystead is not running.");
            return Ok(());
        }
        Err(pid) => pid,
    };
    child::signal(pid, Signal::TERM);
    ensure!(child::gone(pid, STOP_WITHIN * 4).await, "process {pid} does not end");
    println!("Keystead has stopped.");
    Ok(())
}

/// Removes the state folder with all data.
///
/// # Errors
/// When a platform runs on it, or something cannot be removed.
pub fn reset(state: StateDir) -> Result<()> {
    match state.lock()? {
        Ok(lock) => {
            let path = state.path().display().to_string();
            state.remove()?;
            drop(lock);
            println!("Removed {path} and everything in it.");
            Ok(())
        }
        Err(pid) => bail!("Keystead is running (process {pid}): stop it first, with Ctrl-C or `make down`"),
    }
}

struct Platform {
    services: Services,
    server: Server,
    child: Child,
}

impl Platform {
    async fn start(state: &StateDir, ports: Ports, demo: bool) -> Result<Self> {
        let program = server_program()?;
        let services = Services::start(state, ports).await?;
        let operator = state.secret("operator-password", 12)?;
        let server = Server::new(program, &services, state, ports, &operator)?;
        server.migrate().await?;
        let mut child = server.serve()?;
        server.ready(&mut child).await?;
        if demo {
            set_up_demo(state, &services, ports, &operator).await;
        }
        announce(&services, ports, &operator, &server.log);
        announce_demo(demo::password(state)?);
        println!("Stop with Ctrl-C. `make reset` removes all data.\n");
        Ok(Self { services, server, child })
    }

    /// Keeps the server alive until we are asked to stop; then stops it, and after it what it needs.
    async fn run(self, stop: &mut StopSignal) -> Result<()> {
        let Self { services, server, child } = self;
        let mut last = Some(child);
        let outcome = tokio::select! {
            outcome = server.keep_alive(&mut last) => outcome,
            () = stop.received() => Ok(()),
        };
        println!("Stopping…");
        if let Some(mut child) = last {
            child::end(&mut child, Signal::TERM, STOP_WITHIN).await;
        }
        let _ = std::fs::remove_file(&server.pid_file);
        services.stop().await;
        outcome
    }
}

/// The API server as a child process.
struct Server {
    program: PathBuf,
    env: Vec<(String, String)>,
    log: PathBuf,
    pid_file: PathBuf,
    health: String,
}

impl Server {
    fn new(program: PathBuf, services: &Services, state: &StateDir, ports: Ports, operator: &str) -> Result<Self> {
        let mut env = services.env();
        let own = [
            ("KEYSTEAD_LISTEN", format!("127.0.0.1:{}", ports.api)),
            ("KEYSTEAD_PUBLIC_URL", format!("http://localhost:{}", ports.api)),
            ("KEYSTEAD_BASE_DOMAIN", "localhost".to_owned()),
            ("KEYSTEAD_OPERATOR_EMAIL", OPERATOR.to_owned()),
            ("KEYSTEAD_OPERATOR_PASSWORD", operator.to_owned()),
        ];
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let (log, _) = state.log("keystead.log")?;
        let health = format!("http://127.0.0.1:{}/health/ready", ports.api);
        Ok(Self { program, env, log, pid_file: state.file("server.pid"), health })
    }

    fn command(&self, subcommand: &str) -> Result<Command> {
        let log = crate::state::open_log(&self.log)?;
        let mut command = Command::new(&self.program);
        command.arg(subcommand).envs(self.env.iter().map(|(name, value)| (name, value)));
        // A group of its own: Ctrl-C in the terminal reaches us, and we stop things in order.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0).kill_on_drop(true);
        Ok(command)
    }

    async fn migrate(&self) -> Result<()> {
        let status = self.command("migrate")?.status().await.context("the server program cannot be started")?;
        ensure!(
            status.success(),
            "the database could not be migrated; the end of {}:\n{}",
            self.log.display(),
            self.tail()
        );
        Ok(())
    }

    fn serve(&self) -> Result<Child> {
        // The server logs in as the roles that it needs; the administrator's password is for migrations only.
        let child = self
            .command("serve")?
            .env_remove("DATABASE_ADMIN_URL")
            .spawn()
            .context("the server program cannot be started")?;
        if let Some(pid) = child.id() {
            std::fs::write(&self.pid_file, pid.to_string())?;
        }
        Ok(child)
    }

    /// Waits until the server says that it and everything behind it works.
    async fn ready(&self, child: &mut Child) -> Result<()> {
        // A proxy of the environment must not be asked for a loopback address.
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended ({status}); the end of {}:\n{}", self.log.display(), self.tail());
            }
            if client.get(&self.health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        bail!("the server does not get ready; the end of {}:\n{}", self.log.display(), self.tail())
    }

    /// Starts the server again whenever it dies, with growing pauses.
    async fn keep_alive(&self, current: &mut Option<Child>) -> Result<()> {
        let mut pause = PAUSE_MIN;
        loop {
            let since = Instant::now();
            if let Some(child) = current.as_mut() {
                let status = child.wait().await?;
                if since.elapsed() > HEALTHY_AFTER {
                    pause = PAUSE_MIN;
                }
                println!(
                    "The server ended ({status}); starting it again in {} ms. Log: {}",
                    pause.as_millis(),
                    self.log.display()
                );
            }
            current.take();
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            *current = Some(self.serve()?);
        }
    }

    fn tail(&self) -> String {
        child::log_tail(&self.log)
    }
}

/// The server lies beside us: both are built into the same folder.
fn server_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.parent().unwrap_or(Path::new(".")).join("keystead");
    ensure!(
        program.exists(),
        "the server program {} is missing: build it with `cargo build -p keystead-server`",
        program.display()
    );
    Ok(program)
}

/// Stops a server whose launcher was killed: it would keep the port and use a database that is about to restart.
async fn stop_left_server(state: &StateDir) {
    let file = state.file("server.pid");
    let Some(pid) = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok()) else { return };
    if child::is_running(pid, "keystead") {
        child::signal(pid, Signal::TERM);
        if !child::gone(pid, STOP_WITHIN).await {
            child::signal(pid, Signal::KILL);
            child::gone(pid, STOP_WITHIN).await;
        }
    }
    let _ = std::fs::remove_file(file);
}

/// The platform is of use without the demo: what goes wrong here is said, and tried again at the next start.
async fn set_up_demo(state: &StateDir, services: &Services, ports: Ports, operator: &str) {
    let operator = demo::Operator { email: OPERATOR, password: operator };
    let api = format!("http://127.0.0.1:{}", ports.api);
    if let Err(error) = demo::seed(state, &api, services.mailbox(), operator).await {
        println!("The demo builder could not be set up, and the next start tries again: {error:#}");
    }
}

fn announce_demo(password: Option<String>) {
    let Some(password) = password else { return };
    println!("The builder \"demo\" has a project and a team; every account has the password {password}\n");
    for (email, does) in demo::ACCOUNTS {
        println!("  {email:<18} {does}");
    }
    println!();
}

fn announce(services: &Services, ports: Ports, operator: &str, log: &Path) {
    let api = format!("http://localhost:{}", ports.api);
    let mailbox = services.mailbox().url();
    println!(
        "\nKeystead is running.\n\n  \
         API          {api}\n  \
         Reference    {api}/docs\n  \
         Mailbox      {mailbox}   every mail the platform sends\n  \
         Operator     {OPERATOR}   password {operator}\n  \
         Log          {}\n",
        log.display()
    );
}
