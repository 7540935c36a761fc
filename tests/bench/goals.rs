//! The goals of the workload (v1): what each must reach, what would be better, and what was measured.

use std::{fs, path::Path};

use keystead_proofs::Proof;
use serde::Serialize;
use serde_json::json;

use crate::{
    table::{OURS, PG_FOUR, PG_ONE, Table, number},
    workload::Workload,
};

/// Whether more or less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// At least the threshold.
    More,
    /// At most the threshold.
    Less,
}

/// A goal with its value.
#[derive(Debug, Clone, Serialize)]
pub struct Goal {
    name: String,
    about: String,
    better: Better,
    must: f64,
    stretch: f64,
    value: Option<f64>,
    /// Why there is no value.
    note: &'static str,
}

impl Goal {
    fn holds(&self, threshold: f64) -> bool {
        self.value.is_some_and(|value| match self.better {
            Better::More => value >= threshold,
            Better::Less => value <= threshold,
        })
    }

    fn verdict(&self) -> &'static str {
        if self.value.is_none() {
            "-"
        } else if self.holds(self.stretch) {
            "met (stretch)"
        } else if self.holds(self.must) {
            "met (must)"
        } else {
            "MISSED"
        }
    }
}

/// Figures that are no rows of the table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures(Vec<Figure>);

#[derive(Debug, Clone, Serialize)]
struct Figure {
    figure: String,
    value: f64,
    unit: &'static str,
}

impl Figures {
    /// Adds one.
    pub fn add(&mut self, figure: &str, value: f64, unit: &'static str) {
        eprintln!("{figure}: {value:.2} {unit}");
        self.0.push(Figure { figure: figure.to_owned(), value, unit });
    }

    fn get(&self, figure: &str) -> Option<f64> {
        self.0.iter().find(|known| known.figure == figure).map(|known| known.value)
    }
}

/// The goals under way.
struct Goals<'t> {
    table: &'t Table,
    figures: &'t Figures,
    all: Vec<Goal>,
}

impl Goals<'_> {
    fn push(&mut self, name: &str, about: &str, better: Better, (must, stretch): (f64, f64), value: Option<f64>) {
        let (name, about) = (name.to_owned(), about.to_owned());
        self.all.push(Goal { name, about, better, must, stretch, value, note: "not measured in this run" });
    }

    fn missing(&mut self, name: &str, about: &str, better: Better, thresholds: (f64, f64), note: &'static str) {
        self.push(name, about, better, thresholds, None);
        self.all.iter_mut().rev().take(1).for_each(|goal| goal.note = note);
    }

    /// Ours over every peer that ran: how often as many requests, and what part of the CPU.
    fn against(&mut self, name: &str, peer: &str, rates: [(f64, f64); 5], cpu: (f64, f64)) {
        for (workload, thresholds) in Workload::ALL.into_iter().zip(rates) {
            let times = self.table.ratio(workload.name(), OURS, peer);
            self.push(name, &format!("{} req/s, times {peer}", workload.name()), Better::More, thresholds, times);
            let ours = self.table.get(workload.name(), OURS).map(|row| row.server_cpu);
            let theirs = self.table.get(workload.name(), peer).map(|row| row.server_cpu);
            let part = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
            let about = format!("{} server CPU, {peer} over ours", workload.name());
            self.push(name, &about, Better::More, cpu, part);
        }
    }

    /// The least of a field over the peers.
    fn best_peer(&self, operation: &str, field: impl Fn(&crate::table::Row) -> Option<f64>) -> Option<f64> {
        let peers =
            self.table.systems(operation).filter(|system| !system.starts_with(OURS) && !system.starts_with("pgbench"));
        peers.filter_map(|peer| field(self.table.get(operation, peer)?)).min_by(f64::total_cmp)
    }
}

