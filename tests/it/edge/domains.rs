//! A builder's own domain: claimed, proven by DNS, routed by the edge, and let go.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use keystead_server::{
    config::Shared,
    domains::{Command, Named},
};
use keystead_tests::{Options, World};
use tokio::net::UdpSocket;

type Zone = Arc<Mutex<HashMap<String, String>>>;

/// A name server on loopback that knows TXT records.
async fn name_server(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 1_500];
        loop {
            let (length, peer) = socket.recv_from(&mut packet).await.unwrap();
            let answer = answer(&packet[..length], &zone);
            socket.send_to(&answer, peer).await.unwrap();
        }
    });
    address
}

/// RFC 1035, 4.1: the same question, and a TXT record if there is one.
fn answer(query: &[u8], zone: &Zone) -> Vec<u8> {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let text = zone.lock().unwrap_or_else(PoisonError::into_inner).get(&labels.join(".")).cloned();
    let (code, count) = if text.is_some() { (0x80, 1) } else { (0x83, 0) };
    let mut answer = [&query[..2], &[0x81, code, 0, 1, 0, count, 0, 0, 0, 0], question].concat();
    if let Some(text) = text {
        let length = u8::try_from(text.len()).unwrap();
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, length + 1, length]);
        answer.extend(text.bytes());
    }
    answer
}

#[tokio::test]
async fn a_domain_is_routed_once_dns_says_whose_it_is() {
    let world = World::with(Options { edge: true, only_edges: true, ..Options::default() }).await;
    let (acme, rival) = (world.tenant("acme").await, world.tenant("rival").await);
    let zone = Zone::default();
    let dns = Some(name_server(Arc::clone(&zone)).await);
    let shared =
        Shared { database_url: world.database.url.clone(), secret: std::env::var("KEYSTEAD_SECRET").unwrap().into() };
    let named =
        |tenant: &str, host: &str| Named { shared: shared.clone(), tenant: tenant.to_owned(), host: host.to_owned() };
    let add = async |tenant: &str, host: &str| {
        Command::Add { named: named(tenant, host), base_domain: "localhost".to_owned() }.run().await
    };
    let verify = async |tenant: &str, host: &str| Command::Verify { named: named(tenant, host), dns }.run().await;
    for bad in ["acme", "127.0.0.1", "homes.acme.example:80", "acme.localhost", "evil.localhost", "a_b.example", ""] {
        assert!(add("acme", bad).await.is_err(), "{bad}");
    }

    let host = "homes.acme.example";
    let at_host = async || acme.admin.get("/v1/me").header("host", host).send().await.status;
    let wanted = add("acme", "Homes.Acme.Example").await.unwrap();
    assert!(add("acme", host).await.is_err(), "once is enough");
    assert!(verify("acme", host).await.is_err(), "DNS says nothing yet");
    assert_eq!(at_host().await, 404);

    let (name, value) = wanted.split_once(". TXT ").unwrap();
    let put = |name: &str, value: &str| {
        zone.lock().unwrap().insert(name.to_owned(), value.trim_matches('"').to_owned());
    };
    // Whoever claims the same name has another challenge.
    add("rival", host).await.unwrap();
    put(name, value);
    assert!(verify("rival", host).await.is_err());
    assert!(verify("acme", host).await.unwrap().contains("leads to acme"));
    becomes(200, &at_host).await;
    let as_rival = rival.admin.get("/v1/me").header("host", host).send().await;
    assert_eq!(as_rival.status, 403, "{}", as_rival.text);
    let login =
        serde_json::json!({ "email": acme.admin.email, "password": keystead_tests::PASSWORD, "client": "native" });
    world.call("POST", "/v1/auth/login").header("host", host).json(&login).expect(200).await;
    assert!(add("rival", host).await.is_err(), "it is somebody's now");

    Command::Remove { named: named("acme", host) }.run().await.unwrap();
    becomes(404, &at_host).await;
}

async fn becomes(expected: u16, status: &impl AsyncFn() -> u16) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let is = status().await;
        if is == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{is} does not become {expected}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
