//! T18: one tenant is as busy as fifty. The others must not notice much.
//!
//! Real HTTP against a server process. Quiet tenants are measured alone and beside the busy one in turn, several times over,
//! so that what else the machine does falls on both. Times are figures in the fast tier and thresholds in the deep one.

use std::time::{Duration, Instant};

use futures::future::join_all;
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{
    Answer, Call, Database, Options, PASSWORD, Person, Seen, ServerProcess, Tenant, count, fresh_database,
    history::Loaded, import_to_the_end,
};
use rand::Rng;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Pause of a client between an answer and its next request.
const THINK: Duration = Duration::from_millis(400);

/// The busy tenant has so many clients for the one of a quiet tenant.
const BUSY: usize = 50;

/// What the busy tenant does.
#[derive(Debug, Clone, Copy)]
enum Heat {
    /// What the quiet ones do, fifty times over.
    FiftyFold,
    /// The same without pauses.
    Flood,
    /// Logging in.
    Login,
    /// Searching among very many contacts, and paging through very many homes.
    Search,
    /// Exporting the audit trail.
    Export,
}

impl Heat {
    const ALL: [Self; 5] = [Self::FiftyFold, Self::Flood, Self::Login, Self::Search, Self::Export];

    const fn name(self) -> &'static str {
        match self {
            Self::FiftyFold => "fifty-fold",
            Self::Flood => "flood",
            Self::Login => "login",
            Self::Search => "search",
            Self::Export => "export",
        }
    }

    const fn pause(self) -> Duration {
        match self {
            Self::FiftyFold => THINK,
            Self::Flood | Self::Login | Self::Search | Self::Export => Duration::ZERO,
        }
    }

    fn call(self, tenant: &Loaded, round: usize) -> Call {
        match self {
            Self::FiftyFold | Self::Flood => usual(tenant, round),
            Self::Login => {
                let body = json!({ "tenant": tenant.slug, "email": tenant.person.email, "password": PASSWORD, "client": "native" });
                tenant.person.call("POST", "/v1/auth/login").json(&body)
            }
            Self::Search if round.is_multiple_of(2) => tenant.person.get("/v1/contacts?name=zyzz&limit=100"),
            Self::Search => tenant.person.get("/v1/units?status=available&limit=100"),
            Self::Export => tenant.person.get("/v1/audit/export"),
        }
    }

    /// Sends the call of a round; none when an export was hung up on.
    async fn ask(self, tenant: &Loaded, round: usize, stop: &CancellationToken) -> Option<Option<Answer>> {
        let asked = self.call(tenant, round).try_send();
        match self {
            // A long trail is not waited for: what is left of the export would fall into the quiet period after it.
            Self::Export => stop.run_until_cancelled(asked).await,
            Self::FiftyFold | Self::Flood | Self::Login | Self::Search => Some(asked.await),
        }
    }
}

/// A working day's request: mostly reading, some writing.
fn usual(tenant: &Loaded, round: usize) -> Call {
    let person = &tenant.person;
    match round % 5 {
        0 => person.get("/v1/units?limit=50"),
        1 => person.get("/v1/contacts?limit=50"),
        2 => person.get("/v1/projects"),
        3 => person.post("/v1/contacts", &json!({ "project_id": tenant.project, "name": "Zyzzogeton Q" })),
        _ => person.get(&format!("/v1/phases?project_id={}", tenant.project)),
    }
}

/// What the quiet tenants came to in one period.
#[derive(Default)]
struct Period {
    waits: Vec<Duration>,
    /// By tenant.
    served: Vec<usize>,
    refused: usize,
}

impl Period {
    fn add(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.served.resize(other.served.len(), 0);
        self.served.iter_mut().zip(other.served).for_each(|(sum, more)| *sum += more);
        self.refused += other.refused;
    }

    fn p99(&self) -> f64 {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        waits[(waits.len() * 99 / 100).min(waits.len() - 1)].as_secs_f64() * 1_000.0
    }

    /// Jain's index of what each got: 1 when all got the same.
    fn jain(&self) -> f64 {
        let (sum, squares) =
            self.served.iter().fold((0.0, 0.0), |(sum, squares), &x| (sum + x as f64, squares + (x * x) as f64));
        sum * sum / (self.served.len() as f64 * squares)
    }
}

/// The quiet tenants work for a while, one client each.
async fn quiet(tenants: &[Loaded], span: Duration) -> Period {
    let until = tokio::time::Instant::now() + span;
    let each = join_all(tenants.iter().map(|tenant| async move {
        let mut period = Period::default();
        // Not all at the same moment.
        sleep(THINK.mul_f64(rand::rng().random_range(0.0..1.0))).await;
        let mut round = 0;
        while tokio::time::Instant::now() < until {
            let began = Instant::now();
            let answer = usual(tenant, round).try_send().await;
            period.waits.push(began.elapsed());
            period.refused += usize::from(answer.is_none_or(|answer| answer.status >= 400));
            round += 1;
            sleep(THINK).await;
        }
        period.served = vec![round];
        period
    }));
    let mut all = Period::default();
    for period in each.await {
        all.waits.extend(period.waits);
        all.served.extend(period.served);
        all.refused += period.refused;
    }
    sleep_until(until).await;
    all
}

