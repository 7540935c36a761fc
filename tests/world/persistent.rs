//! Clients that do not give up: they repeat what was not acknowledged, as clients should, and keep count of what they saw.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::{Answer, Call, Person, process::count, uuid_of};

/// Pause before a repetition.
const PAUSE: Duration = Duration::from_millis(25);

/// What is not acknowledged by then never will be.
const PATIENCE: Duration = Duration::from_secs(90);

/// What clients saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Writes that were acknowledged.
    pub acknowledged: AtomicUsize,
    /// Requests that were answered with 503.
    pub unavailable: AtomicUsize,
    /// Requests without an answer.
    pub broken: AtomicUsize,
    /// The longest wait for an answer or for the connection's end, in milliseconds.
    pub slowest_ms: AtomicU64,
}

impl Seen {
    /// Sends; notes what came.
    async fn send(&self, call: Call) -> Option<Answer> {
        let began = Instant::now();
        let answer = call.try_send().await;
        self.slowest_ms.fetch_max(u64::try_from(began.elapsed().as_millis()).unwrap(), Ordering::Relaxed);
        match &answer {
            None => _ = self.broken.fetch_add(1, Ordering::Relaxed),
            Some(answer) if answer.status == 503 => {
                answer.assert_problem();
                self.unavailable.fetch_add(1, Ordering::Relaxed);
            }
            Some(_) => {}
        }
        answer
    }

