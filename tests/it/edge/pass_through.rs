//! What goes through, and how.

use bytes::Bytes;
use futures::StreamExt;
use keystead_edge::sign::{self, BodyMark};
use keystead_tests::{
    Options, World,
    edge::{NativeEdge, cell::FakeCell},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use super::{ACME, MEMBER, at, session};

#[tokio::test]
async fn a_request_is_signed_stripped_and_traced() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let call = at(&edge, "acme", "POST", "/v1/units?a=b").bearer(&token).json(&json!({ "n": 1 }));
    let call = call.header("x-keystead-tenant", "tnt_evil").header("x-forwarded-for", "203.0.113.9");
    let call = call.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let answer = call.header("x-any", "kept").expect(200).await;
    let seen = cell.told().seen.pop().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str(), &seen.body[..]),
        ("POST", "/v1/units?a=b", &b"{\"n\":1}"[..])
    );
    for gone in ["x-keystead-tenant", "x-forwarded-for", "connection"] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(seen.headers["x-any"], "kept");
    let trace = seen.headers["traceparent"].to_str().unwrap();
    assert!(trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && trace.ends_with("-01"), "{trace}");
    assert!(!trace.contains("00f067aa0ba902b7"), "the span is the edge's");
    let value = seen.headers[sign::HEADER].to_str().unwrap();
    let now = keystead_tenants::Clock::system().now().timestamp();
    let said = sign::verify(&cell.edge_keys(), "POST", "/v1/units?a=b", value, now).expect("signed");
    assert_eq!(said.tenant, Some(ACME.parse().unwrap()));
    assert_eq!(said.subject, Some(sign::digest(format!("Bearer {token}").as_bytes())));
    assert_eq!(said.body, BodyMark::Digest(sign::digest(b"{\"n\":1}")));
    assert!(said.host.starts_with("acme.localhost:") && said.address.is_loopback());
    assert_eq!(answer.headers["x-request-id"], said.request.to_string());
}

#[tokio::test]
async fn an_answer_tells_nothing_of_the_inside_and_is_kept_by_nobody() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let answer =
        at(&edge, "acme", "GET", "/v1/units").bearer(&token).header("origin", "https://evil.example").send().await;
    for gone in ["server", "x-keystead-internal", "access-control-allow-origin"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
}

#[tokio::test]
async fn other_origins_read_answers_only_if_they_are_named() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({ "cors_origins": ["https://app.example"] })).await;
    let preflight = |origin: &str| {
        let call = at(&edge, "acme", "OPTIONS", "/v1/units").header("origin", origin);
        call.header("access-control-request-method", "POST")
    };
    let answer = preflight("https://app.example").expect(204).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://app.example");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    for other in [
        "https://app.example.evil.example",
        "http://app.example",
        "https://APP.example",
        "null",
        "https://app.example:444",
    ] {
        let answer = preflight(other).expect(403).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{other}");
    }
    // A page of another site may not use the cookie that comes by itself.
    let refresh =
        |site: &str| at(&edge, "acme", "POST", "/v1/auth/refresh").header("sec-fetch-site", site).json(&json!({}));
    refresh("same-origin").expect(200).await;
    refresh("cross-site").expect(403).await;
    refresh("same-site").expect(403).await;
}

#[tokio::test]
async fn an_upload_goes_through_while_it_arrives() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let (pieces, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(tokio_stream(body));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/imports", edge.url);
    let sent = http
        .post(url)
        .header("host", "acme.localhost")
        .bearer_auth(cell.token(ACME, MEMBER, session()))
        .body(body)
        .send();
    pieces.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    // The cell gives back what it gets: the answer has begun while the upload is under way.
    let mut answer = sent.await.unwrap().bytes_stream();
    assert_eq!(answer.next().await.unwrap().unwrap(), "first");
    pieces.send(Ok(Bytes::from_static(b"second"))).await.unwrap();
    assert_eq!(answer.next().await.unwrap().unwrap(), "second");
    drop(pieces);
    assert!(answer.next().await.is_none());
}

fn tokio_stream(
    body: mpsc::Receiver<Result<Bytes, std::io::Error>>,
) -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    futures::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)))
}

#[tokio::test]
async fn a_websocket_goes_through_both_ways() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let mut stream = TcpStream::connect(&edge.address).await.unwrap();
    let token = cell.token(ACME, MEMBER, session());
    let head = format!(
        "GET /v1/socket HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 101") && answer.contains("sec-websocket-accept: anything"), "{answer}");
    for piece in [&b"\x81\x85\x00\x00\x00\x00hello"[..], &[0_u8; 4096]] {
        stream.write_all(piece).await.unwrap();
        let mut back = vec![0; piece.len()];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, piece);
    }
}

#[tokio::test]
async fn what_is_under_way_ends_well_when_the_edge_is_stopped() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let mut edge: NativeEdge = cell.edge(&json!({})).await;
    let (pieces, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/imports", edge.url);
    let body = reqwest::Body::wrap_stream(tokio_stream(body));
    let sent = http
        .post(url)
        .header("host", "acme.localhost")
        .bearer_auth(cell.token(ACME, MEMBER, session()))
        .body(body)
        .send();
    pieces.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut answer = sent.await.unwrap().bytes_stream();
    assert_eq!(answer.next().await.unwrap().unwrap(), "first");
    edge.stop();
    while TcpStream::connect(&edge.address).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    pieces.send(Ok(Bytes::from_static(b"last"))).await.unwrap();
    assert_eq!(answer.next().await.unwrap().unwrap(), "last");
}

#[tokio::test]
async fn a_builder_works_through_the_edge() {
    let world = World::with(Options { edge: true, only_edges: true, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let project = acme.project("FUS").await;
    let me = acme.admin.get("/v1/me").expect(200).await;
    assert!(me.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    acme.admin.get(&format!("/v1/projects/{project}")).expect(200).await;
    let port = world.url.rsplit(':').next().unwrap();
    let own = |host: &str| acme.admin.get("/v1/me").header("host", &format!("{host}:{port}"));
    own("acme.localhost").expect(200).await;
    own("nobody.localhost").refused(404, "not-found", "").await;
    let _rival = world.tenant("rival").await;
    own("rival.localhost").refused(403, "forbidden", "").await;
}
