//! The server, the database, or the room on its disk goes away, and comes back.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use keystead_local::postgres::Durability;
use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, OwnServices, ServerProcess, Signal, history::Load, signal_to};
use tokio::time::sleep;

use super::{RECOVERED_WITHIN, tenants};

/// What the processes wrote.
fn logs(own: &mut OwnServices, server: &ServerProcess) -> String {
    let postgres = fs::read_to_string(own.services.postgres().log_file()).unwrap_or_default();
    server.log() + &postgres
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crashes_and_a_database_that_stands_still_lose_and_double_nothing() {
    let proof = Proof::of("T19");
    let mut own = OwnServices::start(Durability::Full).await;
    let server = own.serve(&Options::default(), &[]).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 2);
    load.acknowledges(10).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..scale(1, 12) {
        server.kill9().await;
        let began = Instant::now();
        server.restart().await;
        load.recovers(RECOVERED_WITHIN).await;
        slowest = slowest.max(began.elapsed());

        own.services.postgres().kill9().await;
        own.services.postgres().restart().await.unwrap();
        slowest = slowest.max(load.recovers(RECOVERED_WITHIN).await);
    }
    let family = family(own.services.postgres().pid().unwrap());
    family.iter().for_each(|pid| signal_to(*pid, Signal::STOP));
    sleep(scale(Duration::from_millis(1_500), Duration::from_secs(30))).await;
    // Sessions may have ended, none was begun.
    family
        .iter()
        .filter(|pid| Path::new(&format!("/proc/{pid}")).exists())
        .for_each(|pid| signal_to(*pid, Signal::CONT));
    slowest = slowest.max(load.recovers(RECOVERED_WITHIN).await);

    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    let logs = logs(&mut own, &server);
    history.verify(&proof, "crash", &own.database().superuser().await, &logs).await;
    proof.at_most("crash-recovery-seconds", slowest.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
    server.kill9().await;
    own.stop().await;
}

/// A process with its children: PostgreSQL's sessions do not share its process group.
fn family(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name, in brackets, may hold anything.
        let after = stat.rsplit_once(')').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        after.split_whitespace().nth(1).and_then(|ppid| ppid.parse().ok()) == Some(parent)
    };
    std::iter::once(parent).chain(processes.filter(is_child)).collect()
}

/// Room for the database's files; a fresh cluster takes some 60 MB.
const ROOM: &str = "size=192m,mode=0711";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_is_said_and_survived() {
    let proof = Proof::of("T19");
    let room = Room::mount();
    let Some(room) = room else {
        proof.skipped("disk-full", "a small file system needs the right to mount a tmpfs");
        return;
    };
    let mut own = OwnServices::start_in(Durability::Full, Some(room.0.path())).await;
    let server = own.serve(&Options::default(), &[]).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 1);
    load.acknowledges(6).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..scale(1, 5) {
        let told = load.history.answers(503);
        let filler = room.fill();
        // PostgreSQL goes on within what it has reserved; take that as well.
        let deadline = Instant::now() + Duration::from_secs(90);
        while load.history.answers(503) == told {
            assert!(Instant::now() < deadline, "nobody noticed: {:?}", load.history);
            grow(&own).await;
        }
        sleep(scale(Duration::from_millis(300), Duration::from_secs(5))).await;
        fs::remove_file(filler).unwrap();
        let began = Instant::now();
        // Without room for its log PostgreSQL may have given up: whoever supervises it starts it again.
        if !own.services.postgres().is_running() {
            own.services.postgres().restart().await.unwrap();
        }
        load.recovers(RECOVERED_WITHIN).await;
        slowest = slowest.max(began.elapsed());
    }
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    let logs = logs(&mut own, &server);
    history.verify(&proof, "disk-full", &own.database().superuser().await, &logs).await;
    proof.at_most("disk-full-recovery-seconds", slowest.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
    server.kill9().await;
    own.stop().await;
}

/// Makes the database write: one row at a time would take its time to fill a segment of the log.
async fn grow(own: &OwnServices) {
    let database = own.database();
    let grown = async {
        let sql = "CREATE TABLE IF NOT EXISTS public.filler (t text);
            INSERT INTO public.filler SELECT repeat(md5(random()::text), 200) FROM generate_series(1, 300)";
        database.try_superuser().await?.batch_execute(sql).await.ok()
    };
    if grown.await.is_none() {
        sleep(Duration::from_millis(50)).await;
    }
}

/// A file system of little room.
struct Room(tempfile::TempDir);

impl Room {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", ROOM, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }

    /// Takes all the room that is left.
    fn fill(&self) -> std::path::PathBuf {
        let path = self.0.path().join("filler");
        let mut file = fs::File::create(&path).unwrap();
        let piece = vec![0; 64 * 1024];
        while std::io::Write::write_all(&mut file, &piece).is_ok() {}
        path
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.0.path()).status());
    }
}