    /// Waits until `figure` reaches `least`.
    pub async fn reaches(&self, figure: &AtomicUsize, least: usize) {
        let deadline = Instant::now() + PATIENCE;
        while figure.load(Ordering::Relaxed) < least {
            assert!(Instant::now() < deadline, "{self:?} stands still");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Answer {
    /// Insists on a problem document, of whatever kind.
    fn assert_problem(&self) {
        let content_type = self.headers.get("content-type").and_then(|value| value.to_str().ok());
        assert_eq!(content_type, Some("application/problem+json"), "{}", self.text);
        assert_eq!(self.json["status"], self.status, "{}", self.text);
        assert!(self.json["instance"].as_str().is_some_and(|id| id.starts_with("req_")), "{}", self.text);
    }
}

/// Repeats a POST under one `Idempotency-Key` until it is acknowledged. Every other answer than 201 must be a 503 or say
/// that the very same request is being served.
pub async fn insist(person: &Person, path: &str, key: &str, body: &Value, seen: &Seen) -> Answer {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = seen.send(person.post(path, body).header("idempotency-key", key)).await;
        match answer {
            Some(answer) if answer.status == 201 => {
                seen.acknowledged.fetch_add(1, Ordering::Relaxed);
                return answer;
            }
            Some(answer) if answer.status == 409 => {
                assert_eq!(answer.json["type"], "urn:keystead:problem:in-progress", "{path}: {}", answer.text);
            }
            Some(answer) => assert_eq!(answer.status, 503, "{path}: {}", answer.text),
            None => {}
        }
        assert!(Instant::now() < deadline, "{path} is not acknowledged");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A home that was sold.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The home.
    pub unit: String,
    /// The buyer.
    pub contact: String,
    /// The contract.
    pub contract: String,
}

/// Creates a contact and a contract for them, each until it is acknowledged.
pub async fn sell(person: &Person, project: &str, unit: &str, seen: &Seen) -> Sale {
    let buyer =
        json!({ "project_id": project, "name": format!("Buyer of {unit}"), "email": format!("{unit}@buyers.test") });
    let contact = insist(person, "/v1/contacts", &format!("contact-{unit}"), &buyer, seen).await.id();
    let contract = json!({ "unit_id": unit, "buyers": [{ "contact_id": contact }] });
    let contract = insist(person, "/v1/contracts", &format!("contract-{unit}"), &contract, seen).await.id();
    Sale { unit: unit.to_owned(), contact, contract }
}

/// Nothing that was acknowledged is lost, nothing happened twice, and a repetition gets the same answer.
pub async fn check_sales(person: &Person, project: &str, sales: &[Sale], database: &Client) {
    let sold = i64::try_from(sales.len()).unwrap();
    let project_id = uuid_of(project);
    for (what, sql) in [
        ("contacts", "SELECT count(*) FROM app.contacts WHERE project_id = $1"),
        ("subject keys", "SELECT count(*) FROM app.subject_keys WHERE project_id = $1"),
        ("contracts", "SELECT count(*) FROM app.contracts WHERE project_id = $1"),
        ("numbers", "SELECT count(DISTINCT number) FROM app.contracts WHERE project_id = $1"),
        ("parties", "SELECT count(*) FROM app.contract_parties WHERE project_id = $1"),
        (
            "homes under contract",
            "SELECT count(DISTINCT unit_id) FROM app.contracts WHERE project_id = $1 AND state = 'draft'",
        ),
        ("homes that say so", "SELECT count(*) FROM app.units WHERE project_id = $1 AND sale_stage = 'offer'"),
        ("contract events", "SELECT count(*) FROM audit.events WHERE project_id = $1 AND action = 'contract.created'"),
        ("contact events", "SELECT count(*) FROM audit.events WHERE project_id = $1 AND action = 'contact.created'"),
    ] {
        assert_eq!(count(database, sql, &[&project_id]).await, sold, "{what}");
    }
    let member = uuid_of(&person.member);
    let keys = count(database, "SELECT count(*) FROM app.idempotency_keys WHERE member_id = $1", &[&member]).await;
    assert_eq!(keys, 2 * sold, "idempotency keys");

    let sql = "SELECT c.id, c.unit_id, p.contact_id FROM app.contracts c
        JOIN app.contract_parties p ON p.tenant_id = c.tenant_id AND p.contract_id = c.id WHERE c.project_id = $1";
    let rows = database.query(sql, &[&project_id]).await.unwrap();
    let stored: HashSet<[uuid::Uuid; 3]> = rows.iter().map(|row| [row.get(0), row.get(1), row.get(2)]).collect();
    let acknowledged =
        sales.iter().map(|sale| [&sale.contract, &sale.unit, &sale.contact].map(|id| uuid_of(id))).collect();
    assert_eq!(stored, acknowledged, "what was acknowledged is what is there");

    let seen = Seen::default();
    for sale in sales.iter().step_by(7) {
        let again = sell(person, project, &sale.unit, &seen).await;
        assert_eq!(
            (&again.contact, &again.contract),
            (&sale.contact, &sale.contract),
            "a repetition gets the same answer"
        );
    }
}

/// Imports `csv`; goes on with the import whenever it breaks off. Returns it as it stands at the end.
pub async fn import_to_the_end(person: &Person, project: &str, csv: &str, seen: &Seen) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(import) = step(person, project, csv, seen).await {
            return import;
        }
        assert!(Instant::now() < deadline, "the import does not end");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn step(person: &Person, project: &str, csv: &str, seen: &Seen) -> Option<Value> {
    let known = seen.send(person.get(&format!("/v1/imports?project_id={project}"))).await?;
    if known.status != 200 {
        assert_eq!(known.status, 503, "{}", known.text);
        return None;
    }
    let path = match known.items() {
        [] => format!("/v1/imports?project_id={project}&file_name=homes.csv&release_phases=true"),
        [import] if import["state"] == "running" => format!("/v1/imports/{}/resume", import["id"].as_str().unwrap()),
        [import] => return Some(import.clone()),
        more => panic!("one import was begun {} times", more.len()),
    };
    let answer = seen.send(person.call("POST", &path).body("text/csv", csv.to_owned())).await?;
    assert!(matches!(answer.status, 200 | 201 | 503), "{path}: {}", answer.text);
    // What it came to is read back rather than taken from the answer.
    None
}
