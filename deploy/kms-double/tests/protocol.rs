//! The double over its wire: states, contexts, faults, and keys that outlive a crash.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use keystead_kms_double::{FaultMode, Faults, KmsDouble, Running};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Wire {
    endpoint: String,
    client: Client,
}

impl Wire {
    fn new(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), client: Client::new() }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, String> {
        let request = self
            .client
            .post(format!("{}/", self.endpoint))
            .header("x-amz-target", format!("TrentService.{operation}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=local")
            .body(input.to_string());
        let response = request.send().await.map_err(|_| "connection".to_owned())?;
        let good = response.status().is_success();
        let body: Value = serde_json::from_slice(&response.bytes().await.expect("body")).expect("JSON");
        if good { Ok(body) } else { Err(body["__type"].as_str().unwrap_or_default().to_owned()) }
    }

    async fn create_key(&self) -> String {
        let made = self.call("CreateKey", json!({ "Tags": [{ "TagKey": "t", "TagValue": "v" }] })).await.expect("key");
        made["KeyMetadata"]["KeyId"].as_str().expect("id").to_owned()
    }

    async fn wrap(&self, key: &str) -> Value {
        let input = json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": { "tenant": "a" } });
        self.call("GenerateDataKey", input).await.expect("data key")
    }

    async fn unwrap(&self, blob: &Value, tenant: &str) -> Result<Value, String> {
        let input = json!({ "CiphertextBlob": blob, "EncryptionContext": { "tenant": tenant } });
        self.call("Decrypt", input).await
    }
}

async fn started() -> (TempDir, Running, Wire) {
    let folder = tempfile::tempdir().expect("folder");
    let running = start(folder.path()).await;
    let wire = Wire::new(running.endpoint());
    (folder, running, wire)
}

async fn start(folder: &Path) -> Running {
    KmsDouble::start(folder.to_owned(), ([127, 0, 0, 1], 0).into()).await.expect("starts")
}

#[tokio::test]
async fn a_data_key_opens_under_its_context_only() {
    let (_folder, _running, wire) = started().await;
    let key = wire.create_key().await;
    let wrapped = wire.wrap(&key).await;
    let opened = wire.unwrap(&wrapped["CiphertextBlob"], "a").await.expect("opens");
    assert_eq!(opened["Plaintext"], wrapped["Plaintext"]);
    assert_eq!(wire.unwrap(&wrapped["CiphertextBlob"], "b").await.expect_err("context"), "InvalidCiphertextException");
    let bare = json!({ "CiphertextBlob": wrapped["CiphertextBlob"] });
    assert_eq!(wire.call("Decrypt", bare).await.expect_err("no context"), "InvalidCiphertextException");
    assert_eq!(wire.unwrap(&json!("AAAA"), "a").await.expect_err("noise"), "InvalidCiphertextException");
    let other = wire.create_key().await;
    let input =
        json!({ "CiphertextBlob": wrapped["CiphertextBlob"], "KeyId": other, "EncryptionContext": { "tenant": "a" } });
    assert_eq!(wire.call("Decrypt", input).await.expect_err("other key"), "IncorrectKeyException");
}

#[tokio::test]
async fn re_encryption_moves_a_blob_to_another_key() {
    let (_folder, _running, wire) = started().await;
    let (old, new) = (wire.create_key().await, wire.create_key().await);
    let wrapped = wire.wrap(&old).await;
    let input = json!({
        "CiphertextBlob": wrapped["CiphertextBlob"], "SourceEncryptionContext": { "tenant": "a" },
        "DestinationKeyId": new, "DestinationEncryptionContext": { "tenant": "a" },
    });
    let moved = wire.call("ReEncrypt", input).await.expect("moves");
    wire.call("DisableKey", json!({ "KeyId": old })).await.expect("disables");
    let opened = wire.unwrap(&moved["CiphertextBlob"], "a").await.expect("opens under the new key");
    assert_eq!(opened["Plaintext"], wrapped["Plaintext"]);
}

