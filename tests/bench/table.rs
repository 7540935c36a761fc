//! The table of rows, as printed and as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use crate::workload::Workload;

/// One measurement of one system.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Answers or transactions a second.
    pub per_second: f64,
    /// Median latency in ms.
    pub p50: f64,
    /// In ms.
    pub p99: f64,
    /// CPU seconds of the server (or of the client, for pgbench) per 1,000 requests.
    pub server_cpu: f64,
    /// CPU seconds of PostgreSQL per 1,000 requests.
    pub postgres_cpu: f64,
    /// Memory of the server in MiB, at the end of the load.
    pub pss_mib: Option<f64>,
    /// Answers that were not success: any voids the row.
    pub errors: u64,
    /// Share of the machine that others took, in percent.
    pub foreign: f64,
}

impl Row {
    /// What one core for the server and one for PostgreSQL would give: it survives a noisy machine.
    pub fn clear_core(&self) -> f64 {
        1000.0 / self.server_cpu.max(self.postgres_cpu).max(1e-9)
    }
}

/// A system with its rounds of one operation.
#[derive(Debug, Clone)]
struct Entry {
    operation: String,
    system: String,
    /// The system that this one is divided by.
    one: &'static str,
    four: &'static str,
    rounds: Vec<Row>,
}

/// Everything that was measured.
#[derive(Debug, Clone, Default)]
pub struct Table(Vec<Entry>);

/// Names of systems.
pub const OURS: &str = "keystead";
/// Our SQL in one pipeline.
pub const PG_ONE: &str = "pgbench 1 round trip";
/// Our SQL, statement by statement.
pub const PG_FOUR: &str = "pgbench statement by statement";
/// The peers' SQL in one pipeline.
pub const PEER_ONE: &str = "pgbench 1 round trip, peers' schema";

impl Table {
    /// Adds a round.
    pub fn add(&mut self, operation: &str, system: &str, row: Row) {
        eprintln!(
            "{operation:<24}{system:<40}{:>8.0}/s  p50 {:.2} p99 {:.2} ms  cpu {:.3} + {:.3} s/1k  errors {}  foreign {:.0} %",
            row.per_second, row.p50, row.p99, row.server_cpu, row.postgres_cpu, row.errors, row.foreign
        );
        let known = self.0.iter_mut().find(|entry| entry.operation == operation && entry.system == system);
        if let Some(entry) = known {
            entry.rounds.push(row);
            return;
        }
        let is_peer = system.contains("peers'") || !(system.starts_with(OURS) || system.starts_with("pgbench"));
        let (one, four) = if is_peer { (PEER_ONE, "") } else { (PG_ONE, PG_FOUR) };
        self.0.push(Entry { operation: operation.to_owned(), system: system.to_owned(), one, four, rounds: vec![row] });
    }

    /// The round that spent the least CPU on a request: foreign load only ever adds. None where a row is void.
    pub fn get(&self, operation: &str, system: &str) -> Option<&Row> {
        let entry = self.0.iter().find(|entry| entry.operation == operation && entry.system == system)?;
        let cost = |row: &&Row| row.server_cpu + row.postgres_cpu;
        let best = entry.rounds.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
        entry.rounds.iter().all(|row| row.errors == 0).then_some(best)
    }

    /// Rows that count for nothing, because an answer was not success.
    pub fn void(&self) -> Vec<String> {
        let void = self.0.iter().filter(|entry| entry.rounds.iter().any(|row| row.errors > 0));
        void.map(|entry| format!("{} of {}", entry.operation, entry.system)).collect()
    }

    /// Systems that an operation was measured with.
    pub fn systems(&self, operation: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |entry| entry.operation == operation).map(|entry| entry.system.as_str())
    }

    /// `system / other` in requests a second.
    pub fn ratio(&self, operation: &str, system: &str, other: &str) -> Option<f64> {
        Some(self.get(operation, system)?.per_second / self.get(operation, other)?.per_second)
    }

    /// Prints it.
    pub fn print(&self) {
        println!(
            "\n{:<10}{:<40}{:>8}{:>7}{:>7}{:>8}{:>8}{:>9}{:>9}{:>9}{:>7}{:>7}{:>9}",
            "",
            "",
            "req/s",
            "/1rt",
            "/each",
            "clear",
            "p50 ms",
            "p99 ms",
            "srv s/1k",
            "pg s/1k",
            "MiB",
            "errors",
            "foreign%"
        );
        let mut last = "";
        for entry in &self.0 {
            let label = if entry.operation == last { "" } else { &entry.operation };
            last = &entry.operation;
            let Some(row) = self.get(&entry.operation, &entry.system) else {
                println!("{label:<10}{:<40}{:>8}", entry.system, "void");
                continue;
            };
            let ratio = |other: &str| number(self.ratio(&entry.operation, &entry.system, other), 2);
            println!(
                "{label:<10}{:<40}{:>8.0}{:>7}{:>7}{:>8.0}{:>8.2}{:>9.2}{:>9.3}{:>9.3}{:>7}{:>7}{:>9.0}",
                entry.system,
                row.per_second,
                ratio(entry.one),
                ratio(entry.four),
                row.clear_core(),
                row.p50,
                row.p99,
                row.server_cpu,
                row.postgres_cpu,
                number(row.pss_mib, 0),
                row.errors,
                row.foreign
            );
        }
        for workload in Workload::ALL {
            println!("{}  {}", workload.name(), workload.about());
        }
    }

    /// Every round, for the file.
    pub fn to_json(&self) -> Value {
        let entry =
            |entry: &Entry| json!({ "operation": entry.operation, "system": entry.system, "rounds": entry.rounds });
        self.0.iter().map(entry).collect()
    }
}

/// A number with so many digits, or a dash.
pub fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
