//! The machine: who runs on which core, and the wish to be alone on it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::available_parallelism,
};

use anyhow::Context as _;

/// Cores as the rules of the workload share them out: the server alone on one, PostgreSQL and the client on the other.
#[derive(Debug, Clone)]
pub struct Cores {
    server: Option<&'static str>,
    rest: Option<&'static str>,
}

impl Cores {
    /// Two cores of this machine; none where there are not two, or no `taskset`.
    pub fn choose() -> Self {
        let two = available_parallelism().is_ok_and(|cores| cores.get() >= 2);
        let taskset = ["/usr/bin/taskset", "/bin/taskset"].iter().any(|path| Path::new(path).exists());
        if two && taskset {
            Self { server: Some("1"), rest: Some("0") }
        } else {
            eprintln!("not pinned: that takes two cores and `taskset`");
            Self { server: None, rest: None }
        }
    }

    /// A program on the server's core.
    pub fn for_server(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        let Some(core) = self.server else { return Command::new(program) };
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(program);
        command
    }

    /// Moves processes with all their threads to the core of PostgreSQL and the client.
    pub fn keep_off(&self, processes: impl IntoIterator<Item = u32>) {
        let Some(core) = self.rest else { return };
        for process in processes {
            let _ = Command::new("taskset").args(["-a", "-c", "-p", core, &process.to_string()]).output();
        }
    }
}

/// Holds the machine for as long as it lives, by the program that `BENCH_HOLD` names.
pub struct Hold(Option<Child>);

impl Hold {
    /// Waits for the machine.
    pub fn wait(program: Option<&str>) -> anyhow::Result<Self> {
        let Some(program) = program else { return Ok(Self(None)) };
        let mut child = Command::new(program)
            .args(["sh", "-c", "echo held; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let stdout = child.stdout.take().context("a pipe")?;
        BufReader::new(stdout).read_line(&mut String::new())?;
        Ok(Self(Some(child)))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // The end of its input ends it.
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}
