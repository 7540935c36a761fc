//! T16: raw bytes that two parsers may cut differently. Whatever they are, the cell sees at most the one request that they
//! begin with, and never one that hides inside.

use std::time::Duration;

use keystead_proofs::Proof;
use keystead_tests::edge::cell::FakeCell;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{ACME, MEMBER, session};

/// `@T` is a good token, `@HIDDEN` a whole request that must never be seen.
const CORPUS: &[(&str, &str)] = &[
    (
        "CL.TE",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE.CL",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n@HIDDEN\r\n0\r\n\r\n",
    ),
    (
        "TE.TE, one odd",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE with a space before the colon",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 3\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE with a tab",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 3\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE folded",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 3\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE xchunked",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 3\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE in quotes",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 3\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "TE.0",
        "OPTIONS /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n@HIDDEN\r\n0\r\n\r\n",
    ),
    (
        "CL twice, different",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 0\r\nContent-Length: 90\r\n\r\n@HIDDEN",
    ),
    (
        "CL twice, the same",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "CL with a plus",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: +0\r\n\r\n@HIDDEN",
    ),
    (
        "CL with a comma",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: 0, 90\r\n\r\n@HIDDEN",
    ),
    (
        "CL negative",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: -1\r\n\r\n@HIDDEN",
    ),
    (
        "GET with a body",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent-Length: @LEN\r\n\r\n@HIDDEN",
    ),
    (
        "chunk size overflow",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n@HIDDEN\r\n0\r\n\r\n",
    ),
    (
        "chunk size negative",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n@HIDDEN\r\n0\r\n\r\n",
    ),
    (
        "chunk size 0x",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n@HIDDEN",
    ),
    (
        "chunk extension with a line feed",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\nab\r\n0\r\n\r\n@HIDDEN",
    ),
    (
        "trailer fields",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\nTrailer: Host\r\n\r\n0\r\nHost: globex.localhost\r\nX-Keystead-Edge: v1\r\n\r\n",
    ),
    (
        "Host twice",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nHost: globex.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "Host twice, folded",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\n globex.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    ("no Host", "GET /v1/units HTTP/1.1\r\nAuthorization: Bearer @T\r\n\r\n"),
    (
        "absolute form",
        "GET http://acme.localhost/v1/units HTTP/1.1\r\nHost: globex.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "authority form",
        "CONNECT acme.localhost:80 HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    ("line feeds alone", "GET /v1/hidden HTTP/1.1\nHost: acme.localhost\nX: a\r\nAuthorization: Bearer nobody\n\n"),
    (
        "a carriage return in a value",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nX: a\rX-Keystead-Edge: b\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "a NUL in a value",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nX: a\0b\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "a field without a colon",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nX\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "a space before the first field",
        "GET /v1/units HTTP/1.1\r\n Host: globex.localhost\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "underscores",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nContent_Length: 5\r\n\r\n",
    ),
    ("encoded dots", "GET /v1/%2e%2e/hidden HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\n\r\n"),
    (
        "path parameters",
        "GET /v1/units;/../hidden HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "overlong UTF-8",
        "GET /v1/%c0%ae%c0%ae/hidden HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    ("HTTP/0.9", "GET /v1/hidden\r\n"),
    (
        "HTTP/1.0 with chunks",
        "POST /v1/units HTTP/1.0\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n@HIDDEN",
    ),
    ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (
        "h2c upgrade",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    ),
    (
        "Connection names Authorization",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nConnection: close, Authorization\r\n\r\n",
    ),
    (
        "100-continue and a hidden request",
        "POST /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nAuthorization: Bearer @T\r\nExpect: 100-continue\r\nContent-Length: @LEN\r\n\r\n@HIDDEN",
    ),
    (
        "pseudo-fields",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\n:path: /v1/hidden\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "a method that is overridden",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nX-HTTP-Method-Override: DELETE\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
    (
        "a URL that is rewritten",
        "GET /v1/units HTTP/1.1\r\nHost: acme.localhost\r\nX-Original-URL: /v1/hidden\r\nX-Rewrite-URL: /v1/hidden\r\nAuthorization: Bearer @T\r\n\r\n",
    ),
];

/// Asks for a path that must never be seen, with no valid token: were it cut loose, the edge would refuse it.
const HIDDEN: &str = "GET /v1/hidden HTTP/1.1\r\nHost: acme.localhost\r\nX-Keystead-Edge: v1;kid=1\r\n\r\n";

#[tokio::test]
async fn nothing_hides_in_anything() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let (mut desyncs, mut forged) = (Vec::new(), Vec::new());
    for (name, text) in CORPUS {
        cell.told().seen.clear();
        let bytes = text.replace("@HIDDEN", HIDDEN).replace("@LEN", &HIDDEN.len().to_string()).replace("@T", &token);
        let mut stream = TcpStream::connect(&edge.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Until it hangs up or says no more.
        while let Ok(Ok(read)) = timeout(Duration::from_millis(300), stream.read_buf(&mut answer)).await {
            if read == 0 {
                break;
            }
        }
        let seen = std::mem::take(&mut cell.told().seen);
        if seen.len() > 1 || seen.iter().any(|request| request.target.contains("hidden")) {
            desyncs.push((*name, seen.len()));
        }
        for request in &seen {
            let signatures = request.headers.get_all("x-keystead-edge").iter().count();
            let host = request.headers["host"] == "acme.localhost";
            let ours = ["x-original-url", "x-rewrite-url", "x-http-method-override", "trailer", "te", "content_length"];
            if signatures != 1 || !host || ours.iter().any(|name| request.headers.contains_key(*name)) {
                forged.push(*name);
            }
            let both =
                request.headers.contains_key("content-length") && request.headers.contains_key("transfer-encoding");
            assert!(!both, "{name} goes on in two framings");
        }
    }
    assert!(desyncs.is_empty() && forged.is_empty(), "desyncs {desyncs:?}, forged {forged:?}");
    proof.at_least("smuggling-shapes", CORPUS.len(), 40);
    proof.zero("smuggled-requests", desyncs.len());
    proof.zero("forged-fields-passed-on", forged.len());
}

#[tokio::test]
async fn heads_of_the_vectors_are_judged_over_the_wire_as_in_the_library() {
    let vectors: Value = serde_json::from_str(include_str!("../../../edge/vectors/heads.json")).unwrap();
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    cell.told().snapshot.base_domain = "keystead.example".to_owned();
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let latin1 = |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() };
    for case in vectors["cases"].as_array().unwrap() {
        if case["websocket"] == true {
            continue;
        }
        cell.told().seen.clear();
        let text = |name: &str| latin1(case[name].as_str().unwrap());
        let mut bytes = [&text("method"), &b" "[..], &text("target"), b" HTTP/1.1\r\n"].concat();
        let mut authorised = false;
        for field in case["fields"].as_array().unwrap() {
            authorised |= field[0].as_str().unwrap().eq_ignore_ascii_case("authorization");
            bytes.extend(
                [
                    latin1(field[0].as_str().unwrap()),
                    b": ".to_vec(),
                    latin1(field[1].as_str().unwrap()),
                    b"\r\n".to_vec(),
                ]
                .concat(),
            );
        }
        if !authorised && case["name"] != "100 fields" {
            bytes.extend(format!("Authorization: Bearer {token}\r\n").bytes());
        }
        bytes.extend(b"\r\n0\r\n\r\n");
        let mut stream = TcpStream::connect(&edge.address).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let mut answer = vec![0; 4096];
        let read =
            timeout(Duration::from_secs(5), stream.read(&mut answer)).await.ok().and_then(Result::ok).unwrap_or(0);
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        let seen = cell.told().seen.len();
        match case["expect"].as_str().unwrap() {
            "ok" => assert!(!answer.starts_with("HTTP/1.1 400"), "{}: {answer}", case["name"]),
            // The host's own parser may be stricter still, hang up, or never see the odd part as a field at all.
            _ => assert!(seen <= 1, "{}: {seen} requests", case["name"]),
        }
    }
}
