//! `keystead migrate`: beside other databases, beside itself, and killed on its way.

use std::process::Stdio;

use futures::future::join_all;
use keystead_proofs::Proof;
use keystead_server::database::prepare;
use keystead_tests::{Options, World, fresh_database, program, server_config};
use tokio::process::{Child, Command};
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

/// Roles belong to the cluster, so every database that is prepared writes the same rows of its catalogue.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn databases_of_one_cluster_are_prepared_at_once() {
    let world = World::new().await;
    let root =
        server_config(&world.database, &Options::default(), "127.0.0.1:1".parse().unwrap()).shared.root().unwrap();
    let (admin, names): (_, Vec<String>) = (admin_url(), (0..8).map(|_| new_name()).collect());
    for prepared in join_all(names.iter().map(|name| prepare(&admin, name, &root))).await {
        assert!(!prepared.unwrap().is_empty());
    }
}

fn admin_url() -> String {
    std::env::var("DATABASE_ADMIN_URL").unwrap()
}

fn new_name() -> String {
    format!("t_{}", Uuid::new_v4().simple())
}

fn migrate(name: &str) -> Child {
    let port = admin_url().parse::<Config>().unwrap().get_ports()[0];
    let mut command = Command::new(program());
    command.arg("migrate").env("DATABASE_URL", format!("postgres://127.0.0.1:{port}/{name}")).kill_on_drop(true);
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// The administrator in a database, once it is there.
async fn superuser(name: &str) -> Option<Client> {
    let mut config: Config = admin_url().parse().unwrap();
    let (client, connection) = config.dbname(name).connect(NoTls).await.ok()?;
    tokio::spawn(async move { drop(connection.await) });
    Some(client)
}

/// How many migrations are committed.
async fn applied(database: Option<&Client>) -> i64 {
    let Some(database) = database else { return 0 };
    let rows = database.query_one("SELECT count(*) FROM history.migration_history", &[]).await;
    rows.map_or(0, |row| row.get(0))
}

/// Whatever a schema consists of, a line for each.
async fn schema(database: &Client) -> Vec<String> {
    let sql = "WITH ours AS (SELECT oid, nspname FROM pg_namespace
            WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%' AND nspname NOT LIKE 'pg_temp%')
        SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
        UNION ALL SELECT concat_ws(' ', 'class', oid::regclass, relkind, relowner::regrole, relacl, relrowsecurity, relforcerowsecurity)
            FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
        UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, atttypid::regtype, attnotnull, attacl)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE relnamespace IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'default ' || adrelid::regclass || ' ' || pg_get_expr(adbin, adrelid) FROM pg_attrdef
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
        UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE relnamespace IN (SELECT oid FROM ours)
        UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'policy ' || p::text FROM pg_policies p
        UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid), proowner::regrole, proacl)
            FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours) AND prokind = 'f'
        ORDER BY 1";
    database.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_migration_goes_on_where_it_was() {
    let proof = Proof::of("T19");
    let whole = fresh_database().await.superuser().await;
    let (name, last) = (new_name(), applied(Some(&whole)).await);
    let (mut deaths, mut stood) = (0, Vec::new());
    let mut database = None;
    for wanted in 0..last {
        let mut running = migrate(&name);
        // So many are committed: it dies in the middle of the next, or soon.
        while running.try_wait().unwrap().is_none() && applied(database.as_ref()).await < wanted {
            database = match database {
                None => superuser(&name).await,
                some => some,
            };
        }
        deaths += usize::from(running.try_wait().unwrap().is_none());
        running.kill().await.unwrap();
        stood.push(applied(database.as_ref()).await);
    }
    println!("killed {deaths} times, at {stood:?}");
    proof.at_least("migrations-killed", deaths, 5);
    assert!(migrate(&name).wait().await.unwrap().success());
    let (whole, database) = (schema(&whole).await, superuser(&name).await.unwrap());
    let found = schema(&database).await;
    assert_eq!(applied(Some(&database)).await, last);
    let differing =
        whole.iter().filter(|line| !found.contains(line)).chain(found.iter().filter(|line| !whole.contains(line)));
    let differing: Vec<_> = differing.collect();
    println!("{differing:#?}");
    proof.at_least("parts-of-the-schema", whole.len(), 500);
    proof.zero("parts-that-differ-after-deaths", differing.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_deployments_at_once_migrate_one_after_the_other() {
    let name = new_name();
    for ended in join_all([(); 3].map(async |()| migrate(&name).wait().await.unwrap())).await {
        assert!(ended.success(), "{ended}");
    }
}

/// A table that a dump reads, say, is not waited for while everybody else waits behind the migration.
#[tokio::test]
async fn a_migration_gives_up_a_table_that_it_does_not_get() {
    let database = fresh_database().await;
    let held = database.superuser().await;
    held.batch_execute("BEGIN; LOCK TABLE history.migration_history IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let root = server_config(&database, &Options::default(), "127.0.0.1:1".parse().unwrap()).shared.root().unwrap();
    let migrated = async || prepare(&admin_url(), database.name(), &root).await;
    let refused = format!("{:?}", migrated().await.unwrap_err());
    assert!(refused.contains("lock timeout"), "{refused}");
    held.batch_execute("COMMIT").await.unwrap();
    assert!(migrated().await.unwrap().is_empty());
}
