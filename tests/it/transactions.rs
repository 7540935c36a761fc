//! The tenant's transaction: savepoints, laziness, what is not committed, and what is not sent.
#![expect(clippy::disallowed_types, reason = "what an attacker sends is raw")]

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use futures::{future::join_all, join, poll};
use keystead_entities::phase;
use keystead_ids::{ProjectId, SessionId, TenantId};
use keystead_tenants::{
    Refused, TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Expr, PaginatorTrait, Query, QueryFilter,
        Set,
    },
    platform::SessionScope,
};
use keystead_tests::{Options, Person, World, count, uuid_of};
use sea_orm::{DbBackend, Statement};
use tokio::time::{sleep, timeout};

async fn begin(world: &World, person: &Person) -> TenantTx {
    let me = person.get("/v1/me").expect(200).await;
    let session: SessionId = me.json["session_id"].as_str().unwrap().parse().unwrap();
    let session = world.app.db.platform().session(session, world.app.clock.now()).await.unwrap().unwrap();
    let SessionScope::Tenant { grant, .. } = &session.scope else { panic!("a member's session") };
    world.app.db.begin(grant)
}

async fn add(world: &World, tx: &TenantTx, project: ProjectId, name: &str) -> Result<(), DbErr> {
    let row = phase::ActiveModel {
        tenant_id: Set(tx.grant().tenant()),
        id: Set(world.app.clock.id()),
        project_id: Set(project),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    row.insert(tx).await.map(drop)
}

async fn phases(tx: &TenantTx, project: ProjectId) -> u64 {
    phase::Entity::find().filter(phase::COLUMN.project_id.eq(project)).count(tx).await.unwrap()
}

#[tokio::test]
async fn a_failed_savepoint_undoes_only_itself() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();

    let tx = begin(&world, &acme.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    let twice = tx
        .savepoint(async |tx| {
            add(&world, tx, project, "two").await?;
            add(&world, tx, project, "one").await
        })
        .await;
    assert!(twice.unwrap_err().refusal().unwrap().is_duplicate());
    tx.savepoint(async |tx| add(&world, tx, project, "three").await).await.unwrap();
    tx.commit().await.unwrap();

    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 2, "one and three stand, two is undone");
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();

    let tx = begin(&world, &acme.admin).await;
    let outcome = tx.outcome();
    add(&world, &tx, project, "one").await.unwrap();
    assert!(outcome.lost_writes(), "until it is committed");
    drop(tx);
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 0);
    drop(tx);

    let tx = begin(&world, &acme.admin).await;
    let outcome = tx.outcome();
    add(&world, &tx, project, "one").await.unwrap();
    tx.commit().await.unwrap();
    assert!(!outcome.lost_writes());
}

/// Makes the COMMIT of a new phase wait for the advisory lock 7.
const SLOW_COMMIT: &str = "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '1min' AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON app.phases DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait()";

#[tokio::test]
async fn whoever_goes_during_commit_takes_the_connection_along() {
    let world = World::with(Options { db_pool: 2, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    let superuser = world.database.superuser().await;
    superuser.batch_execute(SLOW_COMMIT).await.unwrap();
    superuser.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7)").await.unwrap();

    let tx = begin(&world, &acme.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    let mut commit = Box::pin(tx.commit());
    assert!(poll!(&mut commit).is_pending());
    drop(commit);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND query = 'SELECT; COMMIT' AND wait_event_type = 'Lock'";
    while count(&superuser, waiting, &[]).await == 0 {
        sleep(Duration::from_millis(5)).await;
    }

    // The connection that was used last would be the next one's, who would wait behind the COMMIT.
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 0);
    assert_eq!(count(&superuser, waiting, &[]).await, 1, "another connection is free");
    drop(tx);

    superuser.batch_execute("ROLLBACK").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while phases(&begin(&world, &acme.admin).await, project).await == 0 {
        assert!(Instant::now() < deadline, "the COMMIT was sent, and is not taken back");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_transaction_without_a_query_takes_no_connection() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    // Far more than the pool has connections.
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(begin(&world, &acme.admin).await);
    }
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    assert_eq!(phases(&idle[63], project).await, 0);
}

/// Outside of a runtime nobody could wait for an answer, so a connection that is owed one is closed there.
#[tokio::test]
async fn a_transaction_that_ends_gives_its_connection_back() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let backend = async |tx: &TenantTx| injected(tx, "SELECT pg_backend_pid()::text").await.unwrap();
    let tx = begin(&world, &acme.admin).await;
    let before = backend(&tx).await;
    std::thread::spawn(move || drop(tx)).join().unwrap();

    let tx = begin(&world, &acme.admin).await;
    assert_eq!(backend(&tx).await, before);
    leave_asleep(&tx, "0.1").await;
    drop(tx);
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(backend(&tx).await, before, "it was waited for");
    leave_asleep(&tx, "60").await;
    std::thread::spawn(move || drop(tx)).join().unwrap();
    let tx = begin(&world, &acme.admin).await;
    assert_ne!(backend(&tx).await, before);
}