#[tokio::test]
async fn states_refuse_what_aws_refuses() {
    let (_folder, running, wire) = started().await;
    let key = wire.create_key().await;
    let named = json!({ "KeyId": key });
    let blob = wire.wrap(&key).await["CiphertextBlob"].clone();

    wire.call("DisableKey", named.clone()).await.expect("disables");
    assert_eq!(wire.unwrap(&blob, "a").await.expect_err("disabled"), "DisabledException");
    wire.call("EnableKey", named.clone()).await.expect("enables");
    wire.unwrap(&blob, "a").await.expect("works again");

    assert_eq!(
        wire.call("CancelKeyDeletion", named.clone()).await.expect_err("not pending"),
        "KMSInvalidStateException"
    );
    let week = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    wire.call("ScheduleKeyDeletion", week.clone()).await.expect("schedules");
    assert_eq!(wire.unwrap(&blob, "a").await.expect_err("pending"), "KMSInvalidStateException");
    assert_eq!(wire.call("EnableKey", named.clone()).await.expect_err("pending"), "KMSInvalidStateException");
    wire.call("CancelKeyDeletion", named.clone()).await.expect("cancels");
    assert_eq!(wire.unwrap(&blob, "a").await.expect_err("left disabled"), "DisabledException");

    wire.call("ScheduleKeyDeletion", week).await.expect("schedules again");
    running.set_faults(Faults { clock_ahead_s: 8 * 86_400, ..Faults::default() });
    assert_eq!(wire.unwrap(&blob, "a").await.expect_err("gone"), "NotFoundException");
    running.set_faults(Faults::default());
    assert_eq!(wire.call("DescribeKey", named).await.expect_err("for good"), "NotFoundException");
}

#[tokio::test]
async fn aliases_are_unique_and_movable() {
    let (_folder, _running, wire) = started().await;
    let (one, two) = (wire.create_key().await, wire.create_key().await);
    let bind = |key: &str| json!({ "AliasName": "alias/keystead/c1/t", "TargetKeyId": key });
    wire.call("CreateAlias", bind(&one)).await.expect("creates");
    assert_eq!(wire.call("CreateAlias", bind(&two)).await.expect_err("taken"), "AlreadyExistsException");
    let described = wire.call("DescribeKey", json!({ "KeyId": "alias/keystead/c1/t" })).await.expect("resolves");
    assert_eq!(described["KeyMetadata"]["KeyId"], json!(one));
    wire.call("UpdateAlias", bind(&two)).await.expect("moves");
    let listed = wire.call("ListAliases", json!({ "KeyId": two })).await.expect("lists");
    assert_eq!(listed["Aliases"][0]["AliasName"], "alias/keystead/c1/t");
    wire.call("DeleteAlias", json!({ "AliasName": "alias/keystead/c1/t" })).await.expect("deletes");
    let gone = wire.call("DescribeKey", json!({ "KeyId": "alias/keystead/c1/t" })).await;
    assert_eq!(gone.expect_err("gone"), "NotFoundException");
}

#[tokio::test]
async fn an_asymmetric_key_signs() {
    let (_folder, _running, wire) = started().await;
    let made =
        wire.call("CreateKey", json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" })).await.expect("key");
    let key = &made["KeyMetadata"]["KeyId"];
    let input = json!({ "KeyId": key, "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256" });
    let signed = wire.call("Sign", input).await.expect("signs");
    let public = wire.call("GetPublicKey", json!({ "KeyId": key })).await.expect("public key");
    assert!(verifies(public["PublicKey"].as_str(), b"hello", signed["Signature"].as_str()));
    assert!(!verifies(public["PublicKey"].as_str(), b"hullo", signed["Signature"].as_str()));
    let refused = wire.call("GenerateDataKey", json!({ "KeyId": key, "KeySpec": "AES_256" })).await;
    assert_eq!(refused.expect_err("usage"), "InvalidKeyUsageException");
}

fn verifies(public: Option<&str>, message: &[u8], signature: Option<&str>) -> bool {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
    use base64::{Engine, prelude::BASE64_STANDARD};
    let public = BASE64_STANDARD.decode(public.expect("key")).expect("base64");
    let signature = BASE64_STANDARD.decode(signature.expect("signature")).expect("base64");
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &public).expect("DER");
    key.verify_sig(message, &signature).is_ok()
}

