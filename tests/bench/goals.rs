//! The goals of the workload (v1): what each must reach, what would be better, and what was measured.

use std::{fs, path::Path};

use keystead_proofs::Proof;
use serde::Serialize;
use serde_json::json;

use crate::{
    bench::Bench,
    table::{OUR_FOUR, OUR_ONE, OURS, PEER_FOUR, PEER_ONE, Row, number},
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
    /// Why there is no value, where there is none.
    note: String,
    /// Whether the value decides; if not, it is there to be compared with one that does.
    judged: bool,
}

/// Goals of what the product does not have yet: nothing of them can be measured.
const NOT_BUILT: [&str; 1] = ["G15"];

/// What a goal is measured with: a part of the run, or what this machine may lack.
#[derive(Debug, Clone, Copy)]
enum Need {
    Workloads,
    Pressure,
    Peers,
    Pgbench,
    /// The schema and SQL that the workload fixes.
    Fixed,
}

/// For goals of our rows alone.
const OURS_ALONE: &[Need] = &[Need::Workloads];
/// For goals of our rows over the peers'.
const OVER_PEERS: &[Need] = &[Need::Workloads, Need::Peers];
/// For goals of what happens under pressure.
const PRESSED: &[Need] = &[Need::Pressure];

impl Need {
    /// Why a run was without it, if it was.
    fn lacked_by(self, bench: &Bench) -> Option<String> {
        let part = |name: &str| (!bench.knobs.wants(name)).then(|| format!("BENCH_PARTS leaves out {name}"));
        let absent = |is_absent: bool, why: &str| is_absent.then(|| why.to_owned());
        match self {
            Self::Workloads => part("workloads"),
            Self::Pressure => part("pressure"),
            Self::Peers => {
                part("peers").or_else(|| absent(bench.knobs.rig.is_none(), "BENCH_RIG names no folder with the peers"))
            }
            Self::Pgbench => absent(bench.pgbench.is_none(), "there is no pgbench on this machine"),
            Self::Fixed => absent(bench.knobs.rig.is_none(), "BENCH_RIG names no folder with the workload's schema"),
        }
    }
}

/// Rows of pgbench that ours are divided by.
struct Limit {
    /// Whose statements it sends.
    sql: &'static str,
    one: &'static str,
    each: &'static str,
    /// The figure of what policies cost its statements.
    tax: &'static str,
    judged: bool,
    needs: &'static [Need],
}

/// What the goals mean by pgbench. The workload fixes schema and data, and its rows of pgbench, from which the thresholds were
/// reckoned, are those of its own scripts as `crm_app`: for W1 the tenant is set and one table read, tenant and row drawn anew each
/// time. Only the API under test may bring routes, and with them SQL, of its own. So these rows decide.
const FIXED: Limit = Limit {
    sql: "the peers' schema",
    one: PEER_ONE,
    each: PEER_FOUR,
    tax: RLS_PEERS,
    judged: true,
    needs: &[Need::Workloads, Need::Pgbench, Need::Fixed],
};

/// Beside them: what the database can do with the statements that our own requests send. It tells what the API adds to them, and
/// nothing of whether they are too many. It decides only where the peers' schema is not at hand.
const OWN: Limit = Limit {
    sql: "our SQL",
    one: OUR_ONE,
    each: OUR_FOUR,
    tax: RLS_OURS,
    judged: false,
    needs: &[Need::Workloads, Need::Pgbench],
};

impl Goal {
    fn holds(&self, threshold: f64) -> bool {
        self.value.is_some_and(|value| match self.better {
            Better::More => value >= threshold,
            Better::Less => value <= threshold,
        })
    }

    fn is_built(&self) -> bool {
        !NOT_BUILT.contains(&self.name.as_str())
    }

