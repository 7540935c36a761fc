//! Point-in-time recovery: a base backup and archived WAL, while people write; the disk is lost, and a chosen moment comes
//! back on another server.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use keystead_blobs::Blobs;
use keystead_ids::PresetRole::SalesAgent;
use keystead_local::postgres::{Cluster, Durability};
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{Options, OwnServices, Person, Tenant, uuid_of};
use rand::Rng;
use serde_json::json;
use tempfile::TempDir;
use tokio::{process::Command, task::JoinSet};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use super::{bulk, check};

/// Seconds after which PostgreSQL archives what it has, however little: the bound on what a lost disk costs. The deep
/// tier has what deployments are told to set (docs/BACKUP.md); the fast one has no time.
fn archive_timeout() -> u32 {
    scale(1, 60)
}

const PATIENCE: Duration = Duration::from_secs(60);

/// A contact that was acknowledged.
struct Write {
    id: Uuid,
    sent: SystemTime,
    acknowledged: SystemTime,
}

/// Where WAL and base backup go: not the disk that is lost.
struct Vault {
    folder: TempDir,
}

impl Vault {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in ["", "archive"] {
            let path = folder.path().join(path);
            fs::create_dir_all(&path).unwrap();
            // The database may run as another account.
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        }
        Self { folder }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }

    /// Has a cluster archive its WAL here, from its next start on.
    fn archives(&self, data: &Path) {
        let archive = self.archive();
        let archive = archive.display();
        // Under another name first: a segment that was half copied must not look whole.
        let command = format!("test ! -f {archive}/%f && cp %p {archive}/%f.part && mv {archive}/%f.part {archive}/%f");
        let settings =
            format!("archive_mode = on\narchive_timeout = {}\narchive_command = '{command}'\n", archive_timeout());
        configure(data, &settings);
    }

    /// A base backup of a running cluster, by the way that needs no other program (PostgreSQL manual, 26.3.3).
    async fn back_up(&self, data: &Path, database: &Client) {
        database.query_one("SELECT pg_backup_start('drill', true)", &[]).await.unwrap();
        copy(data, &self.base()).await;
        let row = database.query_one("SELECT labelfile FROM pg_backup_stop()", &[]).await.unwrap();
        place(&self.base(), "backup_label", row.get(0));
        let _ = fs::remove_file(self.base().join("postmaster.pid"));
        for entry in fs::read_dir(self.base().join("pg_wal")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// A cluster of its own, recovered up to `moment`, or as far as the archive goes.
    async fn recover(&self, name: &str, password: &Path, moment: Option<&str>) -> Cluster {
        let home = self.folder.path().join(name);
        fs::create_dir_all(&home).unwrap();
        fs::copy(password, home.join("superuser-password")).unwrap();
        let data = home.join("data");
        copy(&self.base(), &data).await;
        let target = moment.map_or_else(String::new, |moment| {
            format!("recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
        });
        let restore = format!("restore_command = 'cp {}/%f %p'\n", self.archive().display());
        configure(&data, &format!("archive_mode = off\n{restore}{target}"));
        place(&data, "recovery.signal", "");
        let cluster = Cluster::start_with(&home, 0, Durability::Full).await.expect("the recovered cluster starts");
        let database = connect(&cluster).await;
        let deadline = Instant::now() + PATIENCE;
        while database.query_one("SELECT pg_is_in_recovery()", &[]).await.unwrap().get(0) {
            assert!(Instant::now() < deadline, "recovery does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        cluster
    }
}

fn configure(data: &Path, settings: &str) {
    use std::io::Write as _;
    let file = data.join("postgresql.auto.conf");
    fs::OpenOptions::new().append(true).open(file).unwrap().write_all(settings.as_bytes()).unwrap();
}

/// Writes a file that belongs to whom the cluster belongs to.
fn place(data: &Path, name: &str, text: &str) {
    let owner = fs::metadata(data).unwrap();
    fs::write(data.join(name), text).unwrap();
    std::os::unix::fs::chown(data.join(name), Some(owner.uid()), Some(owner.gid())).unwrap();
}

async fn copy(from: &Path, to: &Path) {
    // Files of a running database come and go while they are copied; what is missing is in the WAL.
    let mut command = Command::new("cp");
    let copied = command.arg("-a").arg(from).arg(to).output().await.unwrap();
    let complaints = String::from_utf8_lossy(&copied.stderr);
    let fine = complaints.lines().all(|line| line.contains("No such file") || line.contains("vanished"));
    assert!(copied.status.success() || fine, "{complaints}");
}

async fn connect(cluster: &Cluster) -> Client {
    let (client, connection) = tokio_postgres::connect(&cluster.url_of("keystead"), NoTls).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// Creates contacts until the server cannot any more.
async fn write(agent: Person, project: String, client: usize, count: Arc<AtomicUsize>) -> Vec<Write> {
    let mut writes = Vec::new();
    loop {
        let buyer = json!({ "project_id": project, "name": format!("Client{client} Buyer{}", writes.len()),
            "email": format!("buyer{}@client{client}.test", writes.len()) });
        let sent = SystemTime::now();
        match agent.post("/v1/contacts", &buyer).try_send().await {
            Some(answer) if answer.status == 201 => {
                writes.push(Write { id: uuid_of(&answer.id()), sent, acknowledged: SystemTime::now() });
                count.fetch_add(1, Ordering::Relaxed);
            }
            _ => return writes,
        }
    }
}

async fn reaches(count: &AtomicUsize, wanted: usize) {
    let deadline = Instant::now() + PATIENCE;
    while count.load(Ordering::Relaxed) < wanted {
        assert!(Instant::now() < deadline, "writing stands still");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until everything up to now is in the archive; while others write, that takes at most the archive's time-out.
async fn archived(database: &Client) {
    let now: String = database.query_one("SELECT pg_walfile_name(pg_current_wal_lsn())", &[]).await.unwrap().get(0);
    let deadline = Instant::now() + PATIENCE + Duration::from_secs(archive_timeout().into());
    let sql = "SELECT coalesce(last_archived_wal >= $1, false) FROM pg_stat_archiver";
    while !database.query_one(sql, &[&now]).await.unwrap().get::<_, bool>(0) {
        assert!(Instant::now() < deadline, "{now} is not archived");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The database's own time.
async fn now(database: &Client) -> SystemTime {
    database.query_one("SELECT clock_timestamp()", &[]).await.unwrap().get(0)
}

/// The moment that lies so far (0 to 1) between two others, and as PostgreSQL writes it.
async fn between(database: &Client, from: SystemTime, to: SystemTime, share: f64) -> (SystemTime, String) {
    let sql = "SELECT t, t::text FROM (SELECT $1::timestamptz + ($2::timestamptz - $1::timestamptz) * $3::float8) c(t)";
    let row = database.query_one(sql, &[&from, &to, &share]).await.unwrap();
    (row.get(0), row.get(1))
}

async fn contacts(database: &Client) -> HashSet<Uuid> {
    database.query("SELECT id FROM app.contacts", &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_chosen_moment_comes_back_after_the_disk_is_lost() {
    let proof = Proof::of("T22");
    let vault = Vault::new();
    let mut own = OwnServices::start(Durability::Full).await;
    let data = own.services.postgres().data_dir().to_owned();
    vault.archives(&data);
    own.services.postgres().restart().await.unwrap();
    let server = own.serve(&Options::default(), &[]).await;
    let acme = Tenant::sign_up(&server, "acme").await;
    let project = acme.project("FUSION").await;
    acme.unit(&project, "101").await;
    let database = own.database().superuser().await;
    bulk::enlarge(&database, &acme.id).await;
    let agent = acme.hire(SalesAgent, &[&project]).await;

    let count = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..4 {
        clients.spawn(write(agent.clone(), project.clone(), client, Arc::clone(&count)));
    }
    reaches(&count, 10).await;
    vault.back_up(&data, &database).await;
    let some = scale(40, 1_500);
    reaches(&count, count.load(Ordering::Relaxed) + some).await;
    let from = now(&database).await;
    reaches(&count, count.load(Ordering::Relaxed) + some).await;
    let mut random = proof.rng();
    let (moment, text) = between(&database, from, now(&database).await, random.random_range(0.0..1.0)).await;
    reaches(&count, count.load(Ordering::Relaxed) + some).await;
    archived(&database).await;
    reaches(&count, count.load(Ordering::Relaxed) + some).await;
    // Nor does a disk choose the moment after archiving.
    tokio::time::sleep(Duration::from_secs(archive_timeout().into()).mul_f64(random.random_range(0.0..1.0))).await;
    own.services.postgres().kill9().await;
    let lost_at = SystemTime::now();
    let writes: Vec<Write> = clients.join_all().await.into_iter().flatten().collect();
    let password = own.folder("postgres").join("superuser-password");

    // To the moment.
    let began = Instant::now();
    let cluster = vault.recover("moment", &password, Some(&text)).await;
    let restored = connect(&cluster).await;
    let there = contacts(&restored).await;
    let kms = own.named("AWS_ENDPOINT_URL_KMS");
    let (opened, refused) = check::opened(&restored, &kms, &bucket(&own), &acme.id).await;
    bulk::report(&proof, "pitr", &restored, began.elapsed()).await;
    let into = moment.duration_since(from).unwrap_or_default();
    proof.note("pitr-moment-seconds-into-the-writing", into.as_secs_f64());
    let before = writes.iter().filter(|write| write.acknowledged <= moment);
    proof.at_least("pitr-acknowledged-before", before.clone().count(), some);
    proof.zero("pitr-lost-before", before.filter(|write| !there.contains(&write.id)).count());
    let after = writes.iter().filter(|write| write.sent > moment);
    proof.at_least("pitr-acknowledged-after", after.clone().count(), some);
    proof.zero("pitr-present-after", after.filter(|write| there.contains(&write.id)).count());
    proof.zero("pitr-dangling-references", check::dangling(&restored).await.0);
    let (events, broken) = check::chains(&restored).await;
    assert!(events > 0);
    proof.zero("pitr-broken-chains", broken);
    proof.exactly("pitr-contacts-that-open", opened, there.len());
    assert!(refused.is_empty(), "{refused:?}");
    drop(restored);
    cluster.stop().await;

    // As far as the archive goes: what a lost disk costs.
    let cluster = vault.recover("last", &password, None).await;
    let there = contacts(&connect(&cluster).await).await;
    let lost = writes.iter().filter(|write| !there.contains(&write.id));
    let oldest = lost.clone().map(|write| write.acknowledged).min();
    let rpo = oldest.map_or(0.0, |oldest| lost_at.duration_since(oldest).unwrap_or_default().as_secs_f64());
    proof.note("rpo-lost-with-the-disk", lost.count());
    proof.note("archive-timeout-seconds", archive_timeout());
    if full() {
        proof.at_most("rpo-seconds", rpo, archive_timeout())
    } else {
        proof.note("rpo-seconds", rpo)
    }
    cluster.stop().await;
    server.kill9().await;
    own.stop().await;
}

/// The bucket of the server, which outlives the database.
fn bucket(own: &OwnServices) -> Blobs {
    let named = |name| own.named(name);
    let name = own.database().name().replace('_', "-");
    let (endpoint, region) = (named("AWS_ENDPOINT_URL_S3"), named("AWS_REGION"));
    Blobs::connect_with_key(&endpoint, &region, &name, &named("AWS_ACCESS_KEY_ID"), &named("AWS_SECRET_ACCESS_KEY"))
}
