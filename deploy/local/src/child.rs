//! Child processes and the traces that dead launchers leave.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

/// Sends a signal to a process; a process that is gone is not an error.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// Whether a process with this id exists.
#[must_use]
pub fn exists(pid: u32) -> bool {
    raw(pid).is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH)) && !is_zombie(pid)
}

/// Whether a process exists and its command line contains `words`: ids are reused, so an id alone proves nothing.
#[must_use]
pub fn is_running(pid: u32, words: &str) -> bool {
    exists(pid) && command_line(pid).is_some_and(|line| line.contains(words))
}

/// Waits until a process is gone; false when it is still there after `patience`.
pub async fn gone(pid: u32, patience: Duration) -> bool {
    let wait = async {
        while exists(pid) {
            sleep(Duration::from_millis(25)).await;
        }
    };
    timeout(patience, wait).await.is_ok()
}

/// Asks a child to end with `first`, and kills it when it has not within `patience`.
pub async fn end(child: &mut Child, first: Signal, patience: Duration) {
    if let Some(pid) = child.id() {
        signal(pid, first);
        if timeout(patience, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

/// The last lines of a log, for an error message.
#[must_use]
pub fn log_tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(8 << 10)..]).into_owned();
    let lines: Vec<_> = text.lines().rev().take(12).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// A child whose parent has not collected it yet counts as gone.
fn is_zombie(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}

/// From `/proc` where it exists, else from `ps`.
fn command_line(pid: u32) -> Option<String> {
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        return Some(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    let listed = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    Some(String::from_utf8_lossy(&listed.stdout).into_owned())
}