    fn verdict(&self) -> &'static str {
        if self.value.is_none() {
            if self.is_built() { "not measured" } else { "not built yet" }
        } else if !self.judged {
            "for comparison"
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
    /// The median of the rounds.
    value: f64,
    unit: &'static str,
    rounds: Vec<f64>,
}

impl Figures {
    /// Adds one, or another round of it.
    pub fn add(&mut self, figure: &str, value: f64, unit: &'static str) {
        eprintln!("{figure}: {value:.2} {unit}");
        let known = self.0.iter_mut().find(|known| known.figure == figure);
        if let Some(known) = known {
            known.rounds.push(value);
            known.value = median(known.rounds.clone());
            return;
        }
        self.0.push(Figure { figure: figure.to_owned(), value, unit, rounds: vec![value] });
    }

    fn get(&self, figure: &str) -> Option<f64> {
        self.0.iter().find(|known| known.figure == figure).map(|known| known.value)
    }
}

/// The middle one of some values; of an even number, the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    let two = values.get(below).zip(values.get(above));
    two.map_or(f64::NAN, |(below, above)| f64::midpoint(*below, *above))
}

/// The goals under way.
struct Goals<'b> {
    bench: &'b Bench,
    all: Vec<Goal>,
}

impl Goals<'_> {
    fn push(
        &mut self,
        name: &str,
        about: &str,
        better: Better,
        (must, stretch): (f64, f64),
        value: Option<f64>,
        needs: &[Need],
    ) {
        let note = if value.is_none() { self.why(needs) } else { String::new() };
        let (name, about) = (name.to_owned(), about.to_owned());
        self.all.push(Goal { name, about, better, must, stretch, value, note, judged: true });
    }

    /// Why what needs this has no value: what the run was without, or else rows that an error voided.
    fn why(&self, needs: &[Need]) -> String {
        let lacking: Vec<String> = needs.iter().filter_map(|need| need.lacked_by(self.bench)).collect();
        match self.bench.table.void() {
            _ if !lacking.is_empty() => lacking.join(", "),
            void if !void.is_empty() => format!("void by errors: {}", void.join(", ")),
            _ if self.bench.knobs.workloads != Workload::ALL => "the run has no row of it: BENCH_WORKLOADS".to_owned(),
            _ => "the run has no row or figure of it".to_owned(),
        }
    }

    /// Ours over every peer that ran: how often as many requests, and what part of the CPU.
    fn against(&mut self, name: &str, peer: &str, rates: [(f64, f64); 5], cpu: (f64, f64)) {
        for (workload, thresholds) in Workload::ALL.into_iter().zip(rates) {
            let table = &self.bench.table;
            let ours = table.get(workload.name(), OURS).map(|row| row.server_cpu);
            let theirs = table.get(workload.name(), peer).map(|row| row.server_cpu);
            let times = table.ratio(workload.name(), OURS, peer);
            let about = format!("{} req/s, times {peer}", workload.name());
            self.push(name, &about, Better::More, thresholds, times, OVER_PEERS);
            let part = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
            let about = format!("{} server CPU, {peer} over ours", workload.name());
            self.push(name, &about, Better::More, cpu, part, OVER_PEERS);
        }
    }

    /// The least of a field over the peers.
    fn best_peer(&self, operation: &str, field: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
        let table = &self.bench.table;
        let peers =
            table.systems(operation).filter(|system| !system.starts_with(OURS) && !system.starts_with("pgbench"));
        peers.filter_map(|peer| field(table.get(operation, peer)?)).min_by(f64::total_cmp)
    }
}

