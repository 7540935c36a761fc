//! Whoever is cancelled in the middle of a transaction leaves nothing behind (security rule T8, D13).

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all, stream};
use keystead_entities::{import_mapping, settings};
use keystead_ids::{MappingId, SessionId};
use keystead_proofs::{Proof, scale};
use keystead_tenants::{
    Databases, DbError, TenantGrant,
    orm::{ActiveModelTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set},
    platform::SessionScope,
};
use keystead_tests::{Database, Options, Person, World};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

const TENANTS: usize = 20;
const TASKS: u64 = 64;
const CONNECTIONS: usize = 4;

/// Polls `work` until it has waited `waits` times, then drops it where it stands: a cancellation at exactly that await.
async fn cancelled_at<T>(work: impl Future<Output = T>, mut waits: u32) -> Option<T> {
    let mut work = Box::pin(work);
    poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if waits == 0 => Poll::Ready(None),
        Poll::Pending => {
            waits -= 1;
            Poll::Pending
        }
    })
    .await
}

/// The grant that a person's session yields.
async fn grant(world: &World, person: &Person) -> TenantGrant {
    let me = person.get("/v1/me").expect(200).await;
    let id: SessionId = me.json["session_id"].as_str().unwrap_or_else(|| panic!("{}", me.text)).parse().unwrap();
    let session = world.app.db.platform().session(id, world.app.clock.now()).await.unwrap().expect("a session");
    match &session.scope {
        SessionScope::Tenant { grant, .. } => grant.clone(),
        SessionScope::Operator => panic!("an operator has no tenant"),
    }
}

/// How far an attempt got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    /// COMMIT was not sent: nothing may be there.
    Work,
    /// COMMIT was sent and not answered: all or nothing.
    Commit,
    /// COMMIT was answered: everything is there.
    Acknowledged,
}

#[derive(Default)]
struct Figures {
    wrong_tenant: AtomicU64,
    /// Nobody gave a connection back within the seconds that a request waits, or too many waited: a machine under load, or a
    /// connection that is lost for good, which `lost` tells apart.
    busy: AtomicU64,
    refused: AtomicU64,
    cancelled: AtomicU64,
    finished: AtomicU64,
}

impl Figures {
    /// Transactions that are over.
    fn over(&self) -> u64 {
        [&self.finished, &self.cancelled, &self.busy, &self.refused]
            .map(|some| some.load(Ordering::Relaxed))
            .iter()
            .sum()
    }
}

/// Nobody gave a connection back in time, or too many of the tenant wait for one already.
fn waited_too_long(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(error) => error.to_string() == DbError::Busy.to_string(),
        _ => false,
    }
}

/// One transaction: reads that must be one's own, and perhaps two rows that must appear together.
async fn transact(
    db: &Databases,
    grant: &TenantGrant,
    pair: Option<[MappingId; 2]>,
    figures: &Figures,
    reached: &std::sync::Mutex<Reached>,
) -> Result<(), DbErr> {
    let tx = db.begin(grant);
    let own = settings::Entity::find().one(&tx).await?;
    let mut seen: Vec<_> = own.iter().map(|row| row.tenant_id).collect();
    if own.is_none() {
        figures.wrong_tenant.fetch_add(1, Ordering::Relaxed);
    }
    if let Some(pair) = pair {
        for id in pair {
            let row = import_mapping::ActiveModel {
                tenant_id: Set(grant.tenant()),
                id: Set(id),
                name: Set(id.to_string()),
                mapping: Set(json!({ "pair": pair })),
                ..Default::default()
            };
            seen.push(row.insert(&tx).await?.tenant_id);
        }
        let newest = import_mapping::Entity::find().order_by_desc(import_mapping::COLUMN.id).limit(3).all(&tx).await?;
        seen.extend(newest.iter().map(|row| row.tenant_id));
    }
    let foreign = seen.iter().filter(|tenant| **tenant != grant.tenant()).count();
    figures.wrong_tenant.fetch_add(foreign as u64, Ordering::Relaxed);
    *reached.lock().unwrap() = Reached::Commit;
    tx.commit().await?;
    *reached.lock().unwrap() = Reached::Acknowledged;
    Ok(())
}