/// Whoever asked goes while the server sleeps for so many seconds.
async fn leave_asleep(tx: &TenantTx, seconds: &str) {
    let sleeps = format!("SELECT pg_sleep({seconds})::text");
    assert!(timeout(Duration::from_millis(30), injected(tx, &sleeps)).await.is_err());
}

/// Each waits for its own preparation, so the second could overtake the first.
#[tokio::test]
async fn statements_that_are_polled_together_are_sent_in_their_order() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    let tx = begin(&world, &acme.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    tx.commit().await.unwrap();

    let tx = begin(&world, &acme.admin).await;
    let never_sent_before = "SELECT 'there are ' || count(*) FROM app.phases";
    let (counted, prepared) = join!(injected(&tx, never_sent_before), add(&world, &tx, project, "two"));
    prepared.unwrap();
    assert_eq!(counted.unwrap(), "there are 1", "the second was not there yet");
    assert_eq!(phases(&tx, project).await, 2);
}

#[tokio::test]
async fn what_fails_fails_what_was_sent_with_it_and_nothing_else() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    for failing in 1..5 {
        let tx = begin(&world, &acme.admin).await;
        let mut names = ["one", "two", "three", "four", "five"];
        names[failing] = "one";
        let outcomes = join_all(names.map(|name| add(&world, &tx, project, name))).await;
        assert!(outcomes[..failing].iter().all(Result::is_ok), "{outcomes:?}");
        assert!(outcomes[failing].as_ref().unwrap_err().refusal().unwrap().is_duplicate(), "{outcomes:?}");
        let aborted = |outcome: &Result<(), DbErr>| outcome.as_ref().unwrap_err().refusal().unwrap().code == "25P02";
        assert!(outcomes[failing + 1..].iter().all(aborted), "{outcomes:?}");
        assert!(add(&world, &tx, project, "six").await.is_err(), "the transaction is over");
        assert!(tx.commit().await.is_err());
    }
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 0);
    add(&world, &tx, project, "one").await.unwrap();
    tx.commit().await.unwrap();
}

/// Both answers arrive at once. Whoever looks at the second first must not take it for the reason.
#[tokio::test]
async fn what_failed_is_heard_of_before_what_failed_with_it() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    let tx = begin(&world, &acme.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    let mut fails = pin!(add(&world, &tx, project, "one"));
    let mut follows = pin!(add(&world, &tx, project, "two"));
    assert!(poll!(&mut fails).is_pending() && poll!(&mut follows).is_pending(), "both are sent");
    tokio::select! {
        biased;
        consequence = &mut follows => panic!("{consequence:?}"),
        cause = &mut fails => assert!(cause.unwrap_err().refusal().unwrap().is_duplicate()),
    }
}

/// A request's statement takes five seconds at most, an export's a minute: it may wait for a migration.
#[tokio::test]
async fn an_export_waits_for_longer_than_a_request() {
    const LONGER_THAN_A_REQUEST: Duration = Duration::from_secs(7);
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (tenant, request) = (TenantId(uuid_of(&acme.id)), world.app.clock.id());
    let snapshot = world.app.db.snapshot(tenant, request).await.unwrap();
    let tables = snapshot.tables().await.unwrap();
    let phases = tables.iter().find(|table| table.name == "app.phases").unwrap();
    let migration = world.database.superuser().await;
    migration.batch_execute("BEGIN; LOCK TABLE app.phases IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (rows, ()) = join!(async { snapshot.rows(phases).await.map(drop) }, async {
        sleep(LONGER_THAN_A_REQUEST).await;
        migration.batch_execute("COMMIT").await.unwrap();
    });
    rows.unwrap();
}

