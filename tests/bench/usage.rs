//! What a measurement costs: CPU of the server, of PostgreSQL and of everybody else, and memory, read from `/proc`.

use std::{collections::HashMap, fs, time::Instant};

/// Linux counts CPU in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// Who is watched.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// The server, with its children; none where a client of the database is measured.
    pub server: Option<u32>,
    /// PostgreSQL's first process.
    pub postmaster: u32,
}

/// A reading of the clocks.
#[derive(Debug)]
pub struct Reading {
    server: f64,
    postgres: f64,
    own: f64,
    children: f64,
    busy: f64,
    sessions: usize,
    at: Instant,
}

/// CPU between two readings, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// By the server, or by the client where there is no server.
    pub server: f64,
    /// By PostgreSQL.
    pub postgres: f64,
    /// Share of the machine that others took, in percent.
    pub foreign: f64,
}

impl Meter {
    /// Reads the clocks.
    pub fn read(&self) -> Reading {
        let own = times(std::process::id()).unwrap_or_default();
        Reading {
            server: self.server.map_or(0.0, cpu),
            postgres: cpu(self.postmaster),
            own: own.own,
            children: own.children,
            busy: busy(),
            sessions: family(self.postmaster).len(),
            at: Instant::now(),
        }
    }

    /// Waits until PostgreSQL has buried the sessions that have ended since `then`: while it does, their time counts nowhere.
    pub fn buried(&self, then: &Reading) {
        let deadline = Instant::now() + std::time::Duration::from_secs(2);
        while family(self.postmaster).len() > then.sessions && Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// What was spent since.
    pub fn since(&self, then: &Reading) -> Spent {
        let now = self.read();
        let (server, postgres) = (now.server - then.server, now.postgres - then.postgres);
        let children = now.children - then.children;
        let known = server + postgres + (now.own - then.own) + children;
        let cores = std::thread::available_parallelism().map_or(1, usize::from).max(cores()) as f64;
        let machine = now.at.duration_since(then.at).as_secs_f64() * cores;
        Spent {
            server: if self.server.is_some() { server } else { children },
            postgres,
            foreign: ((now.busy - then.busy - known) / machine * 100.0).max(0.0),
        }
    }
}

/// Memory of a process and its children in MiB; what they share is counted once (Pss).
pub fn pss_mib(root: u32) -> f64 {
    let of_one = |process: &u32| {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok()
    };
    tree(root).keys().filter_map(of_one).sum::<f64>() / 1024.0
}

/// Every process under a root.
pub fn family(root: u32) -> Vec<u32> {
    tree(root).into_keys().collect()
}

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    parent: u32,
    own: f64,
    children: f64,
}

fn times(process: u32) -> Option<Times> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |first: usize| Some((number(&fields, first)? + number(&fields, first + 1)?) / TICKS_PER_SECOND);
    Some(Times { parent: fields.get(1)?.parse().ok()?, own: seconds(11)?, children: seconds(13)? })
}

fn number(fields: &[&str], index: usize) -> Option<f64> {
    fields.get(index)?.parse().ok()
}

/// Time of every living process, and of those that the root has buried.
fn cpu(root: u32) -> f64 {
    let tree = tree(root);
    tree.values().map(|times| times.own).sum::<f64>() + tree.get(&root).map_or(0.0, |times| times.children)
}

fn tree(root: u32) -> HashMap<u32, Times> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: HashMap<u32, Times> = processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, times(process)?)))
        .collect();
    let (mut found, mut next) = (HashMap::new(), vec![root]);
    while let Some(process) = next.pop() {
        if let Some(times) = all.get(&process) {
            found.insert(process, *times);
        }
        next.extend(all.iter().filter(|(_, times)| times.parent == process).map(|(child, _)| *child));
    }
    found
}

fn busy() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<f64> =
        text.lines().next().unwrap_or_default().split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let idle: f64 = fields.iter().skip(3).take(2).sum();
    (fields.iter().take(8).sum::<f64>() - idle) / TICKS_PER_SECOND
}

/// All cores of the machine, also those that this process may not use.
fn cores() -> usize {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    text.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count()
}
