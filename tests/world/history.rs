//! Load with a memory: clients of several tenants write under idempotency keys, read back, and remember what they were told.
//! Afterwards the database must agree with every one of them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use keystead_ids::{Permission, PresetRole};
use keystead_proofs::Proof;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Answer, Call, PASSWORD, Person, Site, Tenant, process::count, uuid_of};

/// In every name, address and phone that clients send: it must show up nowhere.
pub const CANARY: &str = "Zyzzogeton";

/// No request waits longer than this for an answer, whatever fails.
pub const ANSWERED_WITHIN_MS: u64 = 12_000;

/// Pause of a client after a refusal.
const PAUSE: Duration = Duration::from_millis(20);

/// A write that is not acknowledged by then never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// A tenant under load.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its slug: in everything that its clients name.
    pub slug: String,
    /// Its id.
    pub id: Uuid,
    /// Who acts for it.
    pub person: Person,
    /// A project of its own.
    pub project: String,
}

/// What was told and seen.
#[derive(Debug, Default)]
pub struct History {
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// By client, how many writes were acknowledged.
    progress: Vec<AtomicUsize>,
    /// Answers by status.
    statuses: Mutex<HashMap<u16, usize>>,
    /// Requests without an answer.
    pub broken: AtomicUsize,
    /// What clients were shown that does not bear their tenant's name.
    pub strange: Mutex<Vec<Strange>>,
    /// Answers that were failures and told a canary.
    pub telling: AtomicUsize,
    /// Refusals that a client cannot act on: neither 503, 429 nor a write that is in progress.
    pub unexpected: Mutex<Vec<String>>,
    /// What clients were refused with, how often, and when first and last.
    pub refusals: Mutex<BTreeMap<String, Refusals>>,
    /// The longest wait for an answer or the connection's end, in milliseconds.
    pub slowest_ms: AtomicU64,
}

/// Answers with one status and one kind of problem.
#[derive(Debug, Clone, Copy)]
pub struct Refusals {
    /// How many.
    pub times: usize,
    /// When the first came.
    pub first: Instant,
    /// When the last came.
    pub last: Instant,
}

/// Something that a client was shown and did not name.
#[derive(Debug, Clone)]
pub struct Strange {
    /// Whose client.
    tenant: Uuid,
    /// What it was shown.
    item: Value,
}

#[derive(Debug, Clone)]
struct Acknowledged {
    tenant: Uuid,
    member: Uuid,
    key: String,
    id: Uuid,
    table: &'static str,
}

/// Load that runs until it is told to end.
pub struct Load {
    /// What came of it so far.
    pub history: Arc<History>,
    stop: CancellationToken,
    clients: JoinSet<()>,
}

impl Loaded {
    /// A tenant with a project that is named after it. Its administrator acts, and may do everything.
    pub async fn of<S: Site>(tenant: &Tenant<'_, S>) -> Self {
        let project = tenant.project(&tenant.slug.to_uppercase()).await;
        let all: Vec<&str> = Permission::ALL.iter().map(|permission| permission.name()).collect();
        let role = format!("/v1/roles/{}", tenant.role(PresetRole::Admin).await);
        tenant.admin.patch(&role, &json!({ "permissions": all })).await.expect(200).await;
        // A session's permissions are believed for seconds: a new one has the new ones.
        let person = Person::enter(tenant.world, &tenant.slug, &tenant.admin.email).await;
        Self { slug: tenant.slug.clone(), id: uuid_of(&tenant.id), person, project }
    }
}

impl Load {
    /// `clients` for each tenant begin to work.
    #[must_use]
    pub fn of(tenants: &[Loaded], clients: usize) -> Self {
        let all: Vec<&Loaded> = tenants.iter().flat_map(|tenant| std::iter::repeat_n(tenant, clients)).collect();
        let progress = all.iter().map(|_| AtomicUsize::new(0)).collect();
        let history = Arc::new(History { progress, ..History::default() });
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for (number, tenant) in all.into_iter().enumerate() {
            let worker = Worker { number, tenant: tenant.clone(), history: Arc::clone(&history), stop: stop.clone() };
            tasks.spawn(worker.run());
        }
        Self { history, stop, clients: tasks }
    }

