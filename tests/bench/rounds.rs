//! Ours, pgbench and the peers in turn, as often as asked for: a mood of the machine falls on all of them alike.

use crate::{
    bench::Bench,
    fixed::Fixed,
    ours::{self, Book},
    peers::Rig,
    server::Server,
};

/// Who takes part.
struct Field {
    /// Our own requests, as recorded, if the part `workloads` is wanted.
    ours: Option<Book>,
    fixed: Option<Fixed>,
    /// If the part `peers` is wanted.
    peers: Option<Rig>,
}

/// Measures all rounds of the parts `workloads` and `peers`.
pub async fn measure(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    if !bench.knobs.wants("workloads") && !bench.knobs.wants("peers") {
        return Ok(());
    }
    let field = Field::prepared(bench, server).await?;
    for _ in 0..bench.knobs.rounds {
        bench.hold_again()?;
        field.operations(bench, server).await?;
        if let Some(rig) = &field.peers {
            let _paused = server.pause();
            rig.measure_all(bench).await?;
        }
    }
    Ok(())
}

impl Field {
    /// What takes no quiet machine: seeding, installing, and seeing that answers are right.
    async fn prepared(bench: &mut Bench, server: &Server) -> anyhow::Result<Self> {
        let fixed = Fixed::seeded(bench).await?;
        let peers = match &fixed {
            Some(fixed) if bench.knobs.wants("peers") => Some(Rig::installed(&fixed.sources)?),
            _ => None,
        };
        let ours = if bench.knobs.wants("workloads") { Some(ours::prepared(bench, server).await?) } else { None };
        Ok(Self { ours, fixed, peers })
    }

    /// One round of our server and of pgbench.
    async fn operations(&self, bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
        let (kms_before, mut served) = (server.kms_calls().await?, 0);
        for workload in bench.knobs.workloads.clone() {
            if let Some(recorded) = &self.ours {
                served += ours::round(bench, server, recorded, workload).await?;
            }
            if let Some(fixed) = &self.fixed {
                fixed.limits(bench, server, workload).await?;
            }
        }
        let calls = server.kms_calls().await? - kms_before;
        if served > 0 {
            bench.figures.add("KMS calls per 1,000 requests", calls as f64 * 1000.0 / served as f64, "");
        }
        Ok(())
    }
}
