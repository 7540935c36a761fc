//! Background work, job by job, out of the table that servers run: a job that is added there is proven here.

use std::fs;

use futures::future::join_all;
use keystead_api::jobs::{JOBS, Works};
use keystead_ids::PresetRole::SalesAgent;
use keystead_mail::Mailer;
use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Site, Tenant, World,
    history::{Load, Loaded},
};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{erasure::erase_to_the_end, restore::check::chains, rows::Rows, seed::settled};

/// As many servers do the same jobs, beside the one of the world.
const SERVERS: usize = 3;

pub(crate) fn works(world: &World) -> Works {
    Works {
        app: world.app.clone(),
        mailer: Mailer::connect(&world.config.smtp_url, &world.config.mail_from).unwrap(),
        stop: CancellationToken::new(),
    }
}

/// The servers' jobs, without their pauses; how often they ran, and what went wrong.
async fn crowd(works: Works) -> (usize, Vec<String>) {
    let (mut runs, mut failed) = (0, Vec::new());
    while !works.stop.is_cancelled() {
        let all = JOBS.iter().cycle().take(JOBS.len() * SERVERS);
        for (job, done) in join_all(all.map(async |job| (job.name, job.once(&works).await))).await {
            runs += 1;
            failed.extend(done.err().map(|problem| format!("{job}: {:?}", problem.reason())));
        }
    }
    (runs, failed)
}

/// Invites somebody whom nobody else ever invites.
async fn invite(acme: &Tenant<'_>, role: &str) -> String {
    let email = format!("{}@jobs.test", Uuid::new_v4().simple());
    let body = json!({ "email": email, "role_id": role, "all_projects": true, "project_ids": [] });
    acme.admin.post("/v1/invitations", &body).expect(201).await;
    email
}

/// KiB of this process.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Six million observations take some 100 MiB one by one.
#[tokio::test]
async fn what_nobody_reads_from_the_figures_takes_no_room() {
    let world = World::new().await;
    let works = works(&world);
    let housekeeping = JOBS.iter().find(|job| job.name == "housekeeping").unwrap();
    let observed = metrics::histogram!("keystead_request_seconds", "route" => "/unread");
    let observe = async |times: u32| {
        for _ in 0..times {
            (0..200_000).for_each(|_| observed.record(0.01));
            housekeeping.once(&works).await.unwrap();
        }
        resident()
    };
    // What is counted is given back a while later.
    let before = observe(10).await;
    let grown = observe(30).await.saturating_sub(before);
    assert!(grown < 30 * 1024, "{grown} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_beside_itself_works_once_and_at_rest_does_nothing() {
    let proof = Proof::of("T19");
    let world = World::new().await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let tenants = [Loaded::of(&acme).await, Loaded::of(&rival).await];
    let works = works(&world);
    let mut servers = JoinSet::new();
    servers.spawn(crowd(works.clone()));

    let load = Load::of(&tenants, 1);
    let (role, admin) = (acme.role(SalesAgent).await, &tenants[0].person);
    let mut invited = Vec::new();
    for number in 0..scale(4, 100) {
        invited.push(invite(&acme, &role).await);
        let jane = json!({ "project_id": tenants[0].project, "name": format!("Jane {number}") });
        let once = format!("jane-{number}");
        let jane = admin.post("/v1/contacts", &jane).header("idempotency-key", &once).expect(201).await.id();
        erase_to_the_end(admin, &acme, &jane).await;
        world.tenant(&format!("builder-{number}")).await;
    }
    load.acknowledges(scale(20, 1_000)).await;
    let history = load.end().await;
    let superuser = world.database.superuser().await;
    settled(&superuser).await;
    works.stop.cancel();
    let (runs, failed) = servers.join_next().await.unwrap().unwrap();

    assert_eq!((failed, history.unexpected()), (Vec::new(), Vec::new()));
    proof.at_least("job-runs-beside-each-other", runs, JOBS.len() * SERVERS * 2);
    history.verify(&proof, "jobs", &superuser, "").await;
    let mut mails = Vec::new();
    for address in &invited {
        mails.push(world.mails_to(address).await);
    }
    proof.zero("mails-lost-or-sent-twice-by-jobs", mails.iter().filter(|mails| **mails != 1).count());
    let (events, broken) = chains(&superuser).await;
    proof.at_least("events-chained-by-jobs", events, history.acknowledged());
    proof.zero("chains-broken-by-jobs", broken);

    let rows = Rows::of(&world).await;
    let rested = Works { stop: CancellationToken::new(), ..works };
    for job in JOBS.iter().chain(&JOBS) {
        job.once(&rested).await.unwrap_or_else(|problem| panic!("{}: {:?}", job.name, problem.reason()));
    }
    rows.unchanged().await;
}
