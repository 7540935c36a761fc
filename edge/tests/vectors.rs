//! The vectors of `edge/vectors`, against the library. The same files run against the hosts.

#[path = "../../tests/world/edge/mint.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "shared with the tests of the hosts")]
mod mint;

use std::net::IpAddr;

use keystead_edge::{
    Head, apikey,
    directory::{Directory, Kind, host_name},
    jwks::KeySet,
    limits::{Gcra, Quota},
    sign::{self, EdgeKey},
    token::{Audience, Expected, TokenError, Unverified},
};
use mint::{Mint, TOKENS};
use serde_json::Value;

const NOW: i64 = 1_795_269_600;
const ISS: &str = "http://keystead.test";
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).expect("vectors")
}

const WORDS: &[(&str, &str)] = &[
    ("@iss", ISS),
    ("@iss-other", "http://west.keystead.test"),
    ("@ISS", "HTTP://KEYSTEAD.TEST"),
    ("@tid", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
    ("@tid-other", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f7"),
    ("@tid-unknown", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f8"),
    ("@TID", "tnt_0197F0A1B2C37D4E8F90A1B2C3D4E5F6"),
    ("@sub", "mem_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
    ("@sid", "ses_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
    ("@jti", "0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6"),
    ("@identity", "idn_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
];

#[test]
fn tokens_are_refused_for_the_reason_that_is_theirs() {
    let mint = Mint::new(WORDS);
    let keys = KeySet::read(mint.jwks().to_string().as_bytes()).expect("keys");
    assert_eq!(keys.len(), 3, "keys for encryption and of other kinds are passed over");
    let cases = vectors(TOKENS);
    let (mut bad, mut wrong) = (0, Vec::new());
    for case in cases["cases"].as_array().expect("cases") {
        let token = mint.token(case, NOW);
        let expected = Expected { issuer: ISS, audience: Audience::Api, now: NOW };
        let verdict = Unverified::read(&token).and_then(|read| {
            let key = keys.get(read.kid()).ok_or(TokenError::UnknownKey)?;
            read.verify(key, &expected)
        });
        let is = verdict.as_ref().map_or_else(ToString::to_string, |_| "accept".to_owned());
        let wanted = case["expect"].as_str().expect("expect");
        bad += usize::from(wanted != "accept");
        let fits = match wanted {
            "refuse" => verdict.is_err(),
            // Whose the host is, the token cannot know.
            "other-tenant" => verdict.is_ok(),
            reason => is == reason,
        };
        if !fits {
            wrong.push(format!("{}: {is}, not {wanted}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(bad >= 120, "{bad} bad tokens");
}

#[test]
fn hosts_lead_where_the_directory_says_or_nowhere() {
    let vectors = vectors(include_str!("../vectors/hosts.json"));
    let directory = Directory::new(serde_json::from_value(vectors["directory"].clone()).expect("a snapshot"));
    let directory = directory.expect("a directory");
    for case in vectors["cases"].as_array().expect("cases") {
        let host = case["host"].as_str().expect("host");
        let route = host_name(host).and_then(|name| directory.route(&name));
        let kind = route.as_ref().map(|route| match route.kind {
            Kind::Tenant => "tenant",
            Kind::CustomDomain => "custom_domain",
            Kind::Console => "console",
            Kind::Platform => "platform",
            Kind::Docs => "docs",
        });
        assert_eq!(kind, case["kind"].as_str(), "{host:?}");
        let tenant = route.as_ref().and_then(|route| route.tenant.as_ref());
        assert_eq!(tenant.map(|tenant| tenant.slug.as_str()), case["tenant"].as_str(), "{host:?}");
        assert_eq!(route.as_ref().map(|route| &*route.cell.0), case["cell"].as_str(), "{host:?}");
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect()
}

fn fields(list: &Value) -> Vec<(&str, Vec<u8>)> {
    let list = list.as_array().expect("fields").iter();
    list.map(|field| (field[0].as_str().expect("name"), latin1(field[1].as_str().expect("value")))).collect()
}

#[test]
fn heads_that_parsers_may_disagree_about_are_refused() {
    let vectors = vectors(include_str!("../vectors/heads.json"));
    let mut wrong = Vec::new();
    for case in vectors["cases"].as_array().expect("cases") {
        let owned = fields(&case["fields"]);
        let fields: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        let (method, target) = (case["method"].as_str().expect("method"), case["target"].as_str().expect("target"));
        let head = Head { method, target, fields: &fields, address: ADDRESS };
        let verdict = head.check();
        let is = verdict.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
        if is != case["expect"] || verdict.is_ok_and(|checked| checked.websocket != (case["websocket"] == true)) {
            wrong.push(format!("{}: {is}, not {}", case["name"], case["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_goes_on_is_what_is_neither_ours_nor_between_neighbours() {
    let vectors = vectors(include_str!("../vectors/heads.json"));
    let owned = fields(&vectors["strip"]["fields"]);
    let sent: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_slice())).collect();
    let head = Head { method: "POST", target: "/v1/units", fields: &sent, address: ADDRESS };
    assert!(head.check().is_ok(), "{:?}", head.check());
    let kept: Vec<(String, Vec<u8>)> =
        fields(&vectors["strip"]["kept"]).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(head.stripped(), kept);
}

#[test]
fn the_limiter_is_the_exact_reference() {
    let vectors = vectors(include_str!("../vectors/limits.json"));
    for case in vectors["cases"].as_array().expect("cases") {
        let quota: Quota = serde_json::from_value(case["quota"].clone()).expect("a quota");
        let mut state = Gcra::default();
        for (n, step) in case["steps"].as_array().expect("steps").iter().enumerate() {
            let cost = u32::try_from(step["cost"].as_u64().expect("cost")).expect("cost");
            let verdict = state.take(quota, cost, step["at"].as_i64().expect("at"));
            let place = format!("{}, step {n}", case["name"]);
            assert_eq!(verdict.allowed, step["allowed"].as_bool().expect("allowed"), "{place}");
            assert_eq!(u64::from(verdict.remaining), step["remaining"].as_u64().expect("remaining"), "{place}");
            assert_eq!(verdict.retry_after, step["retry_after"].as_i64().expect("wait"), "{place}");
            assert_eq!(verdict.reset, step["reset"].as_i64().expect("reset"), "{place}");
        }
    }
}

#[test]
fn api_keys_are_told_from_what_never_was_one() {
    let vectors = vectors(include_str!("../vectors/api_keys.json"));
    for good in vectors["good"].as_array().expect("good") {
        let text = good["key"].as_str().expect("key");
        let key = apikey::read(text).expect(text);
        assert_eq!((Some(key.id), Some(key.mode)), (good["id"].as_str(), good["mode"].as_str()));
    }
    for bad in vectors["bad"].as_array().expect("bad") {
        let text = bad.as_str().expect("key");
        assert_eq!(apikey::read(text), None, "{text:?}");
    }
}

#[test]
fn a_signature_is_good_for_one_spelling_of_one_request() {
    let vectors = vectors(include_str!("../vectors/signatures.json"));
    let keys: [EdgeKey; 1] = [serde_json::from_value(vectors["key"].clone()).expect("a key")];
    let now = vectors["now"].as_i64().expect("now");
    let text = |case: &Value, name: &str| case[name].as_str().expect("a text").to_owned();
    for case in vectors["good"].as_array().expect("good") {
        let (method, target, value) = (text(case, "method"), text(case, "target"), text(case, "value"));
        let said = sign::verify(&keys, &method, &target, &value, now);
        let said = said.unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        assert_eq!(sign::sign(&keys[0], &method, &target, &said).expect("signed"), value, "{}", case["name"]);
    }
    for case in vectors["bad"].as_array().expect("bad") {
        let refused = sign::verify(&keys, &text(case, "method"), &text(case, "target"), &text(case, "value"), now);
        let is = refused.map_or_else(|error| error.to_string(), |_| "accepted".to_owned());
        assert_eq!(is, text(case, "expect"), "{}", case["name"]);
    }
}