/// One task's share: a tenant at random, a cancellation at random.
async fn storm(
    db: Databases,
    grants: Arc<Vec<TenantGrant>>,
    seed: u64,
    figures: Arc<Figures>,
    transactions: u64,
) -> Vec<([MappingId; 2], Reached)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut pairs = Vec::new();
    for _ in 0..transactions {
        let grant = &grants[random.random_range(0..grants.len())];
        let pair = random
            .random_bool(0.15)
            .then(|| [Uuid::from_u128(random.random()).into(), Uuid::from_u128(random.random()).into()]);
        let reached = std::sync::Mutex::new(Reached::Work);
        let work = transact(&db, grant, pair, &figures, &reached);
        let outcome = match random.random_range(0..24_u32) {
            waits @ 0..12 => cancelled_at(work, waits).await,
            12..16 => tokio::time::timeout(Duration::from_micros(random.random_range(0..3_000)), work).await.ok(),
            _ => Some(work.await),
        };
        match outcome {
            None => drop(figures.cancelled.fetch_add(1, Ordering::Relaxed)),
            Some(Err(error)) if waited_too_long(&error) => drop(figures.busy.fetch_add(1, Ordering::Relaxed)),
            Some(Err(error)) => {
                figures.refused.fetch_add(1, Ordering::Relaxed);
                if figures.refused.load(Ordering::Relaxed) < 20 {
                    println!("task {seed}: {error}");
                }
            }
            Some(Ok(())) => drop(figures.finished.fetch_add(1, Ordering::Relaxed)),
        }
        let reached = *reached.lock().unwrap();
        pairs.extend(pair.map(|pair| (pair, reached)));
    }
    pairs
}

