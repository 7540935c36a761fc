//! What the edge remembers, in a time of the test's own: keys, revocations, directories, verified tokens, counters.

#[path = "../../tests/world/edge/mint.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "shared with the tests of the hosts")]
mod mint;

use std::net::{IpAddr, Ipv4Addr};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keystead_edge::{
    Config, Decision, Edge, Fetched, Head, LearnError, Moment, Refresh,
    directory::Cell,
    jwks::{Found, KeySet, Keys, STALE, TTL, UNKNOWN_EVERY},
    limits::{Counters, Gcra, Quota},
    revocation::KEPT,
    signed::DocumentError,
};
use mint::Mint;
use serde_json::{Value, json};

const T0: i64 = 1_795_269_600_000;
const ISS: &str = "http://keystead.test";
const TENANT: &str = "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";
const MEMBER: &str = "mem_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";
const SESSION: &str = "ses_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";

fn directory() -> Refresh {
    Refresh::Directory { cell: Cell::from("main"), epoch: None, as_of: None }
}

/// Asked for at `now`.
fn fetched(document: &[u8], now: i64) -> Option<Fetched<'_>> {
    Some(Fetched { document, as_of: Some(now) })
}

/// An edge with a cell's signing key, so that the test can tell it things.
struct Told {
    edge: Edge,
    pair: Ed25519KeyPair,
    mint: Mint,
}

impl Told {
    fn new() -> Self {
        let told = Self::untold();
        told.directory(1, T0).expect("a directory");
        told.keys(&told.mint.jwks(), T0);
        told.revoked(&[], T0, T0).expect("a feed");
        told
    }

