//! A program of ours as a child: started, watched, started again when it dies.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::child;
use crate::state::StateDir;

/// What is not ready by then will not be.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A program answers what it has begun, then ends.
pub(crate) const STOP_WITHIN: Duration = Duration::from_secs(20);

/// First pause before a program that died is started again; doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(500);

/// Longest pause before a program that died is started again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A program that lived this long is healthy: the next pause is short again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// A program that lies beside us, with its environment, log and pid file.
pub(crate) struct Program {
    /// In words, for people: "server".
    what: &'static str,
    path: PathBuf,
    arguments: &'static [&'static str],
    env: Vec<(String, String)>,
    without: &'static [&'static str],
    pub(crate) log: PathBuf,
    pid_file: PathBuf,
    health: String,
}

impl Program {
    /// The server's or the edge's: `file` is the program's name, and `health` the URL that says when it is ready.
    pub(crate) fn new(
        what: &'static str,
        file: &str,
        arguments: &'static [&'static str],
        state: &StateDir,
        env: Vec<(String, String)>,
        health: String,
    ) -> Result<Self> {
        let (log, _) = state.log(&format!("{file}.log"))?;
        let pid_file = state.file(&format!("{what}.pid"));
        Ok(Self { what, path: beside(file)?, arguments, env, without: &[], log, pid_file, health })
    }

    /// When it serves, it does not get these variables, whoever set them.
    pub(crate) fn without(self, without: &'static [&'static str]) -> Self {
        Self { without, ..self }
    }

    /// The program with other arguments; what it writes goes into the log.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Command> {
        let log = crate::state::open_log(&self.log)?;
        let mut command = Command::new(&self.path);
        command.args(arguments).envs(self.env.iter().map(|(name, value)| (name, value)));
        // A group of its own: Ctrl-C in the terminal reaches us, and we stop things in order.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0).kill_on_drop(true);
        Ok(command)
    }

    /// Starts it and waits until it says that it and everything behind it works.
    pub(crate) async fn start(&self) -> Result<Child> {
        let mut child = self.spawn()?;
        // A proxy of the environment must not be asked for a loopback address.
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait()? {
                bail!("the {} ended ({status}); the end of {}:\n{}", self.what, self.log.display(), self.tail());
            }
            if client.get(&self.health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(child);
            }
            sleep(Duration::from_millis(100)).await;
        }
        bail!("the {} does not get ready; the end of {}:\n{}", self.what, self.log.display(), self.tail())
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = self.command(self.arguments)?;
        for name in self.without {
            command.env_remove(name);
        }
        let child = command.spawn().with_context(|| format!("the {} program cannot be started", self.what))?;
        if let Some(pid) = child.id() {
            std::fs::write(&self.pid_file, pid.to_string())?;
        }
        Ok(child)
    }

    /// Starts it again whenever it dies, with growing pauses.
    pub(crate) async fn keep_alive(&self, current: &mut Option<Child>) -> Result<()> {
        let mut pause = PAUSE_MIN;
        loop {
            let since = Instant::now();
            if let Some(child) = current.as_mut() {
                let status = child.wait().await?;
                if since.elapsed() > HEALTHY_AFTER {
                    pause = PAUSE_MIN;
                }
                let (what, log) = (self.what, self.log.display());
                println!("The {what} ended ({status}); starting it again in {} ms. Log: {log}", pause.as_millis());
            }
            current.take();
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            *current = Some(self.spawn()?);
        }
    }

    /// Stops it.
    pub(crate) async fn end(&self, child: Option<Child>) {
        if let Some(mut child) = child {
            child::end(&mut child, Signal::TERM, STOP_WITHIN).await;
        }
        let _ = std::fs::remove_file(&self.pid_file);
    }

    pub(crate) fn tail(&self) -> String {
        child::log_tail(&self.log)
    }
}

/// What we start lies beside us: all is built into the same folder.
pub(crate) fn beside(file: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.parent().unwrap_or(Path::new(".")).join(file);
    let package = if file == "keystead" { "keystead-server" } else { "keystead-edge-native" };
    ensure!(path.exists(), "the program {} is missing: build it with `cargo build -p {package}`", path.display());
    Ok(path)
}

/// Stops what a launcher that was killed left behind: it would keep its port, and the server a database that is about to
/// restart.
pub(crate) async fn stop_left(state: &StateDir, what: &str, file: &str) {
    let pid_file = state.file(&format!("{what}.pid"));
    let Some(pid) = std::fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse().ok()) else { return };
    if child::is_running(pid, file) {
        child::signal(pid, Signal::TERM);
        if !child::gone(pid, STOP_WITHIN).await {
            child::signal(pid, Signal::KILL);
            child::gone(pid, STOP_WITHIN).await;
        }
    }
    let _ = std::fs::remove_file(pid_file);
}