/// Ends connections of the API under way, one after the other at random, as a restart or a network would: so many for so many
/// transactions, however fast the machine is.
async fn churn(database: Database, seed: u64, figures: Arc<Figures>, ended: Arc<AtomicU64>) {
    let superuser = database.superuser().await;
    let mut random = StdRng::seed_from_u64(seed);
    let one = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'keystead_app' ORDER BY random() LIMIT 1";
    let mut next = 0;
    loop {
        while figures.over() < next {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        next = figures.over() + random.random_range(2..20);
        ended.fetch_add(superuser.execute(one, &[]).await.unwrap(), Ordering::Relaxed);
    }
}

/// What is left when a storm is over: of each pair, whether it may and must be there.
struct Aftermath {
    lost: usize,
    halves: usize,
    uncommitted: usize,
    nobodys: i64,
    misfiled: usize,
}

impl Aftermath {
    async fn of(database: &Client, pairs: &[([MappingId; 2], Reached)]) -> Self {
        let sql = "SELECT m.id, m.tenant_id = e.tenant_id AND count(*) OVER (PARTITION BY e.object_id) = 1
            FROM app.import_mappings m JOIN audit.events e ON e.object_id = m.id AND e.action = 'import_mapping.created'";
        let found: BTreeMap<Uuid, bool> =
            database.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
        let present = |pair: &[MappingId; 2]| pair.iter().filter(|id| found.contains_key(&id.uuid())).count();
        let count = |state, wrong: &dyn Fn(usize) -> bool| {
            pairs.iter().filter(|(pair, reached)| *reached == state && wrong(present(pair))).count()
        };
        let there: usize = pairs.iter().map(|(pair, _)| present(pair)).sum();
        let all: i64 = database.query_one("SELECT count(*) FROM app.import_mappings", &[]).await.unwrap().get(0);
        Self {
            lost: count(Reached::Acknowledged, &|present| present != 2),
            halves: count(Reached::Commit, &|present| present == 1),
            uncommitted: count(Reached::Work, &|present| present > 0),
            nobodys: all - i64::try_from(there).unwrap(),
            misfiled: found.values().filter(|once| !**once).count(),
        }
    }

    fn report(&self, proof: &Proof, storm: &str) {
        proof.zero(&format!("acknowledged-and-lost-{storm}"), self.lost);
        proof.zero(&format!("half-transactions-{storm}"), self.halves);
        proof.zero(&format!("never-committed-and-visible-{storm}"), self.uncommitted);
        proof.zero(&format!("rows-that-nobody-wrote-{storm}"), self.nobodys);
        proof.zero(&format!("rows-without-one-event-of-their-tenant-{storm}"), self.misfiled);
    }
}

/// Connections of the API that are still in a transaction after five seconds.
async fn left_open(database: &Client) -> i64 {
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'keystead_app' AND state LIKE '%in transaction%'";
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let open: i64 = database.query_one(open, &[]).await.unwrap().get(0);
        if open == 0 || Instant::now() > deadline {
            return open;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Uses every connection of the pool several times; how often it was not as good as new.
async fn poisoned(world: &World, grants: &[TenantGrant]) -> usize {
    let checks = join_all((0..CONNECTIONS * 4).map(|n| async move {
        let grant = &grants[n % TENANTS];
        let tx = world.app.db.begin(grant);
        let own = settings::Entity::find().all(&tx).await?;
        tx.commit().await?;
        Ok::<_, DbErr>(own.len() == 1 && own[0].tenant_id == grant.tenant())
    }));
    checks.await.into_iter().filter(|check| !matches!(check, Ok(true))).count()
}

/// Holds every connection of the pool at once; how many there are too few.
async fn lost(world: &World, grants: &[TenantGrant]) -> usize {
    let mut held = Vec::new();
    for grant in grants.iter().take(CONNECTIONS) {
        let tx = world.app.db.begin(grant);
        if settings::Entity::find().all(&tx).await.is_ok() {
            held.push(tx);
        }
    }
    CONNECTIONS - held.len()
}

/// A storm, with or without connections that break, and its figures.
async fn weather(proof: &Proof, storm_name: &str, each: u64, connections_break: bool) {
    let world = World::with(Options { db_pool: CONNECTIONS, ..Options::default() }).await;
    let tenants: Vec<_> = stream::iter(0..TENANTS)
        .map(async |n| world.tenant(&format!("builder-{n}")).await)
        .buffer_unordered(CONNECTIONS)
        .collect()
        .await;
    let grants = join_all(tenants.iter().map(|tenant| grant(&world, &tenant.admin))).await;
    let (grants, figures) = (Arc::new(grants), Arc::new(Figures::default()));

    let started = Instant::now();
    let ended = Arc::<AtomicU64>::default();
    let breaking = connections_break
        .then(|| tokio::spawn(churn(world.database.clone(), proof.seed(), Arc::clone(&figures), Arc::clone(&ended))));
    let tasks = (0..TASKS).map(|task| {
        let (db, grants, figures) = (world.app.db.clone(), Arc::clone(&grants), Arc::clone(&figures));
        tokio::spawn(storm(db, grants, proof.seed() ^ task, figures, each))
    });
    let pairs: Vec<_> = join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    if let Some(breaking) = breaking {
        breaking.abort();
        proof.at_least(&format!("connections-ended-{storm_name}"), ended.load(Ordering::Relaxed), TASKS * each / 40);
    }
    let all = [&figures.finished, &figures.cancelled, &figures.busy, &figures.refused];
    let [finished, cancelled, busy, refused] = all.map(|figure| figure.load(Ordering::Relaxed));
    let of = |state| pairs.iter().filter(|(_, reached)| *reached == state).count();
    println!(
        "{} transactions in {:?}; pairs: {} acknowledged, {} at commit, {} before",
        finished + cancelled + busy + refused,
        started.elapsed(),
        of(Reached::Acknowledged),
        of(Reached::Commit),
        of(Reached::Work)
    );
    assert!(
        of(Reached::Acknowledged) > 100 && of(Reached::Work) > 100 && of(Reached::Commit) > 0,
        "every stage is cut"
    );
    proof.at_least(&format!("transactions-{storm_name}"), finished + cancelled + busy + refused, TASKS * each);
    proof.at_least(&format!("finished-{storm_name}"), finished, TASKS * each / 4);
    proof.at_least(&format!("cancelled-{storm_name}"), cancelled, TASKS * each / 4);
    proof.zero(&format!("wrong-tenant-{storm_name}"), figures.wrong_tenant.load(Ordering::Relaxed));
    proof.at_most(&format!("busy-{storm_name}"), busy, TASKS * each / 100);
    if connections_break {
        proof.note(&format!("refused-{storm_name}"), refused);
    } else {
        // Nothing was wrong with any of them.
        proof.zero(&format!("refused-{storm_name}"), refused);
    }
    let database = world.database.superuser().await;
    proof.zero(&format!("left-open-{storm_name}"), left_open(&database).await);
    Aftermath::of(&database, &pairs).await.report(proof, storm_name);
    if connections_break {
        // A connection that was ended while it lay in the pool is noticed when it is used: once through all of them.
        poisoned(&world, &grants).await;
    }
    proof.zero(&format!("poisoned-connections-{storm_name}"), poisoned(&world, &grants).await);
    proof.zero(&format!("lost-connections-{storm_name}"), lost(&world, &grants).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_transactions_leave_nothing_behind() {
    weather(&Proof::of("T8"), "cancelled", scale(320, 16_000), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_connections_leave_nothing_behind() {
    weather(&Proof::of("T8"), "broken", scale(80, 2_000), true).await;
}

#[tokio::test]
async fn a_refused_statement_cannot_be_committed_over() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let grant = grant(&world, &acme.admin).await;
    let tx = world.app.db.begin(&grant);
    let row = |name: &str| import_mapping::ActiveModel {
        tenant_id: Set(grant.tenant()),
        id: Set(world.app.clock.id()),
        name: Set(name.to_owned()),
        mapping: Set(json!({})),
        ..Default::default()
    };
    row("first").insert(&tx).await.unwrap();
    assert!(row("first").insert(&tx).await.is_err(), "the name is taken");
    // PostgreSQL answers COMMIT of a failed transaction with success and rolls back: that must not pass for an acknowledgement.
    assert!(tx.commit().await.is_err(), "nothing was committed");
    let tx = world.app.db.begin(&grant);
    let kept = import_mapping::Entity::find().filter(import_mapping::COLUMN.name.eq("first")).all(&tx).await.unwrap();
    assert!(kept.is_empty());

    // Behind a savepoint the refusal costs only what the savepoint held.
    row("second").insert(&tx).await.unwrap();
    let refused: Result<_, DbErr> = tx.savepoint(async |tx| row("second").insert(tx).await).await;
    assert!(refused.is_err());
    tx.commit().await.unwrap();
    let tx = world.app.db.begin(&grant);
    assert_eq!(import_mapping::Entity::find().all(&tx).await.unwrap().len(), 1);
}
