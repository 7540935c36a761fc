//! What a run can be told through the environment.

use std::{path::PathBuf, str::FromStr};

use crate::workload::Workload;

/// Seconds that a measurement takes at most.
pub const LONGEST: u64 = 10;

/// The knobs of a run.
#[derive(Debug, Clone)]
pub struct Knobs {
    /// `BENCH_SECONDS`: how long one measurement takes after its warming up, 10 at most.
    pub seconds: u64,
    /// `BENCH_ROUNDS`: how often each is taken. Of a row, the round that spent the least CPU on a request counts; of any other
    /// figure, the median.
    pub rounds: usize,
    /// `BENCH_TENANTS`: tenants to seed; each has 5 projects, 500 homes, 2,000 contacts and 300 contracts.
    pub tenants: usize,
    /// `BENCH_PARTS`: what to measure; all of it unless named.
    parts: Option<Vec<String>>,
    /// `BENCH_WORKLOADS`: the operations to measure, as `W1 W4`; all of them unless named.
    pub workloads: Vec<Workload>,
    /// `BENCH_BASELINE`: what an earlier run wrote; the run fails where a ratio of W1 or W4 is 15 % worse than there.
    pub baseline: Option<PathBuf>,
    /// `BENCH_RIG`: the folder of the peers and of the schema and SQL that the workload fixes. They are left out where it is absent.
    pub rig: Option<PathBuf>,
    /// `BENCH_WIRES`: the program that part `wires` runs; the part is left out where it is not told.
    pub wires: Option<PathBuf>,
    /// `BENCH_HOLD`: a program that runs its arguments when nobody else uses the machine.
    pub hold: Option<String>,
}

impl Knobs {
    /// Reads the environment.
    pub fn from_env() -> Self {
        let rig = PathBuf::from(text("BENCH_RIG").unwrap_or_else(|| "../shared/bench".to_owned()));
        let workloads = text("BENCH_WORKLOADS");
        let is_named = |workload: &Workload| {
            let mut names = workloads.as_deref().unwrap_or(workload.name()).split_whitespace();
            names.any(|name| name.eq_ignore_ascii_case(workload.name()))
        };
        Self {
            seconds: number("BENCH_SECONDS", 4).clamp(1, LONGEST),
            rounds: number("BENCH_ROUNDS", 1).max(1),
            tenants: number("BENCH_TENANTS", 200).max(1),
            parts: text("BENCH_PARTS").map(|parts| parts.split_whitespace().map(str::to_owned).collect()),
            workloads: Workload::ALL.into_iter().filter(is_named).collect(),
            baseline: text("BENCH_BASELINE").map(PathBuf::from),
            rig: rig.join("run.sh").exists().then_some(rig),
            wires: text("BENCH_WIRES").map(PathBuf::from),
            hold: text("BENCH_HOLD"),
        }
    }

    /// Whether a part is asked for.
    pub fn wants(&self, part: &str) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.iter().any(|wanted| wanted == part))
    }
}

fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn number<T: FromStr>(name: &str, otherwise: T) -> T {
    text(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
