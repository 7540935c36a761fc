//! An earlier run to compare with: no change that makes W1 or W4 slower is to pass unnoticed.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{bench::Bench, table::OURS, workload::Workload};

/// What is compared: the ratios to pgbench on the schema that the workload fixes, of requests a second and of what the CPU of a
/// request allows. A ratio to pgbench on our own SQL would fall when that SQL gets better.
const RATIOS: [&str; 2] = ["ratio", "clear_core_ratio"];

/// What must be left of a ratio.
const LEFT: f64 = 0.85;

/// The rows of an earlier run; none where `BENCH_BASELINE` names no file.
pub struct Baseline(Option<Value>);

impl Baseline {
    /// Reads them. Before the run, which may write to the same file.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let rows = |file: &Path| {
            let text = fs::read(file).with_context(|| file.display().to_string())?;
            let mut run: Value = serde_json::from_slice(&text)?;
            anyhow::Ok(run["rows"].take())
        };
        Ok(Self(file.map(rows).transpose()?))
    }

    /// Compares a run that is over.
    pub fn check(&self, bench: &Bench) -> anyhow::Result<()> {
        let Some(before) = &self.0 else { return Ok(()) };
        let (now, mut fallen) = (bench.table.to_json(), Vec::new());
        for workload in [Workload::W1, Workload::W4].into_iter().filter(|one| bench.knobs.workloads.contains(one)) {
            for name in RATIOS {
                let (was, is) = (ratio(before, workload, name)?, ratio(&now, workload, name)?);
                println!("{} {name}: {was:.3} before, {is:.3} now", workload.name());
                if is < was * LEFT {
                    fallen.push(format!("{} {name} fell from {was:.3} to {is:.3}", workload.name()));
                }
            }
        }
        ensure!(fallen.is_empty(), "worse than BENCH_BASELINE: {}", fallen.join(", "));
        Ok(())
    }
}

/// A ratio of our row. What is missing in either run must not count as level.
fn ratio(rows: &Value, workload: Workload, name: &str) -> anyhow::Result<f64> {
    let ours = |row: &&Value| row["operation"] == workload.name() && row["system"] == OURS;
    let row = rows.as_array().and_then(|rows| rows.iter().find(ours));
    row.and_then(|row| row[name].as_f64())
        .with_context(|| format!("no {name} of {}: both runs need workloads, pgbench and BENCH_RIG", workload.name()))
}
