//! T12: Schemathesis asks the server whatever the document allows and what it forbids, in sequences too, with every check it
//! has; as an administrator, a sales VP and an agent, each beside their like of another builder, and as the operator. What needs
//! no tool is in `quick` and runs with every run of the tests.

mod quick;
mod schema;

use std::{fs, path::Path};

use keystead_ids::PresetRole::{SalesAgent, VpSales};
use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, PASSWORD, Tenant, World};
use regex::Regex;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::clients::{checkout, copy, said, target};

/// What the deep tier generates at least, in all. `KEYSTEAD_API_CASES` makes it shorter, and then nothing is proven.
const CASES: usize = 50_000;

/// What one sitting comes to, as measured: so many cases whatever it is told, and so many more for each example that it may
/// try of an operation.
const CASES_ANYWAY: usize = 3_000;
const CASES_PER_EXAMPLE: usize = 70;

/// An end of the caller's own session would leave nothing but 401 to look at.
const ENDS_THE_SESSION: &str = "log_out";

/// What sets people beside each other.
const PEERS: &str = "peers = [\"caller\", \"stranger\"]\n";

/// A login in the format of Web Fuzzing Commons: the tool logs in itself, and again when the token grows old.
fn login(name: &str, tenant: Option<&str>, email: &str) -> Value {
    let payload = json!({ "tenant": tenant, "email": email, "password": PASSWORD, "client": "native" });
    json!({ "name": name, "loginEndpointAuth": {
        "endpoint": "/v1/auth/login", "verb": "POST", "contentType": "application/json", "payloadRaw": payload.to_string(),
        "token": { "extractFrom": "body", "extractSelector": "/access_token", "sendIn": "header",
            "sendName": "Authorization", "sendTemplate": "Bearer {token}" } } })
}

/// A builder with something of everything and a team; the one of them who is `who`, as `name`.
async fn of_a_builder(world: &World, slug: &str, who: &str, name: &str) -> Value {
    let tenant: Tenant<'_> = world.tenant(slug).await;
    let project = tenant.project("FUSION").await;
    let home = tenant.unit(&project, "1").await;
    let vp = tenant.hire(VpSales, &[]).await;
    let agent = tenant.hire(SalesAgent, &[&project]).await;
    let buyers = json!([{ "contact": { "name": "Jane Doe", "email": "jane@example.com" } }]);
    vp.post("/v1/contracts", &json!({ "unit_id": home, "buyers": buyers })).expect(201).await;
    let person = match who {
        "admin" => &tenant.admin,
        "vp" => &vp,
        _ => &agent,
    };
    login(name, Some(slug), &person.email)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "deep tier: make prove api"]
async fn the_api_does_what_the_document_says_and_nothing_else() {
    let proof = Proof::of("T12");
    let folder = target().join("schemathesis");
    fs::create_dir_all(&folder).unwrap();
    copy(&checkout().join("tests/proofs/schemathesis"), &folder);
    fs::write(folder.join("openapi.json"), keystead_api::routes::document().to_string()).unwrap();
    run(&folder, "python3", &["-m", "venv", "venv"]).await;
    let pip = folder.join("venv/bin/pip");
    run(&folder, pip.to_str().unwrap(), &["install", "-q", "--require-hashes", "-r", "requirements.txt"]).await;

    let config = fs::read_to_string(folder.join("schemathesis.toml")).unwrap();
    assert!(config.contains(PEERS));
    let wanted = std::env::var("KEYSTEAD_API_CASES").ok().and_then(|count| count.parse().ok());
    let wanted = wanted.unwrap_or_else(|| scale(2_000, CASES));
    let mut cases = 0;
    for identity in ["admin", "vp", "agent", "operator"] {
        // Each sitting has a server of its own: what one did to roles and members is not in the way of the next.
        let world = World::with(Options::default()).await;
        let member = of_a_builder(&world, "acme", identity, "caller").await;
        let stranger = of_a_builder(&world, "beta", identity, "stranger").await;
        let operator = login("caller", None, "operator@keystead.test");
        // The operator may suspend the stranger's company, and nothing is another operator's: there is nobody beside them.
        let alone = identity == "operator";
        let people = if alone { vec![operator] } else { vec![member, stranger] };
        fs::write(folder.join("config.toml"), if alone { config.replace(PEERS, "") } else { config.clone() }).unwrap();
        fs::write(folder.join("people.json"), json!({ "auth": people }).to_string()).unwrap();
        let examples = (wanted / 4).saturating_sub(CASES_ANYWAY).div_ceil(CASES_PER_EXAMPLE).max(5);
        let report = sit(&folder, &world.url, identity, examples, proof.seed()).await;
        let generated = usize::try_from(report["test_cases"]["generated"].as_u64().unwrap()).unwrap();
        let found = report["test_cases"]["unique_failures"].as_u64().unwrap();
        let errors =
            report["test_cases"]["errored"].as_u64().unwrap() + report["operations"]["errored"].as_u64().unwrap();
        proof.zero(&format!("{identity}-failures"), found);
        proof.zero(&format!("{identity}-errors-of-the-tool"), errors);
        proof.zero(&format!("{identity}-5xx"), server_errors(&folder.join(format!("{identity}.ndjson"))));
        proof.note(&format!("{identity}-cases"), generated);
        cases += generated;
    }
    // What was asked for is not what has to be: the deep tier takes no fewer.
    proof.at_least("cases", cases, scale(wanted, CASES));
}

/// One sitting of the tool; its report.
async fn sit(folder: &Path, url: &str, identity: &str, examples: usize, seed: u64) -> Value {
    let (json, lines) = (format!("{identity}.json"), format!("{identity}.ndjson"));
    let (examples, seed) = (examples.to_string(), seed.to_string());
    let output = Command::new(folder.join("venv/bin/schemathesis"))
        .args(["--config-file", "config.toml", "run", "openapi.json", "--url", url, "--checks", "all"])
        .args(["--max-examples", &examples, "--seed", &seed, "--exclude-operation-id", ENDS_THE_SESSION])
        .args(["--report", "json,ndjson", "--report-json-path", &json, "--report-ndjson-path", &lines])
        .current_dir(folder)
        .env("no_proxy", "127.0.0.1,localhost")
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    println!("{}", said(&output));
    let report = fs::read_to_string(folder.join(json)).unwrap_or_else(|_| panic!("no report: {}", said(&output)));
    serde_json::from_str(&report).unwrap()
}

fn server_errors(lines: &Path) -> usize {
    let status = Regex::new(r#""status_code":\s*5\d\d"#).unwrap();
    status.find_iter(&fs::read_to_string(lines).unwrap()).count()
}

async fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().await.unwrap();
    assert!(output.status.success(), "{program} {arguments:?}:\n{}", said(&output));
}
