//! One request's statements on their way to PostgreSQL and back, by every wire that sea-orm's statements could take. Part
//! `wires` of `make bench` says which statements, and measures what this program and PostgreSQL spend (docs/adr/0001).

mod one_sync;
mod packed;
#[path = "../../../../tenants/core/src/wire/talk.rs"]
mod talk;
mod tokio_wire;
#[path = "../../../../tenants/core/src/wire/watched.rs"]
mod watched;

use std::{
    env, fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use one_sync::OneSync;
use packed::Sqlx;
use serde::{Deserialize, Serialize};
use tokio_wire::{Pace, TokioWire};

/// Not counted: plans are made and sockets grow then.
const WARM: Duration = Duration::from_millis(500);

/// As `tenants/core/src/wire.rs` has it, for [`watched`].
#[derive(Clone, Copy, Debug)]
struct Patience {
    each: Duration,
    all: Duration,
}

/// What to do.
#[derive(Debug, Deserialize)]
struct Task {
    port: u16,
    user: String,
    password: String,
    database: String,
    /// Statements between BEGIN and COMMIT, the context first; taken in turn.
    scripts: Vec<Vec<String>>,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Outcome {
    /// All transactions, the uncounted ones too.
    transactions: usize,
    /// Rows of one round through all scripts.
    rows: usize,
    per_second: f64,
    /// Microseconds, sorted.
    latencies: Vec<u32>,
}

/// A connection.
enum Wire {
    Tokio(TokioWire),
    Sqlx(Sqlx),
    OneSync(OneSync),
}

impl Wire {
    async fn open(way: &str, task: &Task) -> Result<Self> {
        Ok(match way {
            "tokio-each" => Self::Tokio(TokioWire::open(task, Pace::Each).await?),
            "tokio-pipelined" => Self::Tokio(TokioWire::open(task, Pace::Pipelined).await?),
            "tokio-shared-sync" => Self::Tokio(TokioWire::open(task, Pace::SharedSync).await?),
            "sqlx-each" => Self::Sqlx(Sqlx::open(task, false).await?),
            "sqlx-packed" => Self::Sqlx(Sqlx::open(task, true).await?),
            "one-sync" => Self::OneSync(OneSync::open(task).await?),
            other => bail!("there is no way {other}"),
        })
    }

    /// Runs a script in a transaction; how many rows came back.
    async fn transact(&mut self, script: usize) -> Result<usize> {
        match self {
            Self::Tokio(wire) => wire.transact(script).await,
            Self::Sqlx(wire) => wire.transact(script).await,
            Self::OneSync(wire) => wire.transact(script).await,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let [_, task, way, connections, seconds] = &env::args().collect::<Vec<_>>()[..] else {
        bail!("wires TASK WAY CONNECTIONS SECONDS");
    };
    let task: Task = serde_json::from_slice(&fs::read(task).context("the task")?)?;
    let mut wires = Vec::new();
    for _ in 0..connections.parse()? {
        wires.push(Wire::open(way, &task).await?);
    }
    let mut rows = 0;
    for script in 0..task.scripts.len() {
        for (index, wire) in wires.iter_mut().enumerate() {
            let found = wire.transact(script).await?;
            rows += if index == 0 { found } else { 0 };
        }
    }
    let (begun, lasts) = (Instant::now(), Duration::from_secs(seconds.parse()?));
    let scripts = task.scripts.len();
    let loads = wires.iter_mut().enumerate().map(|(index, wire)| load(wire, (index, scripts), begun, lasts + WARM));
    let done = futures::future::try_join_all(loads).await?;
    let transactions = done.iter().map(|one| one.0).sum();
    let mut latencies: Vec<u32> = done.into_iter().flat_map(|one| one.1).collect();
    latencies.sort_unstable();
    let per_second = latencies.len() as f64 / lasts.as_secs_f64();
    println!("{}", serde_json::to_string(&Outcome { transactions, rows, per_second, latencies })?);
    Ok(())
}

/// One connection's transactions, one after the other, and the latencies of those that count.
async fn load(
    wire: &mut Wire,
    (first, scripts): (usize, usize),
    begun: Instant,
    lasts: Duration,
) -> Result<(usize, Vec<u32>)> {
    let (mut transactions, mut latencies) = (0, Vec::new());
    while begun.elapsed() < lasts {
        let sent = Instant::now();
        wire.transact((first + transactions) % scripts).await?;
        transactions += 1;
        if begun.elapsed() >= WARM {
            latencies.push(u32::try_from(sent.elapsed().as_micros())?);
        }
    }
    Ok((transactions, latencies))
}