/// The busy tenant works until it is told to stop; counts what it was answered.
async fn busy(tenant: Loaded, heat: Heat, stop: CancellationToken) -> (usize, usize) {
    let mut clients = JoinSet::new();
    for number in 0..BUSY {
        let (tenant, stop) = (tenant.clone(), stop.clone());
        clients.spawn(async move {
            let (mut served, mut refused) = (0, 0);
            let mut round = number;
            while !stop.is_cancelled() {
                let Some(answer) = heat.ask(&tenant, round, &stop).await else { break };
                let good = answer.as_ref().is_some_and(|answer| answer.status < 400);
                if good {
                    served += 1
                } else {
                    refused += 1
                }
                round += 1;
                // Whoever is told when to come back does not come before.
                sleep(heat.pause().max(answer.as_ref().map_or(Duration::ZERO, retry_after))).await;
            }
            (served, refused)
        });
    }
    let mut sum = (0, 0);
    while let Some(one) = clients.join_next().await {
        let (served, refused) = one.unwrap();
        sum = (sum.0 + served, sum.1 + refused);
    }
    sum
}

fn retry_after(answer: &Answer) -> Duration {
    let seconds = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_quiet_are_served_beside_the_busy() {
    let proof = Proof::of("T18");
    let server = ServerProcess::start(fresh_database().await, &Options::default()).await;
    let names: Vec<String> = (0..=scale(4, 19)).map(|number| format!("tenant-{number}")).collect();
    let tenants = join_all(names.iter().map(|name| async {
        let tenant = Tenant::sign_up(&server, name).await;
        Loaded::of(&tenant).await
    }));
    let mut tenants = tenants.await;
    let (homes, contacts) = scale((500, 50), (30_000, 3_000));
    for (number, tenant) in tenants.iter().enumerate() {
        let (homes, contacts) = if number == 0 { (homes, contacts) } else { (20, 0) };
        fill(tenant, homes, contacts).await;
    }
    proof.note("huge-tenant-contacts", enlarged(&server.database, &tenants[0]).await);
    // Filling takes minutes, and so does the rest: tokens are good for ten.
    for tenant in &mut tenants {
        tenant.person = Person::enter(&server, &tenant.slug, &tenant.person.email).await;
    }
    let (hot, others) = tenants.split_first().unwrap();
    let span = scale(Duration::from_millis(800), Duration::from_secs(10));
    for heat in Heat::ALL {
        let (mut alone, mut beside, mut hot_served, mut hot_refused) = (Period::default(), Period::default(), 0, 0);
        for _ in 0..scale(1, 3) {
            alone.add(quiet(others, span).await);
            let stop = CancellationToken::new();
            let crowd = tokio::spawn(busy(hot.clone(), heat, stop.clone()));
            // It is at its height when the measurement begins.
            sleep(span / 8).await;
            beside.add(quiet(others, span).await);
            stop.cancel();
            let (served, refused) = crowd.await.unwrap();
            (hot_served, hot_refused) = (hot_served + served, hot_refused + refused);
        }
        report(&proof, heat, &alone, &beside);
        proof.note(&format!("{}-busy-served", heat.name()), hot_served);
        proof.note(&format!("{}-busy-told-to-wait", heat.name()), hot_refused);
    }
}

fn report(proof: &Proof, heat: Heat, alone: &Period, beside: &Period) {
    let name = |figure: &str| format!("{}-{figure}", heat.name());
    proof.note(&name("quiet-p99-ms-alone"), alone.p99());
    proof.note(&name("quiet-p99-ms-beside"), beside.p99());
    // Nobody quiet is refused for what another does.
    proof.zero(&name("quiet-refused"), alone.refused + beside.refused);
    let ratio = beside.p99() / alone.p99();
    if full() {
        proof.at_most(&name("quiet-p99-ratio"), ratio, 1.3);
        proof.at_least(&name("jain-index"), beside.jain(), 0.95);
    } else {
        proof.note(&name("quiet-p99-ratio"), ratio);
        proof.note(&name("jain-index"), beside.jain());
    }
}

/// Gives a tenant homes and contacts.
async fn fill(tenant: &Loaded, homes: usize, contacts: usize) {
    let mut csv = "number,phase,price\n".to_owned();
    for row in 0..homes {
        csv.push_str(&format!("{row:06},Phase {},499900.00\n", row % 7));
    }
    import_to_the_end(&tenant.person, &tenant.project, &csv, &Seen::default()).await;
    let hands: Vec<_> = (0..8)
        .map(|hand| async move {
            for number in (hand..contacts).step_by(8) {
                let body = json!({ "project_id": tenant.project, "name": format!("Zyzzogeton {number}") });
                tenant.person.post("/v1/contacts", &body).expect(201).await;
            }
        })
        .collect();
    join_all(hands).await;
}

/// How many contacts the deep tier adds to the huge tenant. With two million search tokens they take the better part of
/// a minute.
const CLONES: usize = 100_000;

/// How many contacts a tenant has; the deep tier adds clones of them by SQL first, which are found by the same words.
/// What is sealed under another id does not open: clones are older than everybody who does, and no page goes back to
/// them.
async fn enlarged(database: &Database, tenant: &Loaded) -> i64 {
    let (database, id) = (database.superuser().await, tenant.id);
    if full() {
        database.batch_execute(&clones(tenant)).await.unwrap();
        // What autovacuum would do in the middle of a measurement.
        for table in ["subject_keys", "contacts", "search_tokens"] {
            database.batch_execute(&format!("VACUUM ANALYZE app.{table}")).await.unwrap();
        }
    }
    count(&database, "SELECT count(*) FROM app.contacts WHERE tenant_id = $1", &[&id]).await
}

/// Ids begin with a number of the clone's, so that they sort below those of today and indexes are filled in order.
fn clones(tenant: &Loaded) -> String {
    let id = tenant.id;
    let clone = "(lpad(to_hex(n), 8, '0') || substr(gen_random_uuid()::text, 9))::uuid";
    format!(
        "BEGIN;
        SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE clones ON COMMIT DROP AS
            SELECT {clone} AS id, c.id AS original FROM generate_series(1, {CLONES}) n
            JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth, count(*) OVER () AS many
                FROM app.contacts WHERE tenant_id = '{id}') c ON c.nth = 1 + n % c.many;
        ANALYZE clones;
        INSERT INTO app.subject_keys (tenant_id, id, project_id, key_version, wrapping, wrapped)
            SELECT k.tenant_id, l.id, k.project_id, k.key_version, k.wrapping, k.wrapped
            FROM clones l JOIN app.subject_keys k ON k.tenant_id = '{id}' AND k.id = l.original ORDER BY l.id;
        INSERT INTO app.contacts
                (tenant_id, id, project_id, name, email, phone, address, date_of_birth, email_bidx, phone_bidx)
            SELECT c.tenant_id, l.id, c.project_id, c.name, c.email, c.phone, c.address, c.date_of_birth,
                c.email_bidx, c.phone_bidx
            FROM clones l JOIN app.contacts c ON c.tenant_id = '{id}' AND c.id = l.original ORDER BY l.id;
        INSERT INTO app.search_tokens (tenant_id, project_id, contact_id, field, token)
            SELECT t.tenant_id, t.project_id, l.id, t.field, t.token
            FROM clones l JOIN app.search_tokens t ON t.tenant_id = '{id}' AND t.contact_id = l.original;
        COMMIT"
    )
}