/// What a statement says into which somebody got this text.
async fn injected(tx: &TenantTx, text: &str) -> Result<String, DbErr> {
    let row = tx.query_one(Query::select().expr(Expr::cust(format!("({text})::text")))).await?;
    row.map_or(Ok(String::new()), |row| Ok(row.try_get_by_index::<Option<String>>(0)?.unwrap_or_default()))
}

/// What is long is hardly ever asked for twice: kept, texts of a hundred values would fill the server's memory.
#[tokio::test]
async fn a_short_statement_is_prepared_once_and_a_long_one_is_not_kept() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let tx = begin(&world, &acme.admin).await;
    injected(&tx, "SELECT 'a short one'").await.unwrap();
    injected(&tx, &format!("SELECT 'a long one{}'", " ".repeat(4_096))).await.unwrap();
    let kept = injected(&tx, "SELECT string_agg(left(statement, 40), '; ') FROM pg_prepared_statements").await.unwrap();
    assert!(kept.contains("a short one") && !kept.contains("a long one"), "{kept}");
}

/// Names of prepared statements are one space, whether the driver or SQL's PREPARE made them: whoever could redefine how a
/// context is entered would be handed the next tenant's.
#[tokio::test]
async fn what_is_injected_leaves_nothing_on_the_connection_for_the_next_tenant() {
    let world = World::with(Options { db_pool: 1, ..Options::default() }).await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    const ENTERS: &str = "SELECT string_agg(name || ' ' || pg_backend_pid(), ',') FROM pg_prepared_statements \
        WHERE statement = 'SELECT ctx.enter($1)' AND NOT from_sql";
    let tx = begin(&world, &acme.admin).await;
    let stood = injected(&tx, ENTERS).await.unwrap();
    let name = stood.split(' ').next().unwrap();
    assert!(!name.is_empty() && !stood.contains(','), "{stood}");
    tx.commit().await.unwrap();

    let kept = "set_config('a.kept', $1, false)";
    let redefine = format!("DEALLOCATE {name}; PREPARE {name}(text) AS SELECT ctx.enter($1) FROM (SELECT {kept}) t");
    for text in [
        format!("1); {redefine}; SELECT (1"),
        format!("query_to_xml('DEALLOCATE {name}', false, false, '')"),
        format!("query_to_xml('SELECT 1; DEALLOCATE {name}', false, false, '')"),
        format!("SELECT count(*) FROM ts_stat('DEALLOCATE {name}')"),
    ] {
        for commits in [true, false] {
            let tx = begin(&world, &acme.admin).await;
            let refused = injected(&tx, &text).await;
            assert!(refused.is_err(), "{text}: {refused:?}");
            if commits {
                let _ = tx.commit().await;
            }
        }
    }
    // Nor a setting, a time-out say, that makes the next tenant's requests fail.
    for text in ["set_config('a.kept', 'acme', false)", "set_config('statement_timeout', '1', false)"] {
        let tx = begin(&world, &acme.admin).await;
        assert!(injected(&tx, text).await.is_err(), "{text}");
        let view = "UPDATE pg_settings SET setting = '1' WHERE name = 'statement_timeout'";
        let tx = begin(&world, &acme.admin).await;
        assert!(tx.execute_raw(Statement::from_string(DbBackend::Postgres, view)).await.is_err(), "{view}");
    }
    // Nor does it help to own a whole statement, or a text of several.
    for text in redefine.split_inclusive("; ").chain([redefine.as_str(), "SET a.kept = 'acme'", "DISCARD ALL"]) {
        let tx = begin(&world, &acme.admin).await;
        let statement = Statement::from_string(DbBackend::Postgres, text);
        assert!(tx.query_all_raw(statement.clone()).await.is_err(), "{text}");
        assert!(tx.execute_raw(statement).await.is_err(), "{text}");
        assert!(tx.execute_unprepared(text).await.is_err(), "{text}");
    }
    let project: ProjectId = bolt.project("FUSION").await.parse().unwrap();
    let tx = begin(&world, &bolt.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    assert_eq!(injected(&tx, ENTERS).await.unwrap(), stood, "the same connection, and the same statement on it");
    assert_eq!(injected(&tx, "SELECT count(*) FROM pg_prepared_statements WHERE from_sql").await.unwrap(), "0");
    tx.commit().await.unwrap();
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(injected(&tx, "current_setting('a.kept', true)").await.unwrap(), "", "a context that was kept");
    assert_eq!(injected(&tx, ENTERS).await.unwrap(), stood);
}
