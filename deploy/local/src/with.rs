//! `keystead-local with -- CMD`: services of its own around one command.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use tokio::process::{Child, Command};

use crate::child;
use crate::ports::Ports;
use crate::postgres::{Cluster, Durability};
use crate::services::Services;
use crate::state::StateDir;
use crate::stop::StopSignal;

/// How long the command may take to end once we are asked to.
const END_WITHIN: Duration = Duration::from_secs(20);

/// Runs a command with fresh services on free ports, and removes everything afterwards. Returns the command's exit code;
/// 128 and the signal's number when a signal ended it, as shells do.
///
/// # Errors
/// When the services or the command cannot be started.
pub async fn run(command: &[OsString], durability: Durability) -> Result<u8> {
    let mut stop = StopSignal::listen()?;
    let folder = tempfile::Builder::new().prefix("keystead-").tempdir()?;
    let state = StateDir::open(&folder.path().join("state"))?;
    open_to_others(folder.path())?;
    let outcome = tokio::select! {
        outcome = around(command, &state, durability) => Some(outcome),
        () = stop.received() => None,
    };
    // Until the command has started, a stop signal ends us; from then on it is passed on.
    let outcome = match outcome {
        Some(Ok(Started { services, mut child })) => {
            let code = finish(&mut child, &mut stop).await;
            services.stop().await;
            code
        }
        Some(Err(error)) => Err(error),
        None => Ok(130),
    };
    // A start that was given up may have left the database on its way down.
    Cluster::stop_left_in(&state.file("postgres")).await?;
    state.remove()?;
    outcome
}

struct Started {
    services: Services,
    child: Child,
}

async fn around(command: &[OsString], state: &StateDir, durability: Durability) -> Result<Started> {
    let (program, arguments) = command.split_first().context("which command?")?;
    let services = Services::start_with(state, Ports::any(), durability).await?;
    let child = Command::new(program).args(arguments).envs(services.env()).kill_on_drop(true).spawn();
    let child = child.with_context(|| format!("cannot run {}", program.to_string_lossy()))?;
    Ok(Started { services, child })
}

async fn finish(child: &mut Child, stop: &mut StopSignal) -> Result<u8> {
    tokio::select! {
        status = child.wait() => return Ok(exit_code(status?)),
        () = stop.received() => {}
    }
    child::end(child, Signal::TERM, END_WITHIN).await;
    Ok(exit_code(child.wait().await?))
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// The database may run as another account, which has to pass through.
fn open_to_others(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))?)
}
