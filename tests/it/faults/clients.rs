//! Clients that are slow, silent or gone: they are cut off in time, and nobody else waits for them.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures::future::join_all;
use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// Longest time for a request's head and JSON body, and for a pause.
const PATIENCE: Duration = Duration::from_secs(1);

/// The server's time-outs are apart from when they are noticed.
const SLACK: Duration = Duration::from_secs(4);

/// What a bad client does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    /// Connects and says nothing.
    Mute,
    /// Sends a head, one byte at a time, and never ends it.
    SlowHead,
    /// Promises a body and stops in the middle.
    HalfBody,
    /// Sends a body, one byte at a time.
    SlowBody,
    /// Asks for much and reads nothing.
    TakesNothing,
}

const MANNERS: [Manner; 5] = [Manner::Mute, Manner::SlowHead, Manner::HalfBody, Manner::SlowBody, Manner::TakesNothing];

/// Behaves until the server ends it; tells how long that took.
async fn behave(address: SocketAddr, manner: Manner) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Little room on our side, so that an answer stands still early.
    drop(socket2::SockRef::from(&stream).set_recv_buffer_size(4096));
    let began = Instant::now();
    let head = "POST /v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    let behaviour = async {
        match manner {
            Manner::Mute => {}
            Manner::SlowHead => {
                for byte in "GET /v1/me HTTP/1.1\r\nx-slow: ".bytes().chain(std::iter::repeat(b'a')) {
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
            }
            Manner::HalfBody => stream.write_all(format!("{head}{{\"email\":").as_bytes()).await.unwrap(),
            Manner::SlowBody => {
                stream.write_all(head.as_bytes()).await.unwrap();
                while stream.write_all(b" ").await.is_ok() {
                    // The server answers, and closes: a byte that comes is the end.
                    if timeout(Duration::from_millis(50), stream.read_u8()).await.is_ok() {
                        return;
                    }
                }
                return;
            }
            Manner::TakesNothing => {
                let ask = "GET /v1/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(60);
                drop(stream.write_all(ask.as_bytes()).await);
                // Whether the server has closed shows only by writing: reading would help it along.
                while stream.write_all(b"GET / HTTP/1.1\r\n").await.is_ok() {
                    sleep(Duration::from_millis(50)).await;
                }
                return;
            }
        }
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest).await);
    };
    timeout(PATIENCE + SLACK, behaviour).await.unwrap_or_else(|_| panic!("{manner:?} is still being served"));
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_and_silent_clients_are_cut_off_and_hold_nobody_up() {
    let proof = Proof::of("T19");
    let world = World::with(Options { client_seconds: PATIENCE.as_secs(), ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let address: SocketAddr = world.url.trim_start_matches("http://").parse().unwrap();
    let bad = scale(12, 150);
    let crowd = MANNERS.iter().flat_map(|manner| std::iter::repeat_n(*manner, bad));
    let crowd = tokio::spawn(join_all(crowd.map(|manner| behave(address, manner)).collect::<Vec<_>>()));
    let mut served = 0;
    let mut slowest = Duration::ZERO;
    while !crowd.is_finished() {
        let began = Instant::now();
        acme.admin.get("/v1/projects").expect(200).await;
        slowest = slowest.max(began.elapsed());
        served += 1;
        sleep(Duration::from_millis(5)).await;
    }
    let taken = crowd.await.unwrap();
    let longest = taken.iter().max().unwrap();
    proof.note("clients-badly-behaved", taken.len());
    proof.at_least("clients-served-meanwhile", served, 20);
    proof.at_most("clients-cut-off-after-seconds", longest.as_secs_f64(), (PATIENCE + SLACK).as_secs_f64());
    proof.note("clients-slowest-answer-meanwhile-ms", slowest.as_millis() as u64);
    // Nothing is left of them.
    let clients = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state LIKE 'idle in%'",
        world.database.name()
    );
    let database = world.database.superuser().await;
    proof.zero("clients-transactions-left-open", keystead_tests::count(&database, &clients, &[]).await);
}

/// A proxy sends its next request on the connection of one that was refused by its head.
#[tokio::test]
async fn a_refusal_before_the_body_came_leaves_the_connection_open() {
    let world = World::new().await;
    let address = world.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = "{\"name\":\"Maple\"}";
    let head = format!("POST /v1/projects HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n");
    let mut seen = String::new();
    for request in 1..=3 {
        stream.write_all(format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes()).await.unwrap();
        // A server that would answer now may.
        let _ = timeout(Duration::from_millis(100), stream.readable()).await;
        stream.write_all(body.as_bytes()).await.unwrap();
        while seen.matches("\"status\":401").count() < request {
            let mut part = [0; 4096];
            let read = stream.read(&mut part).await.unwrap();
            assert!(read > 0, "closed after request {request}: {seen}");
            seen.push_str(&String::from_utf8_lossy(&part[..read]));
        }
    }
}
