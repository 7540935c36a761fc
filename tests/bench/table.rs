//! The table of rows, as printed and as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use crate::workload::Workload;

/// Where others took more of the machine than this, in percent, only CPU and ratios may be quoted.
const DISTURBED: f64 = 20.0;

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

    /// What a line must say about itself.
    fn warning(&self) -> &'static str {
        if self.foreign > DISTURBED { "  disturbed: quote CPU and ratios only" } else { "" }
    }

    fn to_json(&self) -> Value {
        let mut row = json!(self);
        row["clear_core"] = json!(self.clear_core());
        row
    }
}

/// A system with its rounds of one operation.
#[derive(Debug, Clone)]
struct Entry {
    operation: String,
    system: String,
    rounds: Vec<Row>,
}

/// Everything that was measured.
#[derive(Debug, Clone, Default)]
pub struct Table(Vec<Entry>);

/// Names of systems.
pub const OURS: &str = "keystead";
/// What our requests send, in one pipeline.
pub const OUR_ONE: &str = "pgbench 1 round trip, our SQL";
/// The same, statement by statement.
pub const OUR_FOUR: &str = "pgbench statement by statement, our SQL";
/// The same reads without transaction, context and policies.
pub const OUR_BARE: &str = "pgbench without policies, our SQL";
/// What the workload fixes, in one pipeline: ratios are to this row.
pub const PEER_ONE: &str = "pgbench 1 round trip, peers' schema";
/// The same in four round trips.
pub const PEER_FOUR: &str = "pgbench 4 round trips, peers' schema";
/// The same read without transaction, tenant and policies.
pub const PEER_BARE: &str = "pgbench without policies, peers' schema";

impl Table {
    /// Adds a round.
    pub fn add(&mut self, operation: &str, system: &str, row: Row) {
        eprintln!(
            "{operation:<24}{system:<40}{:>8.0}/s  p50 {:.2} p99 {:.2} ms  cpu {:.3} + {:.3} s/1k  errors {}  foreign {:.0} %{}",
            row.per_second,
            row.p50,
            row.p99,
            row.server_cpu,
            row.postgres_cpu,
            row.errors,
            row.foreign,
            row.warning()
        );
        let known = self.0.iter_mut().find(|entry| entry.operation == operation && entry.system == system);
        if let Some(entry) = known {
            entry.rounds.push(row);
            return;
        }
        self.0.push(Entry { operation: operation.to_owned(), system: system.to_owned(), rounds: vec![row] });
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

    /// The same of what clear cores would give.
    fn clear_ratio(&self, operation: &str, system: &str, other: &str) -> Option<f64> {
        Some(self.get(operation, system)?.clear_core() / self.get(operation, other)?.clear_core())
    }

    /// Prints it.
    pub fn print(&self) {
        println!(
            "\n{:<10}{:<40}{:>8}{:>7}{:>7}{:>8}{:>7}{:>7}{:>8}{:>9}{:>9}{:>9}{:>7}{:>7}{:>9}",
            "",
            "",
            "req/s",
            "/1rt",
            "/clear",
            "clear",
            "/our1",
            "/each",
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
            self.print_line(label, entry);
        }
        println!("/1rt: req/s over '{PEER_ONE}'; clear: req/s of clear cores; /clear: that over the same row's");
        println!("/our1, /each: req/s over '{OUR_ONE}' and '{OUR_FOUR}'");
        for workload in Workload::ALL {
            println!("{}  {}", workload.name(), workload.about());
        }
    }

    fn print_line(&self, label: &str, entry: &Entry) {
        let Entry { operation, system, .. } = entry;
        let Some(row) = self.get(operation, system) else {
            println!("{label:<10}{system:<40}{:>8}", "void");
            return;
        };
        let own = |other: &str| number(self.ratio(operation, system, other).filter(|_| sends_ours(system)), 2);
        println!(
            "{label:<10}{system:<40}{:>8.0}{:>7}{:>7}{:>8.0}{:>7}{:>7}{:>8.2}{:>9.2}{:>9.3}{:>9.3}{:>7}{:>7}{:>9.0}{}",
            row.per_second,
            number(self.ratio(operation, system, PEER_ONE), 2),
            number(self.clear_ratio(operation, system, PEER_ONE), 2),
            row.clear_core(),
            own(OUR_ONE),
            own(OUR_FOUR),
            row.p50,
            row.p99,
            row.server_cpu,
            row.postgres_cpu,
            number(row.pss_mib, 0),
            row.errors,
            row.foreign,
            row.warning()
        );
    }

    /// Every round, and the ratios of the one that counts, for the file.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(|entry| self.entry_to_json(entry)).collect()
    }

    fn entry_to_json(&self, entry: &Entry) -> Value {
        let Entry { operation, system, rounds } = entry;
        let ours = |other: &str| self.ratio(operation, system, other).filter(|_| sends_ours(system));
        json!({
            "operation": operation,
            "system": system,
            "rounds": rounds.iter().map(Row::to_json).collect::<Vec<_>>(),
            "clear_core": self.get(operation, system).map(Row::clear_core),
            "ratio": self.ratio(operation, system, PEER_ONE),
            "clear_core_ratio": self.clear_ratio(operation, system, PEER_ONE),
            "ratio_to_our_sql": ours(OUR_ONE),
            "ratio_to_our_sql_each": ours(OUR_FOUR),
        })
    }
}

/// Whether a system sends the statements of our requests: a ratio of any other to them would compare nothing.
fn sends_ours(system: &str) -> bool {
    system.starts_with(OURS) || system.ends_with("our SQL")
}

/// A number with so many digits, or a dash.
pub fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
