//! The table and the JSON.

use serde_json::{Value, json};

use crate::load::Run;

/// What was measured so far.
pub struct Report {
    rows: Vec<Value>,
    figures: Vec<Value>,
    seconds: u64,
    rounds: usize,
}

impl Report {
    pub fn new(seconds: u64, rounds: usize) -> Self {
        Self { rows: Vec::new(), figures: Vec::new(), seconds, rounds }
    }

    /// A workload's medians.
    pub fn workload(
        &mut self,
        name: &str,
        mut api: Vec<Run>,
        one: Vec<Option<f64>>,
        four: Vec<Option<f64>>,
        alone: &Run,
    ) {
        api.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        let run = &api[api.len() / 2];
        let (one, four) = (median(one), median(four));
        let ratio = |base: Option<f64>| base.map(|base| run.per_second / base);
        self.rows.push(json!({
            "workload": name, "api_per_second": run.per_second, "pgbench_1rt": one, "pgbench_4rt": four,
            "ratio_1rt": ratio(one), "ratio_4rt": ratio(four), "p50_ms": run.percentile(50), "p99_ms": run.percentile(99),
            "alone_p50_ms": alone.percentile(50), "alone_p99_ms": alone.percentile(99),
        }));
    }

    /// A single figure.
    pub fn figure(&mut self, name: &str, value: f64, unit: &str) {
        self.figures.push(json!({ "figure": name, "value": value, "unit": unit }));
    }

    /// Prints the table and writes the JSON.
    pub fn finish(self) -> anyhow::Result<()> {
        println!(
            "\n{:<22}{:>10}{:>12}{:>12}{:>8}{:>8}{:>9}{:>9}{:>11}",
            "32 connections",
            "API req/s",
            "pgbench 1rt",
            "pgbench 4rt",
            "/1rt",
            "/4rt",
            "p50 ms",
            "p99 ms",
            "1 conn p50"
        );
        for row in &self.rows {
            let number = |field: &str, digits: usize| {
                row[field].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
            };
            println!(
                "{:<22}{:>10}{:>12}{:>12}{:>8}{:>8}{:>9}{:>9}{:>11}",
                row["workload"].as_str().unwrap_or_default(),
                number("api_per_second", 0),
                number("pgbench_1rt", 0),
                number("pgbench_4rt", 0),
                number("ratio_1rt", 2),
                number("ratio_4rt", 2),
                number("p50_ms", 2),
                number("p99_ms", 2),
                number("alone_p50_ms", 2)
            );
        }
        println!();
        for figure in &self.figures {
            println!(
                "{:<58}{:>12.2} {}",
                figure["figure"].as_str().unwrap_or_default(),
                figure["value"].as_f64().unwrap_or(f64::NAN),
                figure["unit"].as_str().unwrap_or_default()
            );
        }
        let path = std::env::current_exe()?.with_file_name("../bench.json");
        let all =
            json!({ "seconds": self.seconds, "rounds": self.rounds, "workloads": self.rows, "figures": self.figures });
        std::fs::write(&path, serde_json::to_string_pretty(&all)?)?;
        println!("\nwritten to {} ({} rounds of {} s, medians)", path.display(), self.rounds, self.seconds);
        Ok(())
    }
}

fn median(mut values: Vec<Option<f64>>) -> Option<f64> {
    values.sort_by(|a, b| a.unwrap_or_default().total_cmp(&b.unwrap_or_default()));
    values.get(values.len() / 2).copied().flatten()
}
