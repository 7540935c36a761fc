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

use futures::future::join_all;
use keystead_entities::{import_mapping, settings};
use keystead_ids::{MappingId, SessionId};
use keystead_tenants::{
    Databases, TenantGrant,
    orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set},
    platform::SessionScope,
};
use keystead_tests::{Options, Person, World};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use uuid::Uuid;

const TENANTS: usize = 20;
const TASKS: u64 = 64;
const EACH: u64 = 320;
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
    refused: AtomicU64,
    cancelled: AtomicU64,
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
) -> Vec<([MappingId; 2], Reached)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut pairs = Vec::new();
    for _ in 0..EACH {
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
            Some(Err(error)) => {
                figures.refused.fetch_add(1, Ordering::Relaxed);
                println!("seed {seed}: {error}");
            }
            Some(Ok(())) => {}
        }
        let reached = *reached.lock().unwrap();
        pairs.extend(pair.map(|pair| (pair, reached)));
    }
    pairs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_transactions_leave_nothing_behind() {
    let world = World::with(Options { db_pool: CONNECTIONS, ..Options::default() }).await;
    let tenants = join_all((0..TENANTS).map(|n| {
        let world = &world;
        async move { world.tenant(&format!("builder-{n}")).await }
    }))
    .await;
    let grants = join_all(tenants.iter().map(|tenant| grant(&world, &tenant.admin))).await;
    let (grants, figures) = (Arc::new(grants), Arc::new(Figures::default()));

    let started = Instant::now();
    let tasks = (0..TASKS)
        .map(|seed| tokio::spawn(storm(world.app.db.clone(), Arc::clone(&grants), seed, Arc::clone(&figures))));
    let pairs: Vec<_> = join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    let (cancelled, refused) = (figures.cancelled.load(Ordering::Relaxed), figures.refused.load(Ordering::Relaxed));
    let of = |state| pairs.iter().filter(|(_, reached)| *reached == state).count();
    println!(
        "{} transactions in {:?}, {cancelled} cancelled; pairs: {} acknowledged, {} at commit, {} before",
        TASKS * EACH,
        started.elapsed(),
        of(Reached::Acknowledged),
        of(Reached::Commit),
        of(Reached::Work)
    );
    assert_eq!(figures.wrong_tenant.load(Ordering::Relaxed), 0, "rows of another tenant, or none of one's own");
    assert_eq!(refused, 0, "transactions that were refused although nothing was wrong with them");
    assert!(
        cancelled > TASKS * EACH / 4
            && of(Reached::Acknowledged) > 100
            && of(Reached::Work) > 100
            && of(Reached::Commit) > 0
    );

    let database = world.database.superuser().await;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'keystead_app' AND state LIKE '%in transaction%'";
    let deadline = Instant::now() + Duration::from_secs(5);
    while database.query_one(open, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(Instant::now() < deadline, "connections stay in a transaction");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let sql = "SELECT m.id, m.tenant_id = e.tenant_id AND count(*) OVER (PARTITION BY e.object_id) = 1
        FROM app.import_mappings m JOIN audit.events e ON e.object_id = m.id AND e.action = 'import_mapping.created'";
    let found: BTreeMap<Uuid, bool> =
        database.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(found.values().all(|once| *once), "every row has one audit event of its own tenant");
    let mut there = 0;
    for (pair, reached) in &pairs {
        let present = pair.iter().filter(|id| found.contains_key(&id.uuid())).count();
        there += present;
        match reached {
            Reached::Acknowledged => assert_eq!(present, 2, "acknowledged and lost: {pair:?}"),
            Reached::Commit => assert!(present == 0 || present == 2, "half of a transaction is visible: {pair:?}"),
            Reached::Work => assert_eq!(present, 0, "never committed and visible: {pair:?}"),
        }
    }
    let all: i64 = database.query_one("SELECT count(*) FROM app.import_mappings", &[]).await.unwrap().get(0);
    assert_eq!((found.len(), all), (there, i64::try_from(there).unwrap()), "rows that nobody wrote");

    // Every connection is as good as new.
    let checks = join_all((0..CONNECTIONS * 4).map(|n| {
        let (world, grant) = (&world, &grants[n % TENANTS]);
        async move {
            let tx = world.app.db.begin(grant);
            let own = settings::Entity::find().all(&tx).await.unwrap();
            tx.commit().await.unwrap();
            own.len() == 1 && own[0].tenant_id == grant.tenant()
        }
    }));
    assert!(checks.await.into_iter().all(|good| good));
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
    tx.execute_unprepared("SELECT 1").await.unwrap();
}
