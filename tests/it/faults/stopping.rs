//! The server is asked to stop: what is under way is finished, nothing new is taken, and it ends in time.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use keystead_ids::PresetRole::Viewer;
use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Options, ServerProcess, Signal, Tenant,
    fault_proxy::{FaultProxy, Faults},
    fresh_database,
    history::{Load, Loaded},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

/// Time for open requests.
const DRAIN: Duration = Duration::from_secs(3);

/// What ending takes beyond that.
const SLACK: Duration = Duration::from_secs(3);

fn address(server: &ServerProcess) -> SocketAddr {
    server.url.trim_start_matches("http://").parse().unwrap()
}

/// A request of which only the first half is sent.
async fn half_a_request(server: &ServerProcess, tenant: &Loaded, name: &str) -> (TcpStream, String) {
    let body = json!({ "project_id": tenant.project, "name": name }).to_string();
    let head = format!(
        "POST /v1/phases HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nidempotency-key: {}\r\n\
        content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        tenant.person.token,
        name.replace(' ', "-"),
        body.len()
    );
    let mut stream = TcpStream::connect(address(server)).await.unwrap();
    let (first, rest) = body.split_at(10);
    stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    (stream, rest.to_owned())
}

async fn wait_until_refused(server: &ServerProcess) {
    let deadline = Instant::now() + DRAIN;
    while TcpStream::connect(address(server)).await.is_ok() {
        assert!(Instant::now() < deadline, "connections are still taken");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_asked_to_stop_finishes_what_it_began() {
    let proof = Proof::of("T19");
    let options = Options { drain_seconds: DRAIN.as_secs(), ..Options::default() };
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let acme = Loaded::of(&Tenant::sign_up(&server, "acme").await).await;
    let load = Load::of(std::slice::from_ref(&acme), 4);
    let (mut cut, mut slowest) = (0, Duration::ZERO);
    for round in 0..scale(2, 20) {
        load.acknowledges(6).await;
        let (mut stream, rest) = half_a_request(&server, &acme, &format!("acme under way {round}")).await;
        // The server has read the head once the body's turn has come; half a request more or less is no difference then.
        sleep(Duration::from_millis(50)).await;
        let asked = Instant::now();
        server.signal(Signal::TERM).await;
        wait_until_refused(&server).await;
        stream.write_all(rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        cut += usize::from(!answer.starts_with("HTTP/1.1 201"));
        assert_eq!(server.ends(DRAIN + SLACK).await, Some(0), "{}", server.log());
        slowest = slowest.max(asked.elapsed());
        server.restart().await;
    }
    load.recovers(super::RECOVERED_WITHIN).await;
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    proof.zero("stop-requests-under-way-cut", cut);
    proof.at_most("stop-seconds", slowest.as_secs_f64(), (DRAIN + SLACK).as_secs_f64());
    history.verify(&proof, "stop", &server.database.superuser().await, &server.log()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn neither_a_client_nor_a_mail_server_can_keep_it_from_stopping() {
    let proof = Proof::of("T19");
    let smtp = FaultProxy::to_url(&std::env::var("KEYSTEAD_SMTP_URL").unwrap(), proof.seed()).await;
    let url = smtp.instead_in(&std::env::var("KEYSTEAD_SMTP_URL").unwrap());
    let options = Options { drain_seconds: 1, ..Options::default() };
    let variables = [("KEYSTEAD_SMTP_URL", url.as_str())];
    let server = ServerProcess::start_with(fresh_database().await, &options, &variables).await;
    let tenant = Tenant::sign_up(&server, "acme").await;
    let acme = Loaded::of(&tenant).await;
    smtp.set(Faults { held: true, ..Faults::default() });
    let role = tenant.role(Viewer).await;
    for number in 0..3 {
        let body = json!({ "email": format!("m{number}@acme.test"), "role_id": role, "all_projects": true, "project_ids": [] });
        acme.person.post("/v1/invitations", &body).expect(201).await;
    }
    let (_silent, _rest) = half_a_request(&server, &acme, "acme never").await;
    // The mail job is waiting for the mail server.
    let deadline = Instant::now() + Duration::from_secs(10);
    while smtp.open() == 0 {
        assert!(Instant::now() < deadline, "no mail is on its way");
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(700)).await;
    let asked = Instant::now();
    server.signal(Signal::TERM).await;
    assert_eq!(server.ends(Duration::from_secs(1) + SLACK).await, Some(0), "{}", server.log());
    proof.at_most(
        "stop-held-up-seconds",
        asked.elapsed().as_secs_f64(),
        (Duration::from_secs(1) + SLACK).as_secs_f64(),
    );
    // The mail that was not handed over is still there.
    let database = server.database.superuser().await;
    assert!(keystead_tests::count(&database, "SELECT count(*) FROM platform.outbox", &[]).await >= 3);
}
