//! What a run can be told through the environment.

use std::{path::PathBuf, str::FromStr};

/// The knobs of a run.
#[derive(Debug, Clone)]
pub struct Knobs {
    /// `BENCH_SECONDS`: how long one measurement takes, 10 at most.
    pub seconds: u64,
    /// `BENCH_ROUNDS`: how often each is taken; the round that spent the least CPU on a request counts.
    pub rounds: usize,
    /// `BENCH_TENANTS`: tenants to seed; each has 5 projects, 500 homes, 2,000 contacts and 300 contracts.
    pub tenants: usize,
    /// `BENCH_PARTS`: what to measure; all of it unless named.
    parts: Option<Vec<String>>,
    /// `BENCH_RIG`: the folder of the peers. They are left out where it is absent.
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
        Self {
            seconds: number("BENCH_SECONDS", 4).clamp(1, 10),
            rounds: number("BENCH_ROUNDS", 1).max(1),
            tenants: number("BENCH_TENANTS", 200).max(1),
            parts: text("BENCH_PARTS").map(|parts| parts.split_whitespace().map(str::to_owned).collect()),
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
