//! Many at once against one: 25 colleagues invited in one request, beside one contact.

use std::{
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::{
    bench::Bench,
    goals::BATCH,
    load::{self, Until},
    seed::Tenant,
    server::Server,
    workload::{Workload, bytes, requests},
};

/// How many colleagues are invited at once.
const PEOPLE: usize = 25;
/// How many requests of each kind a round has.
const ANSWERS: usize = 100;

/// Over one connection, in turns, so that both see the same machine.
pub async fn measure(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    let tenant = bench.data.tenants.first().context("a tenant")?;
    let listed = load::ask(server.address, &bytes("/v1/roles", &tenant.token, "")).await?;
    let listed: Value = serde_json::from_str(&listed.body)?;
    let role = listed["items"][0]["id"].as_str().context("a role")?;
    let (mut one, mut many) = (Vec::new(), Vec::new());
    let single = Rc::new(requests(&bench.data, Workload::W4));
    for _ in 0..bench.knobs.rounds {
        let batches = Rc::new((0..ANSWERS).map(|_| batch(tenant, role)).collect());
        for (requests, medians) in [(&single, &mut one), (&batches, &mut many)] {
            let run = load::run(server.address, requests, 1, Until::Answers(ANSWERS), || ()).await?;
            ensure!(run.errors + run.refused == 0, "a batch or a contact is refused: {run:?}");
            medians.push(run.percentile(50));
        }
    }
    let median = |mut of: Vec<f64>| {
        of.sort_by(f64::total_cmp);
        of[of.len() / 2]
    };
    let (one, many) = (median(one), median(many));
    bench.figures.add("one W4 over one connection, p50", one, "ms");
    bench.figures.add("25 invitations at once over one connection, p50", many, "ms");
    bench.figures.add(BATCH, many / one, "");
    bench.trim().await
}

/// People who were never invited.
fn batch(tenant: &Tenant, role: &str) -> Vec<u8> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let person = |_| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        json!({ "email": format!("colleague{number}@{}.test", tenant.slug), "role_id": role, "all_projects": true })
    };
    let invitations: Vec<Value> = (0..PEOPLE).map(person).collect();
    bytes("/v1/invitations/bulk", &tenant.token, &json!({ "invitations": invitations }).to_string())
}