/// The bound is per tenant, and whoever exceeds it is told so in words that a client can act on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_is_told_to_come_back_and_its_neighbour_is_served() {
    let proof = Proof::of("T18");
    let server = ServerProcess::start(fresh_database().await, &Options { db_pool: 2, ..Options::default() }).await;
    let acme = Loaded::of(&Tenant::sign_up(&server, "acme").await).await;
    let bolt = Loaded::of(&Tenant::sign_up(&server, "bolt").await).await;
    // Each holds a connection until the lock is gone, or for the two seconds that a lock is waited for.
    let database = server.database.superuser().await;
    let phase = json!({ "project_id": acme.project, "name": "One" });
    let phase = acme.person.post("/v1/phases", &phase).expect(201).await;
    bolt.person.get("/v1/projects").expect(200).await;
    database.batch_execute("BEGIN; LOCK TABLE app.phases IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let path = format!("/v1/phases/{}", phase.id());
    let crowd = (0..40).map(|_| acme.person.get(&path).send());
    let neighbour = async {
        sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        bolt.person.get("/v1/projects").expect(200).await;
        let waited = began.elapsed();
        database.batch_execute("ROLLBACK").await.unwrap();
        waited
    };
    let (crowd, waited) = tokio::join!(join_all(crowd), neighbour);
    let told: Vec<&Answer> = crowd.iter().filter(|answer| answer.status == 429).collect();
    proof.at_least("crowd-told-to-come-back", told.len(), 1);
    for answer in told {
        assert_eq!(answer.json["type"], "urn:keystead:problem:tenant-busy", "{}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert!(crowd.iter().all(|answer| matches!(answer.status, 200 | 429 | 503)), "{crowd:?}");
    proof.note("neighbour-waited-ms", waited.as_millis() as u64);
}
