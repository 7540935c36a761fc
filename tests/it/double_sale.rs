//! Two buyers, or two thousand, want the same home: one gets it.

use std::sync::Arc;

use keystead_ids::PresetRole::{SalesAgent, VpSales};
use keystead_tests::{Answer, Options, Person, World, count, uuid_of};
use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};

/// Agents' devices that ask at the same time.
const DEVICES: usize = 40;

/// What a race came to.
#[derive(Debug, Default)]
struct Race {
    winners: Vec<Answer>,
    /// Refused when the home was looked up: the winner was quicker by far.
    late: usize,
    /// Refused by the constraint: the home was free when it was looked up.
    beaten: usize,
    /// Answered with 503 and repeated.
    busy: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thousands_who_want_one_home_one_gets_it() {
    let world = World::with(Options { db_pool: 16, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let home = acme.unit(&fusion, "1101").await;
    let vp = acme.hire(VpSales, &[]).await;
    let mut agents = vec![vp.clone()];
    for _ in 0..4 {
        agents.push(acme.hire(SalesAgent, &[&fusion]).await);
    }

    let first = race(&agents, &home, 50).await;
    assert_eq!(first.winners.len(), 1, "{first:?}");
    assert_eq!(first.late + first.beaten, DEVICES * 50 - 1);
    let contract = first.winners[0].id();
    let home_now = vp.get(&format!("/v1/units/{home}")).expect(200).await;
    assert_ne!(home_now.json["status"], "available", "{}", home_now.text);

    let cancel = json!({ "reason": "remorse" });
    vp.post(&format!("/v1/contracts/{contract}/cancel"), &cancel).expect(200).await;
    let second = race(&agents, &home, 5).await;
    assert_eq!(second.winners.len(), 1, "{second:?}");
    assert_eq!(second.late + second.beaten, DEVICES * 5 - 1);
    assert!(first.beaten + second.beaten > 0, "nobody ever met the constraint: {first:?} {second:?}");
    println!(
        "beaten by the constraint: {} and {}; busy: {} and {}",
        first.beaten, second.beaten, first.busy, second.busy
    );

    let database = world.database.superuser().await;
    let unit = uuid_of(&home);
    for (what, expected, sql) in [
        ("live contracts", 1, "SELECT count(*) FROM app.contracts WHERE unit_id = $1 AND state <> 'cancelled'"),
        ("contracts", 2, "SELECT count(*) FROM app.contracts WHERE unit_id = $1"),
        ("numbers", 2, "SELECT count(DISTINCT (project_id, number)) FROM app.contracts WHERE unit_id = $1"),
        // Whoever lost left nothing behind: no buyer, no key, no event.
        (
            "contacts",
            2,
            "SELECT count(*) FROM app.contacts WHERE project_id = (SELECT project_id FROM app.units WHERE id = $1)",
        ),
        (
            "keys",
            2,
            "SELECT count(*) FROM app.subject_keys WHERE project_id = (SELECT project_id FROM app.units WHERE id = $1)",
        ),
        (
            "events",
            2,
            "SELECT count(*) FROM audit.events e JOIN app.contracts c ON c.id = e.object_id
            WHERE c.unit_id = $1 AND e.action = 'contract.created'",
        ),
        (
            "all events",
            2,
            "SELECT count(*) FROM audit.events WHERE action = 'contract.created'
            AND project_id = (SELECT project_id FROM app.units WHERE id = $1)",
        ),
    ] {
        assert_eq!(count(&database, sql, &[&unit]).await, expected, "{what}");
    }
}

/// Every device asks for the home `times` times, all at once.
async fn race(agents: &[Person], home: &str, times: usize) -> Race {
    let start = Arc::new(Barrier::new(DEVICES));
    let mut devices = JoinSet::new();
    for (device, agent) in agents.iter().cycle().take(DEVICES).enumerate() {
        devices.spawn(ask(agent.clone(), home.to_owned(), device, times, Arc::clone(&start)));
    }
    let mut race = Race::default();
    while let Some(one) = devices.join_next().await {
        let one = one.unwrap();
        race.winners.extend(one.winners);
        race.late += one.late;
        race.beaten += one.beaten;
        race.busy += one.busy;
    }
    race
}

async fn ask(agent: Person, home: String, device: usize, times: usize, start: Arc<Barrier>) -> Race {
    let mut race = Race::default();
    start.wait().await;
    for attempt in 0..times {
        let buyer = json!({ "name": format!("Device {device} Attempt {attempt}") });
        let contract = json!({ "unit_id": home, "buyers": [{ "contact": buyer }] });
        loop {
            let answer = agent.post("/v1/contracts", &contract).send().await;
            match (answer.status, answer.json["type"].as_str()) {
                (201, _) => race.winners.push(answer),
                (409, Some("urn:keystead:problem:unit-under-contract" | "urn:keystead:problem:unit-not-available")) => {
                    // Only the look-up says which status it found.
                    if answer.json["detail"].is_null() { race.beaten += 1 } else { race.late += 1 }
                }
                (503, Some("urn:keystead:problem:busy" | "urn:keystead:problem:database-unavailable")) => {
                    race.busy += 1;
                    continue;
                }
                _ => panic!("{} {}", answer.status, answer.text),
            }
            break;
        }
    }
    race
}
