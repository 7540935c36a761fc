//! The cluster survives what happens to it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Result;
use keystead_local::postgres::{Cluster, Durability};
use tokio_postgres::{Client, NoTls};

async fn client(cluster: &Cluster) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(&cluster.url(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A folder that the server's account can reach.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
    Ok(folder)
}

#[tokio::test]
async fn data_survives_a_stop_a_restart_and_a_kill() -> Result<()> {
    let folder = folder()?;
    let mut cluster = Cluster::start_with(folder.path(), 0, Durability::Full).await?;
    let (port, url) = (cluster.port(), cluster.url());
    let session = client(&cluster).await?;
    session.batch_execute("CREATE TABLE homes (lot int PRIMARY KEY); INSERT INTO homes VALUES (1)").await?;

    cluster.restart().await?;
    client(&cluster).await?.execute("INSERT INTO homes VALUES (2)", &[]).await?;

    cluster.kill9().await;
    assert!(client(&cluster).await.is_err(), "nobody answers after a kill");
    cluster.restart().await?;
    client(&cluster).await?.execute("INSERT INTO homes VALUES (3)", &[]).await?;
    cluster.stop().await;

    let cluster = Cluster::start_with(folder.path(), port, Durability::Full).await?;
    assert_eq!(cluster.url(), url, "the password is kept");
    let count: i64 = client(&cluster).await?.query_one("SELECT count(*) FROM homes", &[]).await?.get(0);
    assert_eq!(count, 3);
    cluster.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_stale_pid_file_and_a_server_left_behind_are_no_obstacle() -> Result<()> {
    let folder = folder()?;
    let cluster = Cluster::start_with(folder.path(), 0, Durability::Fast).await?;
    let (port, data) = (cluster.port(), cluster.data_dir().to_owned());
    // A launcher that was killed: the server runs on, and nobody holds it.
    std::mem::forget(cluster);
    let cluster = Cluster::start_with(folder.path(), port, Durability::Fast).await?;
    client(&cluster).await?;
    cluster.stop().await;

    // A crash of the machine, after which the id belongs to another process: this one.
    fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), data.display()))?;
    let cluster = Cluster::start_with(folder.path(), port, Durability::Fast).await?;
    client(&cluster).await?;
    cluster.stop().await;
    Ok(())
}

#[tokio::test]
async fn values_of_rows_do_not_reach_the_log() -> Result<()> {
    let folder = folder()?;
    let cluster = Cluster::start_with(folder.path(), 0, Durability::Fast).await?;
    let session = client(&cluster).await?;
    session.batch_execute("CREATE TABLE people (email text PRIMARY KEY)").await?;
    for _ in 0..2 {
        let _ = session.execute("INSERT INTO people VALUES ($1)", &[&"canary-7f3a@builder.test"]).await;
    }
    assert!(session.batch_execute("SELECT 'canary-7f3a'::int").await.is_err());
    let log = fs::read_to_string(cluster.log_file())?;
    assert!(log.contains("ready to accept connections") && !log.contains("canary"), "{log}");
    cluster.stop().await;
    Ok(())
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_wants_the_password() -> Result<()> {
    let folder = folder()?;
    let cluster = Cluster::start_with(folder.path(), 0, Durability::Fast).await?;
    assert!(cluster.version().is_supported());
    let row = client(&cluster).await?.query_one("SELECT current_setting('listen_addresses')", &[]).await?;
    assert_eq!(row.get::<_, String>(0), "127.0.0.1");
    let row = client(&cluster).await?.query_one("SELECT current_setting('unix_socket_directories')", &[]).await?;
    assert_eq!(row.get::<_, String>(0), "");
    let wrong = format!("postgres://postgres:wrong@127.0.0.1:{}/postgres", cluster.port());
    assert!(tokio_postgres::connect(&wrong, NoTls).await.is_err());
    assert_eq!(mode(&folder.path().join("superuser-password"))?, 0o600);
    cluster.stop().await;
    Ok(())
}

fn mode(path: &Path) -> Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}
