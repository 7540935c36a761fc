//! Many at once against one: 25 colleagues invited in one request, beside one contact.

use std::{
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
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

/// Over one connection, in turns, so that both see the same machine and the same tables.
pub async fn measure(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    bench.enter(server).await?;
    let roles = roles(server, &bench.data.tenants).await?;
    let single = Rc::new(requests(&bench.data, Workload::W4));
    for _ in 0..bench.knobs.rounds {
        let one = p50(server, &single).await?;
        bench.trim().await?;
        let many = p50(server, &Rc::new(batches(&bench.data.tenants, &roles))).await?;
        // The mails that are not sent yet go too: nobody who is measured later is to share a core with their sending.
        bench.trim().await?;
        bench.figures.add("one W4 over one connection, p50", one, "ms");
        bench.figures.add("25 invitations at once over one connection, p50", many, "ms");
        bench.figures.add(BATCH, many / one, "");
    }
    Ok(())
}

/// The median latency in ms over one connection.
async fn p50(server: &Server, requests: &Rc<Vec<Vec<u8>>>) -> anyhow::Result<f64> {
    let run = load::run(server.address, requests, 1, Until::Answers(ANSWERS), || ()).await?;
    ensure!(run.errors + run.refused == 0, "a batch or a contact is refused: {run:?}");
    Ok(run.percentile(50))
}

/// A role of each tenant.
async fn roles(server: &Server, tenants: &[Tenant]) -> anyhow::Result<Vec<String>> {
    let mut roles = Vec::new();
    for tenant in tenants {
        let listed = load::ask(server.address, &bytes("/v1/roles", &tenant.token, "")).await?;
        let listed: Value = serde_json::from_str(&listed.body)?;
        roles.push(listed["items"][0]["id"].as_str().context("a role")?.to_owned());
    }
    Ok(roles)
}

/// One after the other for any of the tenants, as contacts are: a tenant's open invitations must not pile up.
fn batches(tenants: &[Tenant], roles: &[String]) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(42);
    let one = |_| {
        let index = random.random_range(0..tenants.len());
        batch(&tenants[index], &roles[index])
    };
    (0..ANSWERS).map(one).collect()
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
