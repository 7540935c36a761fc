//! What changes between a check and what it was made for: a password is verified, or a home looked up, before the transaction that
//! relies on it writes. Each test holds somebody in between by a lock, and lets them go once they are waited for.

mod leaving;
mod newcomers;
mod passwords;
mod repeats;
mod sales;

use std::{pin::pin, time::Duration};

use keystead_tests::{Answer, Call, Options, World, count};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_postgres::Client;

/// A world where whoever is held waits for as long as the server waits for the database: six seconds, and not two.
async fn world() -> World {
    World::with(Options { patient_locks: true, ..Options::default() }).await
}

/// Somebody's transaction, kept open for as long as a test wants.
struct Held {
    elsewhere: Client,
    /// Its process.
    holder: i32,
    watch: Client,
}

impl Held {
    /// Holds everybody who comes to `event`, as in `AFTER INSERT ON app.phases`.
    async fn at(world: &World, event: &str) -> Self {
        let dawdle = format!(
            "CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;
            CREATE TRIGGER zz_dawdle {event} FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle()"
        );
        world.database.superuser().await.batch_execute(&dawdle).await.unwrap();
        Self::by(world, "SELECT pg_advisory_xact_lock(7)").await
    }

    /// Holds what these statements lock.
    async fn by(world: &World, sql: &str) -> Self {
        let (elsewhere, watch) = (world.database.superuser().await, world.database.superuser().await);
        // What a row's triggers want to know of a caller, nobody knows here.
        let begun = format!("SET session_replication_role = replica; BEGIN; {sql}");
        elsewhere.batch_execute(&begun).await.unwrap();
        let holder = elsewhere.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        Self { elsewhere, holder, watch }
    }

    /// Those who wait for the holder, and those who wait for them.
    async fn waiting(&self) -> i64 {
        let sql = "WITH RECURSIVE waiting AS MATERIALIZED (
                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'),
            blocked AS MATERIALIZED (SELECT pid, pg_blocking_pids(pid) AS by FROM waiting),
            held AS (SELECT pid FROM blocked WHERE $1 = ANY (by)
                UNION SELECT b.pid FROM held h JOIN blocked b ON h.pid = ANY (b.by))
            SELECT count(*) FROM held";
        count(&self.watch, sql, &[&self.holder]).await
    }

    /// Sends `call` and waits until it waits.
    async fn stops(&self, call: Call) -> JoinHandle<Answer> {
        let before = self.waiting().await;
        let sent = tokio::spawn(call.send());
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.waiting().await <= before {
            assert!(!sent.is_finished(), "it did not wait: {:?}", sent.await);
            assert!(Instant::now() < deadline, "nobody waits");
            sleep(Duration::from_millis(2)).await;
        }
        sent
    }

    /// Sends `call`, lets go as soon as it waits, or when it does not, and gives its answer.
    async fn until(self, call: impl Future<Output = Answer>) -> Answer {
        let before = self.waiting().await;
        let mut call = pin!(call);
        loop {
            tokio::select! {
                answer = &mut call => {
                    self.lets_go().await;
                    return answer;
                }
                () = sleep(Duration::from_millis(2)) => {}
            }
            if self.waiting().await > before {
                self.lets_go().await;
                return call.await;
            }
        }
    }

    async fn lets_go(&self) {
        self.elsewhere.batch_execute("COMMIT").await.unwrap();
    }
}