    /// Waits until every client was acknowledged a write that it began after this call; tells how long that took.
    pub async fn recovers(&self, within: Duration) -> Duration {
        let began = Instant::now();
        let now = || self.history.progress.iter().map(|done| done.load(Ordering::Relaxed)).collect::<Vec<_>>();
        let before = now();
        // One write may have been under way.
        while now().iter().zip(&before).any(|(now, before)| *now < before + 2) {
            assert!(began.elapsed() < within, "some clients stand still: {before:?} {:?}; {:?}", now(), self.history);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        began.elapsed()
    }

    /// Waits for more acknowledged writes.
    pub async fn acknowledges(&self, more: usize) {
        let wanted = self.history.acknowledged() + more;
        let deadline = Instant::now() + PATIENCE;
        while self.history.acknowledged() < wanted {
            assert!(Instant::now() < deadline, "the load stands still: {:?}", self.history);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Lets every client finish what it began: each write is repeated until it is acknowledged.
    pub async fn end(mut self) -> Arc<History> {
        self.stop.cancel();
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        self.history
    }
}

struct Worker {
    number: usize,
    tenant: Loaded,
    history: Arc<History>,
    stop: CancellationToken,
}

impl Worker {
    async fn run(mut self) {
        for round in 0.. {
            if self.stop.is_cancelled() {
                return;
            }
            match round % 3 {
                0 => self.write("/v1/phases", "phases", &self.phase(round), round).await,
                1 => self.write("/v1/contacts", "contacts", &self.contact(), round).await,
                _ => self.read(round).await,
            }
            self.history.progress[self.number].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn phase(&self, round: usize) -> Value {
        json!({ "project_id": self.tenant.project, "name": format!("{} {} {round}", self.tenant.slug, self.number) })
    }

    fn contact(&self) -> Value {
        let email = format!("{}@{}.test", CANARY.to_lowercase(), self.tenant.slug);
        json!({ "project_id": self.tenant.project, "name": format!("{CANARY} Q"), "email": email, "phone": "+14155550199" })
    }

    /// Repeats a write under its key until it is acknowledged.
    async fn write(&mut self, path: &str, table: &'static str, body: &Value, round: usize) {
        let key = format!("{}-{round}", self.number);
        let began = Instant::now();
        loop {
            let call = self.tenant.person.post(path, body).header("idempotency-key", &key);
            if let Some(answer) = self.send(call).await {
                if answer.status == 201 {
                    let (tenant, id) = (self.tenant.id, uuid_of(&answer.id()));
                    let member = uuid_of(&self.tenant.person.member);
                    let told = Acknowledged { tenant, member, key, id, table };
                    return self.history.acknowledged.lock().unwrap().push(told);
                }
                self.refused(path, &answer).await;
            }
            assert!(began.elapsed() < PATIENCE, "{path} is not acknowledged: {:?}", self.history);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What a client is shown is its own tenant's.
    async fn read(&mut self, round: usize) {
        let phases = format!("/v1/phases?project_id={}&limit=100", self.tenant.project);
        let path = if round.is_multiple_of(2) { "/v1/projects" } else { &phases };
        let Some(answer) = self.send(self.tenant.person.get(path)).await else { return };
        if answer.status != 200 {
            self.refused("GET", &answer).await;
            return tokio::time::sleep(PAUSE).await;
        }
        let own = |item: &&Value| {
            let name = item["name"].as_str().and_then(|name| name.split(' ').next());
            name.is_some_and(|name| name.eq_ignore_ascii_case(&self.tenant.slug))
        };
        let strange = answer.items().iter().filter(|item| !own(item));
        let strange = strange.map(|item| Strange { tenant: self.tenant.id, item: item.clone() });
        self.history.strange.lock().unwrap().extend(strange);
    }

    async fn send(&self, call: Call) -> Option<Answer> {
        let history = &self.history;
        let began = Instant::now();
        let answer = call.try_send().await;
        history.slowest_ms.fetch_max(u64::try_from(began.elapsed().as_millis()).unwrap(), Ordering::Relaxed);
        let Some(answer) = answer else {
            history.broken.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        *history.statuses.lock().unwrap().entry(answer.status).or_default() += 1;
        if answer.status >= 400 && answer.text.to_lowercase().contains(&CANARY.to_lowercase()) {
            history.telling.fetch_add(1, Ordering::Relaxed);
        }
        Some(answer)
    }

    /// Logs in again when the session has ended, and notes what a client cannot act on.
    async fn refused(&mut self, path: &str, answer: &Answer) {
        self.history.refused(answer);
        if answer.status == 401 {
            let (tenant, email) = (&self.tenant.slug, &self.tenant.person.email);
            let login = json!({ "tenant": tenant, "email": email, "password": PASSWORD, "client": "native" });
            if let Some(entered) = self.send(self.tenant.person.call("POST", "/v1/auth/login").json(&login)).await
                && let Some(token) = entered.json["access_token"].as_str()
            {
                self.tenant.person.token = token.to_owned();
                return;
            }
        }
        let in_progress = answer.json["type"] == "urn:keystead:problem:in-progress";
        if !matches!(answer.status, 429 | 503) && !in_progress {
            self.history.unexpected.lock().unwrap().push(format!("{path} {} {}", answer.status, answer.text));
        }
    }
}

impl History {
    /// Writes that were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Answers with a status.
    #[must_use]
    pub fn answers(&self, status: u16) -> usize {
        self.statuses.lock().unwrap().get(&status).copied().unwrap_or_default()
    }

    fn refused(&self, answer: &Answer) {
        let kind = format!("{} {}", answer.status, answer.json["type"].as_str().unwrap_or_default());
        let now = Instant::now();
        let mut refusals = self.refusals.lock().unwrap();
        let of_kind = refusals.entry(kind).or_insert(Refusals { times: 0, first: now, last: now });
        (of_kind.times, of_kind.last) = (of_kind.times + 1, now);
    }

    /// Failures of the kind that a server must not have: 500 and what a client cannot act on.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        self.unexpected.lock().unwrap().clone()
    }

    /// Compares what clients were told with what is there, and reports the figures of fault `name`. `logs` is everything that
    /// the processes wrote.
    pub async fn verify(&self, proof: &Proof, name: &str, database: &Client, logs: &str) {
        let told = self.acknowledged.lock().unwrap().clone();
        let (mut lost, mut crossed) = (0, 0);
        for table in ["phases", "contacts"] {
            let sql = format!("SELECT id, tenant_id FROM app.{table}");
            let rows = database.query(&sql, &[]).await.unwrap();
            let there: HashMap<Uuid, Uuid> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
            for one in told.iter().filter(|one| one.table == table) {
                match there.get(&one.id) {
                    None => lost += 1,
                    Some(tenant) => crossed += usize::from(*tenant != one.tenant),
                }
            }
        }
        let keys: HashSet<(Uuid, &str)> = told.iter().map(|one| (one.member, one.key.as_str())).collect();
        let ids: HashSet<Uuid> = told.iter().map(|one| one.id).collect();
        assert_eq!((keys.len(), ids.len()), (told.len(), told.len()), "a key is one write and has one answer");
        let name = |figure: &str| format!("{name}-{figure}");
        proof.note(&name("acknowledged"), told.len());
        proof.note(&name("unavailable"), self.answers(503));
        proof.note(&name("unanswered"), self.broken.load(Ordering::Relaxed));
        proof.at_most(&name("slowest-answer-ms"), self.slowest_ms.load(Ordering::Relaxed), ANSWERED_WITHIN_MS);
        proof.zero(&name("acknowledged-but-lost"), lost);
        proof.zero(&name("duplicated-effects"), duplicates(database).await);
        proof.zero(&name("cross-tenant-rows"), crossed + self.strange.lock().unwrap().len());
        proof.zero(&name("pii-in-errors-and-logs"), self.told(logs));
    }

    /// Rows that clients were shown and that are not of their tenant, where what they are called does not tell because bits
    /// may have turned on the way.
    pub async fn foreign(&self, database: &Client) -> Vec<Strange> {
        let strange = self.strange.lock().unwrap().clone();
        let sql = "SELECT id, tenant_id FROM app.phases UNION ALL SELECT id, tenant_id FROM app.projects";
        let rows = database.query(sql, &[]).await.unwrap();
        let there: HashMap<Uuid, Uuid> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let is_own = |one: &Strange| {
            let id = one.item["id"].as_str().and_then(|id| Uuid::parse_str(id.split_once('_')?.1).ok());
            id.and_then(|id| there.get(&id)) == Some(&one.tenant)
        };
        strange.into_iter().filter(|one| !is_own(one)).collect()
    }

    /// How often a canary was in `logs` or in a failure's answer.
    #[must_use]
    pub fn told(&self, logs: &str) -> usize {
        logs.to_lowercase().matches(&CANARY.to_lowercase()).count() + self.telling.load(Ordering::Relaxed)
    }
}

/// Rows that no kept answer speaks of, answers that speak of no row, and rows without exactly one event of their making.
async fn duplicates(database: &Client) -> i64 {
    let mut found = 0;
    for (table, action) in [("phases", "phase.created"), ("contacts", "contact.created")] {
        let answers = "app.idempotency_keys o ON o.tenant_id = t.tenant_id
            AND right(o.body->>'id', 32) = replace(t.id::text, '-', '')";
        let events =
            format!("audit.events o ON o.tenant_id = t.tenant_id AND o.object_id = t.id AND o.action = '{action}'");
        for others in [answers, &events] {
            // Joined, not looked up: a long run leaves a hundred thousand rows.
            let not_one = format!(
                "SELECT count(*) FROM (SELECT FROM app.{table} t LEFT JOIN {others}
                    GROUP BY t.tenant_id, t.id HAVING count(o.tenant_id) <> 1) rows"
            );
            found += count(database, &not_one, &[]).await;
        }
    }
    found
}
