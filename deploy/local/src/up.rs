//! `keystead-local up`: the platform, until somebody stops it.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::process::Child;

use crate::child;
use crate::demo;
use crate::edge;
use crate::ports::Ports;
use crate::postgres::Cluster;
use crate::program::{Program, STOP_WITHIN, beside, stop_left};
use crate::services::Services;
use crate::state::StateDir;
use crate::stop::StopSignal;

/// Who may log in to the operator's side of the demo.
const OPERATOR: &str = "operator@keystead.test";

/// The server's program.
const SERVER: &str = "keystead";

/// Starts everything, says where to click, and keeps it running until Ctrl-C or SIGTERM. With `demo`, the first start also
/// sets up the demo builder.
///
/// # Errors
/// One line (and the end of a log, where that helps) about what is missing or does not start.
pub async fn up(state: &StateDir, ports: Ports, demo: bool) -> Result<()> {
    let lock = match state.lock()? {
        Ok(lock) => lock,
        Err(pid) => {
            bail!("already running (process {pid}): open http://localhost:{}, or stop it with `make down`", ports.edge)
        }
    };
    let mut stop = StopSignal::listen()?;
    stop_left(state, "edge", edge::PROGRAM).await;
    stop_left(state, "server", SERVER).await;
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
    server: Program,
    edge: Program,
    children: (Child, Child),
}

impl Platform {
    async fn start(state: &StateDir, ports: Ports, demo: bool) -> Result<Self> {
        // Before anything is started: a program that was not built is said at once.
        for file in [SERVER, edge::PROGRAM] {
            beside(file)?;
        }
        let services = Services::start(state, ports).await?;
        let operator = state.secret("operator-password", 12)?;
        let env = server_env(&services, ports, &operator);
        let health = format!("http://127.0.0.1:{}/health/ready", ports.api);
        let server = Program::new("server", SERVER, &["serve"], state, env, health)?;
        // It logs in as the roles that it needs; the administrator's password is for migrations only.
        let server = server.without(&["DATABASE_ADMIN_URL"]);
        migrate(&server).await?;
        let serving = server.start().await?;
        let edge = edge::program(state, &server, ports, &services).await?;
        let routing = edge.start().await?;
        if demo {
            set_up_demo(state, &services, ports, &operator).await;
        }
        announce(&services, ports, &operator, &server.log);
        announce_demo(demo::password(state)?);
        println!("Stop with Ctrl-C. `make reset` removes all data.\n");
        Ok(Self { services, server, edge, children: (serving, routing) })
    }

    /// Keeps server and edge alive until we are asked to stop; then stops them, and after them what they need.
    async fn run(self, stop: &mut StopSignal) -> Result<()> {
        let Self { services, server, edge, children } = self;
        let (mut serving, mut routing) = (Some(children.0), Some(children.1));
        let outcome = tokio::select! {
            outcome = server.keep_alive(&mut serving) => outcome,
            outcome = edge.keep_alive(&mut routing) => outcome,
            () = stop.received() => Ok(()),
        };
        println!("Stopping…");
        edge.end(routing).await;
        server.end(serving).await;
        services.stop().await;
        outcome
    }
}

fn server_env(services: &Services, ports: Ports, operator: &str) -> Vec<(String, String)> {
    let own = [
        ("KEYSTEAD_LISTEN", format!("127.0.0.1:{}", ports.api)),
        ("KEYSTEAD_PUBLIC_URL", format!("http://localhost:{}", ports.edge)),
        ("KEYSTEAD_BASE_DOMAIN", "localhost".to_owned()),
        ("KEYSTEAD_ONLY_EDGES", "true".to_owned()),
        ("KEYSTEAD_OPERATOR_EMAIL", OPERATOR.to_owned()),
        ("KEYSTEAD_OPERATOR_PASSWORD", operator.to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    services.env().into_iter().chain(own).collect()
}

async fn migrate(server: &Program) -> Result<()> {
    let status = server.command(&["migrate"])?.status().await.context("the server program cannot be started")?;
    let log = server.log.display();
    ensure!(status.success(), "the database could not be migrated; the end of {log}:\n{}", server.tail());
    Ok(())
}

/// The platform is of use without the demo: what goes wrong here is said, and tried again at the next start.
async fn set_up_demo(state: &StateDir, services: &Services, ports: Ports, operator: &str) {
    let operator = demo::Operator { email: OPERATOR, password: operator };
    let api = format!("http://localhost:{}", ports.edge);
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
    let (api, port) = (format!("http://localhost:{}", ports.edge), ports.edge);
    let mailbox = services.mailbox().url();
    println!(
        "\nKeystead is running.\n\n  \
         API          {api}\n  \
         Workspaces   http://NAME.localhost:{port}   each builder has a host; operators have console.localhost:{port}\n  \
         Reference    {api}/docs\n  \
         Mailbox      {mailbox}   every mail the platform sends\n  \
         Operator     {OPERATOR}   password {operator}\n  \
         Log          {}\n",
        log.display()
    );
}