/// The goals of a run.
pub fn goals(table: &Table, figures: &Figures) -> Vec<Goal> {
    use Better::{Less, More};
    let mut goals = Goals { table, figures, all: Vec::new() };
    let one = |workload: Workload| table.ratio(workload.name(), OURS, PG_ONE);
    goals.push("G1", "W1 / pgbench 1 round trip", More, (0.5, 0.7), one(Workload::W1));
    goals.push("G2", "W1 / pgbench statement by statement", More, (1.0, 1.4), table.ratio("W1", OURS, PG_FOUR));
    for workload in [Workload::W2, Workload::W3, Workload::W4, Workload::W5] {
        goals.push("G3", &format!("{} / pgbench 1 round trip", workload.name()), More, (0.5, 0.65), one(workload));
    }
    let (reads, writes) = ((8.0, 12.0), (4.5, 6.0));
    goals.against("G4", "postgraphile", [reads, reads, reads, writes, writes], (12.0, 20.0));
    let (all, creates) = ((10.0, 15.0), (8.0, 15.0));
    goals.against("G5", "fastapi-sqlalchemy", [all, all, all, creates, all], (18.0, 30.0));
    goals.against("G6", "fastapi-asyncpg", [(5.0, 8.0); 5], (10.0, 16.0));
    goals.push("G7", "W1, token cache off / pgbench 1 round trip", More, (0.3, 0.4), uncached(table));
    let postgres = |system: &str| table.get("W1", system).map(|row| row.postgres_cpu);
    let more = postgres(OURS).zip(postgres(PG_ONE)).map(|(ours, limit)| ours / limit);
    goals.push("G8", "W1 Postgres CPU, ours / pgbench 1 round trip", Less, (1.4, 1.2), more);
    tails(&mut goals);
    single(&mut goals);
    logins(&mut goals);
    goals.push("G14", "25 members invited at once / one W4, time", Less, (3.0, 2.0), figures.get(BATCH));
    goals.missing("G15", "realtime, commit to last frame of 500, p99 ms", Less, (25.0, 10.0), "not built yet");
    limiter(&mut goals);
    goals.push("G20", "W1 with policies / the same SELECTs without", More, (0.6, 0.75), figures.get(RLS_OURS));
    goals.push("G20", "the same, peers' schema (reference)", More, (0.6, 0.75), figures.get(RLS_PEERS));
    goals.all
}

/// Names of figures that goals read.
pub const RLS_OURS: &str = "W1 under policies / without, pgbench";
/// For the peers' schema.
pub const RLS_PEERS: &str = "W1 under policies / without, pgbench, peers' schema";
/// From start to the first 200.
pub const START: &str = "start to first 200";
/// While the mix runs.
pub const LOGIN_P99: &str = "login p99 at half the argon2 capacity, W5 running";
/// With logins over without.
pub const MIX_RISE: &str = "W5 p99 with logins / without";
/// Of a burst of 10,000 by one member.
pub const ADMITTED: &str = "admitted of a burst of 10,000 at 100 a minute";
/// Refusals a second.
pub const REFUSALS: &str = "refusals a second / W1 req/s";
/// Operation of W1 over one connection.
pub const ALONE: &str = "W1 x1";
/// 25 people invited in one request over one contact.
pub const BATCH: &str = "25 invitations at once / one W4";
/// W1 while every token is verified.
pub const UNCACHED: &str = "keystead, token cache off";

fn uncached(table: &Table) -> Option<f64> {
    table.ratio("W1", UNCACHED, PG_ONE)
}

fn tails(goals: &mut Goals) {
    for workload in Workload::ALL {
        let name = workload.name();
        let ours = goals.table.get(name, OURS);
        let spread = ours.map(|row| row.p99 / row.p50);
        goals.push("G9", &format!("{name} p99 / p50"), Better::Less, (3.0, 2.0), spread);
        let best = goals.best_peer(name, |row| Some(row.p99));
        let part = ours.zip(best).map(|(ours, best)| best / ours.p99);
        goals.push("G9", &format!("{name} best peer's p99 / ours"), Better::More, (5.0, 8.0), part);
    }
}