#[tokio::test]
async fn faults_and_ledger_serve_tests() {
    let (_folder, running, wire) = started().await;
    let key = wire.create_key().await;
    for (mode, expected) in [
        (FaultMode::Deny, "AccessDeniedException"),
        (FaultMode::Down, "KMSInternalException"),
        (FaultMode::Throttle, "ThrottlingException"),
        (FaultMode::Drop, "connection"),
    ] {
        let faults = json!(Faults { mode, ..Faults::default() });
        let set = wire.client.post(format!("{}/__faults", wire.endpoint)).body(faults.to_string()).send().await;
        assert!(set.expect("sets").status().is_success());
        assert_eq!(wire.call("DescribeKey", json!({ "KeyId": key })).await.expect_err("fault"), expected);
    }
    running.set_faults(Faults { mode: FaultMode::Slow, latency_ms: 60, ..Faults::default() });
    let begun = std::time::Instant::now();
    wire.call("DescribeKey", json!({ "KeyId": key })).await.expect("works, slowly");
    assert!(begun.elapsed().as_millis() >= 60);
    assert!(running.ledger()["DescribeKey"] >= 5 && running.ledger()["CreateKey"] == 1);
    let unsigned = wire.client.post(&wire.endpoint).header("x-amz-target", "TrentService.ListAliases").body("{}");
    assert_eq!(unsigned.send().await.expect("answers").status(), 400);
    assert_eq!(wire.call("Sing", json!({})).await.expect_err("unknown"), "UnknownOperationException");
}

#[tokio::test]
async fn it_listens_on_loopback_and_holds_its_folder_alone() {
    let (folder, running, wire) = started().await;
    assert!(KmsDouble::start(folder.path().join("x"), ([0, 0, 0, 0], 0).into()).await.is_err());
    assert!(KmsDouble::start(folder.path().to_owned(), ([127, 0, 0, 1], 0).into()).await.is_err());
    let key = wire.create_key().await;
    running.stop().await;
    let again = start(folder.path()).await;
    Wire::new(again.endpoint()).call("DescribeKey", json!({ "KeyId": key })).await.expect("kept");
}

#[tokio::test]
async fn keys_outlive_kill_9() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut process, wire) = spawn(folder.path());
    let key = wire.create_key().await;
    let alias = json!({ "AliasName": "alias/a", "TargetKeyId": key });
    wire.call("CreateAlias", alias).await.expect("alias");
    let wrapped = wire.wrap("alias/a").await;
    wire.call("DisableKey", json!({ "KeyId": key })).await.expect("disables");
    process.kill().expect("SIGKILL");
    process.wait().expect("gone");
    // What a crash in the middle of a write leaves behind.
    let log = folder.path().join("aliases.log");
    let torn = [std::fs::read(&log).expect("log"), br#"{"alias":"alias/b","ke"#.to_vec()].concat();
    std::fs::write(&log, torn).expect("torn");
    std::fs::write(folder.path().join("keys/half.tmp"), "{").expect("half");

    let (mut process, wire) = spawn(folder.path());
    assert_eq!(wire.unwrap(&wrapped["CiphertextBlob"], "a").await.expect_err("kept"), "DisabledException");
    wire.call("EnableKey", json!({ "KeyId": key })).await.expect("enables");
    let opened = wire.unwrap(&wrapped["CiphertextBlob"], "a").await.expect("opens");
    assert_eq!(opened["Plaintext"], wrapped["Plaintext"]);
    wire.call("CreateAlias", json!({ "AliasName": "alias/b", "TargetKeyId": key })).await.expect("log goes on");
    process.kill().expect("SIGKILL");
    process.wait().expect("gone");
}

fn spawn(folder: &Path) -> (Child, Wire) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_keystead-kms-double"))
        .args(["--listen", "127.0.0.1:0", "--state"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("stdout")).read_line(&mut line).expect("address");
    let endpoint = line.trim().strip_prefix("listening on ").expect("endpoint").to_owned();
    (process, Wire::new(endpoint))
}