/// The goals of a run.
pub fn goals(bench: &Bench) -> Vec<Goal> {
    let figures = &bench.figures;
    let mut goals = Goals { bench, all: Vec::new() };
    if bench.table.get("W1", PEER_ONE).is_some() {
        over_pgbench(&mut goals, &FIXED);
        over_pgbench(&mut goals, &OWN);
    } else {
        // Without the workload's schema at hand our own statements are the best limit that there is.
        over_pgbench(&mut goals, &Limit { judged: true, ..OWN });
    }
    let (reads, writes) = ((8.0, 12.0), (4.5, 6.0));
    goals.against("G4", "postgraphile", [reads, reads, reads, writes, writes], (12.0, 20.0));
    let (all, creates) = ((10.0, 15.0), (8.0, 15.0));
    goals.against("G5", "fastapi-sqlalchemy", [all, all, all, creates, all], (18.0, 30.0));
    goals.against("G6", "fastapi-asyncpg", [(5.0, 8.0); 5], (10.0, 16.0));
    tails(&mut goals);
    single(&mut goals);
    logins(&mut goals);
    let batch = figures.get(BATCH);
    goals.push("G14", "25 members invited at once / one W4, time", Better::Less, (3.0, 2.0), batch, PRESSED);
    goals.push("G15", "realtime, commit to last frame of 500, p99 ms", Better::Less, (25.0, 10.0), None, &[]);
    limiter(&mut goals);
    goals.all.sort_by_key(|goal| goal.name.trim_start_matches('G').parse::<u32>().unwrap_or_default());
    goals.all
}