fn single(goals: &mut Goals) {
    let alone = goals.table.get(ALONE, OURS);
    let (p50, p99) = (alone.map(|row| row.p50), alone.map(|row| row.p99));
    goals.push("G10", "one connection, W1, p50 ms", Better::Less, (0.4, 0.3), p50);
    goals.push("G10", "one connection, W1, p99 ms", Better::Less, (1.5, 1.0), p99);
    let best = goals.best_peer(ALONE, |row| Some(row.p50));
    let times = best.zip(p50).map(|(best, ours)| best / ours);
    goals.push("G10", "one connection, best peer's p50 / ours", Better::More, (2.5, 3.5), times);
    let memory = goals.table.get("W5", OURS).and_then(|row| row.pss_mib);
    goals.push("G11", "memory under W5, Pss MiB", Better::Less, (30.0, 20.0), memory);
    let smallest = goals.best_peer("W5", |row| row.pss_mib);
    let part = memory.zip(smallest).map(|(ours, smallest)| smallest / ours);
    goals.push("G11", "memory, smallest peer / ours", Better::More, (2.0, 2.0), part);
    goals.push("G12", "start to first 200, ms", Better::Less, (300.0, 100.0), goals.figures.get(START));
}

fn logins(goals: &mut Goals) {
    let (p99, rise) = (goals.figures.get(LOGIN_P99), goals.figures.get(MIX_RISE));
    goals.push("G13", "login p99 at half capacity, W5 running, ms", Better::Less, (100.0, 80.0), p99);
    goals.push("G13", "W5 p99 with logins / without", Better::Less, (1.5, 1.2), rise);
}

fn limiter(goals: &mut Goals) {
    let admitted = goals.figures.get(ADMITTED).map(|admitted| (admitted - 100.0).abs());
    goals.push("G16", "admitted of 10,000, away from 100", Better::Less, (1.0, 1.0), admitted);
    goals.push("G16", "refusals a second / W1 req/s", Better::More, (2.0, 4.0), goals.figures.get(REFUSALS));
}

/// Prints the goals, hands them to `make prove`, and writes the file.
pub fn report(table: &Table, figures: &Figures, file: &Path) -> anyhow::Result<()> {
    let goals = goals(table, figures);
    table.print();
    println!();
    for Figure { figure, value, unit } in &figures.0 {
        println!("{figure:<58}{value:>12.2} {unit}");
    }
    println!("\n{:<5}{:<52}{:>10}{:>9}{:>9}  verdict", "goal", "", "value", "must", "stretch");
    for goal in &goals {
        let sign = if goal.better == Better::More { "≥" } else { "≤" };
        let (must, stretch) = (format!("{sign}{}", goal.must), format!("{sign}{}", goal.stretch));
        let note = if goal.value.is_none() { goal.note } else { goal.verdict() };
        println!("{:<5}{:<52}{:>10}{must:>9}{stretch:>9}  {note}", goal.name, goal.about, number(goal.value, 2));
    }
    let judged: Vec<_> = goals.iter().map(|goal| json!({ "goal": goal, "verdict": goal.verdict() })).collect();
    let all = json!({ "rows": table.to_json(), "figures": figures, "goals": judged });
    fs::write(file, serde_json::to_string_pretty(&all)?)?;
    println!("\nwritten to {}", file.display());
    if std::env::var_os(keystead_proofs::LOG).is_some() {
        prove(&goals);
    }
    Ok(())
}

/// The issue asks for the stretch: what misses it fails the proof, and says so.
fn prove(goals: &[Goal]) {
    let proof = Proof::of("speed");
    for goal in goals {
        let Some(value) = goal.value else { continue };
        let figure = format!("{} {}", goal.name, goal.about).replace([' ', ',', '/'], "-").replace("--", "-");
        match goal.better {
            Better::More => proof.at_least(&figure, value, goal.stretch),
            Better::Less => proof.at_most(&figure, value, goal.stretch),
        }
    }
}