    /// One that knows nothing yet.
    fn untold() -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let config = json!({ "home": "main", "trusted": [{ "kid": "d", "x": x }], "insecure": true,
            "keys": [{ "kid": "1", "secret": URL_SAFE_NO_PAD.encode([7; 32]) }] });
        let config: Config = serde_json::from_value(config).expect("a configuration");
        Self { edge: Edge::new(config), pair, mint: Mint::new(&[]) }
    }

    fn signed(&self, typ: &str, content: &Value) -> Vec<u8> {
        let header = json!({ "alg": "EdDSA", "kid": "d", "typ": typ }).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(content.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()));
        format!("{message}.{signature}").into_bytes()
    }

    fn directory(&self, epoch: u64, now: i64) -> Result<(), LearnError> {
        self.edge.learn(&directory(), fetched(&self.snapshot(epoch), now), now)
    }

    fn snapshot(&self, epoch: u64) -> Vec<u8> {
        let quota = |limit: u32| json!({ "limit": limit, "window": 60 });
        let snapshot = json!({ "epoch": epoch, "base_domain": "localhost", "default_cell": "main",
            "cells": { "main": { "issuer": ISS } }, "plans": { "standard": { "per_tenant": quota(6_000), "per_subject": quota(100) } },
            "tenants": [{ "id": TENANT, "slug": format!("acme{epoch}"), "cell": "main", "plan": "standard" }] });
        self.signed("keystead-directory", &snapshot)
    }

    fn keys(&self, keys: &Value, now: i64) {
        let refresh = Refresh::Keys(Cell::from("main"));
        self.edge.learn(&refresh, fetched(keys.to_string().as_bytes(), now), now).expect("keys");
    }

    fn revoked(&self, sessions: &[(&str, i64)], at: i64, now: i64) -> Result<(), LearnError> {
        let feed = json!({ "cell": "main", "at": at, "since": at - KEPT, "sessions": sessions, "tenants": [] });
        let document = self.signed("keystead-revocations", &feed);
        self.edge.learn(&Refresh::Revocations(Cell::from("main"), None), fetched(&document, now), now)
    }

    fn token(&self, session: &str, now: i64) -> String {
        self.token_of(TENANT, session, now)
    }

    fn token_of(&self, tenant: &str, session: &str, now: i64) -> String {
        let second = now / 1_000;
        self.mint.good(&json!({ "iss": ISS, "aud": "keystead-api", "sub": MEMBER, "tid": tenant, "sid": session,
            "iat": second, "exp": second + 600, "jti": "0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6", "epoch": 0 }))
    }

    /// What it says to a request at the platform's own name, which began at `began`.
    fn at_platform(&self, token: &str, began: i64, now: i64) -> Decision {
        let authorization = format!("Bearer {token}");
        let fields: [(&str, &[u8]); 2] = [("host", b"localhost"), ("authorization", authorization.as_bytes())];
        let head =
            Head { method: "GET", target: "/v1/units", fields: &fields, address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        self.edge.decide(&head, &Moment { now, began, entropy: [3; 32] })
    }

    /// Decides about a request with a token; leases are granted as they are asked for.
    fn ask(&self, token: &str, now: i64) -> Decision {
        let authorization = format!("Bearer {token}");
        let fields: [(&str, &[u8]); 2] = [("host", b"acme1.localhost"), ("authorization", authorization.as_bytes())];
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let head = Head { method: "GET", target: "/v1/units", fields: &fields, address };
        loop {
            match self.edge.decide(&head, &Moment { now, began: now, entropy: [3; 32] }) {
                Decision::Refresh(Refresh::Lease(ask)) => {
                    let granted = keystead_edge::authority::Authority::default().grant(&ask, now);
                    self.edge.learn_lease(&ask, Some(&granted), now);
                }
                decided => return decided,
            }
        }
    }

    fn status(&self, token: &str, now: i64) -> u16 {
        match self.ask(token, now) {
            Decision::Forward(_) => 200,
            Decision::Answer(answer) => answer.status,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_revoked_session_is_refused_although_its_token_was_verified_before() {
    let told = Told::new();
    let (token, other) = (told.token(SESSION, T0), told.token("ses_0197f0a1b2c37d4e8f90a1b2c3d4e5f7", T0));
    assert_eq!(told.status(&token, T0 + 10), 200);
    told.revoked(&[(SESSION, T0 + 20)], T0 + 1_000, T0 + 1_000).expect("a feed");
    assert_eq!((told.status(&token, T0 + 1_001), told.status(&other, T0 + 1_001)), (401, 200));
    // It stays so for as long as the token could live.
    for minute in 1..10 {
        let now = T0 + minute * 60_000;
        told.keys(&told.mint.jwks(), now);
        told.revoked(&[], now, now).expect("a feed");
        assert_eq!(told.status(&token, now), 401, "minute {minute}");
    }
}

#[test]
fn a_feed_that_is_older_leaves_a_gap_or_is_another_cells_is_no_news() {
    let told = Told::new();
    told.revoked(&[(SESSION, T0)], T0 + 5_000, T0 + 5_000).expect("a feed");
    let older = told.revoked(&[], T0 + 4_000, T0 + 6_000);
    assert_eq!(older, Err(LearnError::Document(DocumentError::Older)));
    let refresh = Refresh::Revocations(Cell::from("main"), None);
    let feed = |cell: &str, since: i64| {
        let feed = json!({ "cell": cell, "at": T0 + 9_000, "since": since, "sessions": [], "tenants": [] });
        let document = told.signed("keystead-revocations", &feed);
        told.edge.learn(&refresh, fetched(&document, T0 + 9_000), T0 + 9_000)
    };
    assert_eq!(feed("main", T0 + 8_000), Err(LearnError::Document(DocumentError::Older)), "a gap");
    assert_eq!(feed("west", T0), Err(LearnError::Document(DocumentError::Content)));
    assert_eq!(feed("main", T0 + 5_000), Ok(()));
    assert_eq!(told.status(&told.token(SESSION, T0), T0 + 9_000), 401, "what was known stays known");
}

#[test]
fn an_older_directory_is_no_news_and_neither_is_one_of_another_kind_or_key() {
    let told = Told::new();
    told.directory(9, T0 + 1).expect("a directory");
    assert_eq!(told.directory(8, T0 + 2), Err(LearnError::Document(DocumentError::Older)));
    assert_eq!(told.edge.directory().map(|directory| directory.epoch()), Some(9));
    let learn = |document: &[u8], now: i64| told.edge.learn(&directory(), fetched(document, now), now);
    let wrong = told.signed("keystead-revocations", &json!({}));
    assert_eq!(learn(&wrong, T0 + 3), Err(LearnError::Document(DocumentError::Type)));
    let stranger = Told::new();
    let document = stranger.signed("keystead-directory", &json!({}));
    let refused = learn(&document, T0 + 4);
    assert_eq!(refused, Err(LearnError::Document(DocumentError::Signature)));
    let mut bent = told.signed("keystead-directory", &json!({ "epoch": 10 }));
    let middle = bent.len() / 2;
    bent[middle] = if bent[middle] == b'A' { b'B' } else { b'A' };
    assert!(learn(&bent, T0 + 5).is_err());
    assert_eq!(told.edge.directory().map(|directory| directory.epoch()), Some(9));
}

#[test]
fn a_tenant_is_unknown_only_to_a_directory_of_after_its_request_came() {
    let told = Told::new();
    told.directory(2, T0 + 400).expect("a directory");
    let token = told.token_of("tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5ff", SESSION, T0);
    let asks = |decision: &Decision| match decision {
        Decision::Refresh(Refresh::Directory { as_of, .. }) => *as_of,
        Decision::Answer(answer) if answer.status == 401 => None,
        other => panic!("{other:?}"),
    };
    let decide = |began: i64, now: i64| asks(&told.at_platform(&token, began, now));
    assert_eq!(decide(T0 + 401, T0 + 401), Some(T0 + 401), "the directory is a millisecond older than the request");
    told.directory(2, T0 + 400).expect("what was on its way before");
    assert_eq!(decide(T0 + 401, T0 + 402), Some(T0 + 401), "an answer of before says nothing");
    told.directory(2, T0 + 401).expect("an answer");
    assert_eq!(decide(T0 + 401, T0 + 403), None, "now it is known");
    assert_eq!(decide(T0 + 404, T0 + 404), Some(T0 + 404), "to this request and those before");
    told.edge.learn(&directory(), None, T0 + 405).expect("nobody answered");
    assert_eq!(decide(T0 + 404, T0 + 406), None, "and is not asked for ever");
    assert_eq!(decide(T0 + 407, T0 + 407), Some(T0 + 407));
    told.directory(2, T0 + 2_000).expect("a directory of long after the token");
    assert_eq!(decide(T0 + 9_000, T0 + 9_000), None, "a token from before the directory can name no tenant of after");
}

#[test]
fn a_copy_of_unknown_age_is_where_an_edge_starts_and_no_answer() {
    let told = Told::untold();
    let due = |now: i64| told.edge.due(now).iter().any(|due| matches!(due, Refresh::Directory { .. }));
    let copy = told.snapshot(3);
    assert!(due(T0));
    told.edge.learn(&directory(), Some(Fetched { document: &copy, as_of: None }), T0).expect("a copy");
    assert_eq!(told.edge.directory().map(|directory| directory.epoch()), Some(3));
    assert!(due(T0 + 1), "the cell itself has not been asked");
    told.edge.learn(&directory(), Some(Fetched { document: &copy, as_of: None }), T0 + 2).expect("a copy again");
    assert!(!due(T0 + 3), "nobody else answers");
}

#[test]
fn a_verified_token_is_not_believed_past_its_end_or_without_its_key() {
    let told = Told::new();
    let token = told.token(SESSION, T0);
    let at = |now: i64| {
        told.revoked(&[], now, now).expect("a feed");
        told.status(&token, now)
    };
    assert_eq!(at(T0), 200);
    told.keys(&told.mint.jwks(), T0 + 599_000);
    assert_eq!((at(T0 + 599_000), at(T0 + 629_000), at(T0 + 630_000)), (200, 200, 401));
    // A key that is withdrawn bites within a minute.
    let told = Told::new();
    let token = told.token(SESSION, T0);
    assert_eq!(told.status(&token, T0), 200);
    told.keys(&json!({ "keys": [] }), T0 + 60_000);
    told.revoked(&[], T0 + 60_000, T0 + 60_000).expect("a feed");
    assert_eq!(told.status(&token, T0 + 60_000), 401);
}

fn set(mint: &Mint) -> KeySet {
    KeySet::read(mint.jwks().to_string().as_bytes()).expect("keys")
}

#[test]
fn unknown_kids_lead_to_one_request_in_thirty_seconds() {
    let mut keys = Keys::default();
    assert!(matches!(keys.find("key-a", T0), Found::Ask));
    keys.learned(set(&Mint::new(&[])), T0);
    assert!(matches!(keys.find("key-a", T0 + 1), Found::Key(_)));
    let mut asked = 0;
    for now in (T0..T0 + 120_000).step_by(10) {
        if matches!(keys.find("flood", now), Found::Ask) {
            asked += 1;
            keys.learned(set(&Mint::new(&[])), now);
        }
    }
    assert!((3..=4).contains(&asked), "{asked} in two minutes");
    assert_eq!(UNKNOWN_EVERY, 30_000);
    assert!(matches!(keys.find(&"k".repeat(129), T0 + 500_000), Found::Unknown), "no such name can be published");
}

#[test]
fn a_new_key_is_found_and_an_outage_of_a_day_is_bridged() {
    let mut keys = Keys::default();
    keys.learned(KeySet::default(), T0);
    assert!(matches!(keys.find("key-a", T0 + 31_000), Found::Ask));
    keys.learned(set(&Mint::new(&[])), T0 + 31_000);
    assert!(matches!(keys.find("key-a", T0 + 31_001), Found::Key(_)));
    let learned = T0 + 31_000;
    assert!(matches!(keys.find("key-a", learned + TTL - 1), Found::Key(_)));
    assert!(matches!(keys.find("key-a", learned + TTL), Found::Ask));
    keys.failed(learned + TTL);
    assert!(matches!(keys.find("key-a", learned + TTL + 1), Found::Key(_)), "stale, for there is nothing better");
    keys.failed(learned + TTL + STALE - 1);
    assert!(matches!(keys.find("key-a", learned + TTL + STALE - 1), Found::Key(_)));
    assert!(matches!(keys.find("key-a", learned + TTL + STALE), Found::Unavailable));
    assert!(matches!(keys.find("key-a", learned + TTL + STALE + 10_000), Found::Ask));
}

#[test]
fn keys_that_contradict_themselves_are_refused() {
    let good = Mint::new(&[]).jwks()["keys"][0].clone();
    let with = |edit: &dyn Fn(&mut Value)| {
        let mut key = good.clone();
        edit(&mut key);
        KeySet::read(json!({ "keys": [key] }).to_string().as_bytes()).map(|set| set.len())
    };
    assert_eq!(with(&|_| ()), Ok(1));
    for bad in [json!("ES256"), json!("none"), json!("HS256")] {
        assert!(with(&|key| key["alg"] = bad.clone()).is_err(), "{bad}");
    }
    assert!(with(&|key| key["x"] = json!("AAAA")).is_err());
    assert!(with(&|key| key["x"] = json!(URL_SAFE_NO_PAD.encode([0_u8; 32]))).is_err(), "a point of small order");
    assert_eq!(with(&|key| key["kty"] = json!("oct")), Ok(0));
    assert_eq!(with(&|key| key["use"] = json!("enc")), Ok(0));
    let twice = json!({ "keys": [good, good] }).to_string();
    assert!(KeySet::read(twice.as_bytes()).is_err());
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_the_window() {
    let quota = Quota::per_minute(10);
    let mut state = Gcra::default();
    let year = 31_536_000_000;
    for _ in 0..10 {
        assert!(state.take(quota, 1, T0 + year).allowed);
    }
    let refused = state.take(quota, 1, T0);
    assert!(!refused.allowed && refused.retry_after <= 60_000, "{refused:?}");
    assert!(state.take(quota, 1, T0 + 6_000).allowed);
}

#[test]
fn counters_are_bounded_and_a_flood_of_keys_lets_nobody_through() {
    let counters: Counters<u32> = Counters::new(160);
    let quota = Quota::per_minute(1);
    let admitted = (0..10_000).filter(|key| counters.take(key, quota, 1, T0).allowed).count();
    assert!(admitted <= 160 + 16, "{admitted}");
    assert!(!counters.take(&0, quota, 1, T0).allowed, "who was counted stays counted");
    assert!(counters.take(&77_777, quota, 1, T0 + 60_000).allowed, "who is idle makes room");
}