/// The goals over pgbench.
fn over_pgbench(goals: &mut Goals, limit: &Limit) {
    use Better::{Less, More};
    let (table, figures) = (&goals.bench.table, &goals.bench.figures);
    let one = format!("pgbench on {}, one round trip", limit.sql);
    let each = format!("pgbench on {}, statement by statement", limit.sql);
    let first = goals.all.len();
    let mut push = |name: &str, about: String, better, thresholds, value, needs: &[Need]| {
        goals.push(name, &about, better, thresholds, value, needs);
    };
    push("G1", format!("W1 / {one}"), More, (0.5, 0.7), table.ratio("W1", OURS, limit.one), limit.needs);
    push("G2", format!("W1 / {each}"), More, (1.0, 1.4), table.ratio("W1", OURS, limit.each), limit.needs);
    for name in ["W2", "W3", "W4", "W5"] {
        push("G3", format!("{name} / {one}"), More, (0.5, 0.65), table.ratio(name, OURS, limit.one), limit.needs);
    }
    let (off, needs) = (table.ratio("W1", UNCACHED, limit.one), [limit.needs, PRESSED].concat());
    push("G7", format!("W1, token cache off / {one}"), More, (0.3, 0.4), off, &needs);
    let cpu = |system: &str| table.get("W1", system).map(|row| row.postgres_cpu);
    let more = cpu(OURS).zip(cpu(limit.one)).map(|(ours, limit)| ours / limit);
    push("G8", format!("W1, PostgreSQL's CPU / {one}"), Less, (1.4, 1.2), more, limit.needs);
    let tax = figures.get(limit.tax);
    push("G20", format!("W1 under policies / without, pgbench on {}", limit.sql), More, (0.6, 0.75), tax, limit.needs);
    goals.all.iter_mut().skip(first).for_each(|goal| goal.judged = limit.judged);
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

fn tails(goals: &mut Goals) {
    for workload in Workload::ALL {
        let name = workload.name();
        let ours = goals.bench.table.get(name, OURS);
        let spread = ours.map(|row| row.p99 / row.p50);
        goals.push("G9", &format!("{name} p99 / p50"), Better::Less, (3.0, 2.0), spread, OURS_ALONE);
        let best = goals.best_peer(name, |row| Some(row.p99));
        let part = ours.zip(best).map(|(ours, best)| best / ours.p99);
        goals.push("G9", &format!("{name} best peer's p99 / ours"), Better::More, (5.0, 8.0), part, OVER_PEERS);
    }
}

fn single(goals: &mut Goals) {
    let alone = goals.bench.table.get(ALONE, OURS);
    let (p50, p99) = (alone.map(|row| row.p50), alone.map(|row| row.p99));
    goals.push("G10", "one connection, W1, p50 ms", Better::Less, (0.4, 0.3), p50, OURS_ALONE);
    goals.push("G10", "one connection, W1, p99 ms", Better::Less, (1.5, 1.0), p99, OURS_ALONE);
    let best = goals.best_peer(ALONE, |row| Some(row.p50));
    let times = best.zip(p50).map(|(best, ours)| best / ours);
    goals.push("G10", "one connection, best peer's p50 / ours", Better::More, (2.5, 3.5), times, OVER_PEERS);
    let memory = goals.bench.table.get("W5", OURS).and_then(|row| row.pss_mib);
    goals.push("G11", "memory under W5, Pss MiB", Better::Less, (30.0, 20.0), memory, OURS_ALONE);
    let smallest = goals.best_peer("W5", |row| row.pss_mib);
    let part = memory.zip(smallest).map(|(ours, smallest)| smallest / ours);
    goals.push("G11", "memory, smallest peer / ours", Better::More, (2.0, 2.0), part, OVER_PEERS);
    let start = goals.bench.figures.get(START);
    goals.push("G12", "start to first 200, ms", Better::Less, (300.0, 100.0), start, PRESSED);
}

fn logins(goals: &mut Goals) {
    let figures = &goals.bench.figures;
    let (p99, rise) = (figures.get(LOGIN_P99), figures.get(MIX_RISE));
    goals.push("G13", "login p99 at half capacity, W5 running, ms", Better::Less, (100.0, 80.0), p99, PRESSED);
    goals.push("G13", "W5 p99 with logins / without", Better::Less, (1.5, 1.2), rise, PRESSED);
}

fn limiter(goals: &mut Goals) {
    let figures = &goals.bench.figures;
    let admitted = figures.get(ADMITTED).map(|admitted| (admitted - 100.0).abs());
    let (refusals, needs) = (figures.get(REFUSALS), [OURS_ALONE, PRESSED].concat());
    goals.push("G16", "admitted of 10,000, away from 100", Better::Less, (1.0, 1.0), admitted, PRESSED);
    goals.push("G16", "refusals a second / W1 req/s", Better::More, (2.0, 4.0), refusals, &needs);
}

/// Prints the goals, hands them to `make prove`, and writes the file.
pub fn report(bench: &Bench, file: &Path) -> anyhow::Result<()> {
    let (goals, table, figures) = (goals(bench), &bench.table, &bench.figures);
    table.print();
    println!();
    for Figure { figure, value, unit, .. } in &figures.0 {
        println!("{figure:<58}{value:>12.2} {unit}");
    }
    println!("\n{:<5}{:<68}{:>10}{:>9}{:>9}  verdict", "goal", "", "value", "must", "stretch");
    for goal in &goals {
        let sign = if goal.better == Better::More { "≥" } else { "≤" };
        let (must, stretch) = (format!("{sign}{}", goal.must), format!("{sign}{}", goal.stretch));
        let verdict = match goal.verdict() {
            "not measured" => format!("not measured: {}", goal.note),
            verdict => verdict.to_owned(),
        };
        println!("{:<5}{:<68}{:>10}{must:>9}{stretch:>9}  {verdict}", goal.name, goal.about, number(goal.value, 2));
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

/// The issue asks for the stretch: what misses it fails the proof, and says so. So does what was not measured, unless there
/// is nothing to measure yet. What is there for comparison is told.
fn prove(goals: &[Goal]) {
    let proof = Proof::of("speed");
    for goal in goals {
        let figure = format!("{} {}", goal.name, goal.about).replace([' ', ',', '/'], "-").replace("--", "-");
        match (goal.value, goal.better) {
            (Some(value), _) if !goal.judged => proof.note(&figure, value),
            (Some(value), Better::More) => proof.at_least(&figure, value, goal.stretch),
            (Some(value), Better::Less) => proof.at_most(&figure, value, goal.stretch),
            (None, _) => proof.note(&format!("{figure}-{}", goal.verdict().replace(' ', "-")), 1),
        }
    }
    let unmeasured = goals.iter().filter(|goal| goal.is_built() && goal.judged && goal.value.is_none());
    proof.zero("goals-not-measured", unmeasured.count());
}
