//! Files.

use keystead_tests::{Answer, Person, Tenant, World};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::rows::Rows;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
const HTML: &[u8] = b"<!doctype html><script>alert(document.cookie)</script>";

/// Confirming ends the quarantine, which is on record.
const RECORD: [&str; 2] = ["app.files", "audit.events"];

fn declaration(project: &str, content: &[u8]) -> Value {
    json!({ "project_id": project, "kind": "floorplan", "name": "Plan 1.pdf", "content_type": "application/pdf",
        "length": content.len(), "sha256": hex::encode(Sha256::digest(content)) })
}

async fn declared(who: &Person, project: &str, content: &[u8]) -> Answer {
    who.post("/v1/files", &declaration(project, content)).expect(201).await
}

/// Sends the upload as it was signed, but with this body and with these headers changed.
async fn put(world: &World, declared: &Answer, content: &[u8], changes: &[(&str, &str)]) -> u16 {
    let upload = &declared.json["upload"];
    let mut request = world.http.put(upload["url"].as_str().unwrap());
    for (name, value) in upload["headers"].as_object().unwrap() {
        let changed = changes.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        // The length is that of the body: no client can send another.
        if !name.eq_ignore_ascii_case("content-length") {
            request = request.header(name, changed.map_or(value.as_str().unwrap(), |(_, value)| value));
        }
    }
    request.body(content.to_vec()).send().await.unwrap().status().as_u16()
}

async fn acme(world: &World) -> (Tenant<'_>, String) {
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    (acme, fusion)
}

async fn state(who: &Person, file: &str) -> String {
    who.get(&format!("/v1/files/{file}")).expect(200).await.json["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_declared_goes_up_and_comes_down_by_links_that_end_within_a_minute() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = declared(&acme.admin, &fusion, PDF).await;
    assert!(!file.json["upload"]["url"].as_str().unwrap().contains("Plan"), "the key tells nothing");
    assert!(file.json["upload"]["expires_in_seconds"].as_i64().unwrap() <= 300);
    let path = format!("/v1/files/{}", file.id());
    acme.admin.post(&format!("{path}/confirm"), &json!({})).refused(409, "not-uploaded", "").await;
    acme.admin.post(&format!("{path}/link"), &json!({})).refused(409, "file-not-ready", "").await;
    assert_eq!(put(&world, &file, PDF, &[]).await, 200);
    acme.admin.post(&format!("{path}/link"), &json!({})).refused(409, "file-not-ready", "").await;
    acme.admin.post(&format!("{path}/confirm"), &json!({})).expect(200).await;
    let link = acme.admin.post(&format!("{path}/link"), &json!({})).expect(200).await;
    assert!(link.json["expires_in_seconds"].as_i64().unwrap() <= 60, "{}", link.text);
    let url = link.json["url"].as_str().unwrap();
    let signed: u64 = url.split("X-Amz-Expires=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    assert!(signed <= 60, "{url}");
    let download = world.http.get(url).send().await.unwrap();
    assert!(download.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(download.bytes().await.unwrap(), PDF);
    let forged = url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000");
    assert_eq!(world.http.get(forged).send().await.unwrap().status(), 403);
    assert_ne!(put(&world, &file, PDF, &[]).await, 200, "nobody replaces a file");
}

#[tokio::test]
async fn where_a_file_lies_is_left_to_chance() {
    // All bits of a UUID but those that name its version and variant.
    const FREE: u128 = !((0xf_u128 << 76) | (0b11_u128 << 62));
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    for _ in 0..64 {
        declared(&acme.admin, &fusion, PDF).await;
    }
    let superuser = world.database.superuser().await;
    let keys = superuser.query("SELECT storage_key FROM app.files", &[]).await.unwrap();
    let name = |row: &tokio_postgres::Row| {
        let key: String = row.get(0);
        key.rsplit_once('/').unwrap().1.parse::<Uuid>().unwrap().as_u128()
    };
    let names: Vec<u128> = keys.iter().map(name).collect();
    assert_eq!(names.len(), 64);
    // Each bit is set in some names and not in others. Of 64 random names that fails once in 2^56 runs; a clock, a counter
    // or an id of ours would show in bits that are always the same.
    let set = names.iter().fold(0_u128, |all, name| all | name);
    let unset = names.iter().fold(0_u128, |all, name| all | !name);
    assert_eq!(set & unset & FREE, FREE, "{names:x?}");
}

#[tokio::test]
async fn a_page_that_is_called_a_pdf_is_rejected_for_good() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = declared(&acme.admin, &fusion, HTML).await;
    assert_eq!(put(&world, &file, HTML, &[]).await, 200);
    let rows = Rows::of(&world).await;
    let confirm = format!("/v1/files/{}/confirm", file.id());
    for _ in 0..2 {
        acme.admin.post(&confirm, &json!({})).refused(422, "invalid", "/content_type").await;
    }
    assert_eq!(state(&acme.admin, &file.id()).await, "rejected");
    acme.admin.post(&format!("/v1/files/{}/link", file.id()), &json!({})).refused(409, "file-not-ready", "").await;
    acme.admin
        .post(&format!("/v1/files/{}/upload", file.id()), &json!({}))
        .refused(409, "file-not-quarantined", "")
        .await;
    rows.unchanged_but(&RECORD).await;
}

#[tokio::test]
async fn an_upload_of_one_byte_more_or_less_is_not_taken() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = declared(&acme.admin, &fusion, PDF).await;
    let rows = Rows::of(&world).await;
    let longer = [PDF, b"\n"].concat();
    for other in [longer.as_slice(), &PDF[..PDF.len() - 1], b""] {
        let status = put(&world, &file, other, &[]).await;
        assert!((400..500).contains(&status), "{} bytes were answered {status}", other.len());
    }
    acme.admin.post(&format!("/v1/files/{}/confirm", file.id()), &json!({})).refused(409, "not-uploaded", "").await;
    rows.unchanged().await;
    assert_eq!(put(&world, &file, PDF, &[]).await, 200, "the right file is still welcome");
}

#[tokio::test]
async fn an_upload_of_another_type_or_under_another_digest_is_not_taken() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = declared(&acme.admin, &fusion, PDF).await;
    assert_eq!(put(&world, &file, PDF, &[("content-type", "text/html")]).await, 403);
    let unsigned = world.http.put(file.json["upload"]["url"].as_str().unwrap()).body(PDF).send().await.unwrap();
    assert_eq!(unsigned.status(), 403, "the headers belong to the signature");
    acme.admin.post(&format!("/v1/files/{}/confirm", file.id()), &json!({})).refused(409, "not-uploaded", "").await;
}

#[tokio::test]
async fn an_upload_with_another_content_of_the_same_length_never_becomes_readable() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = declared(&acme.admin, &fusion, PDF).await;
    let mut other = PDF.to_vec();
    other[20] ^= 1;
    put(&world, &file, &other, &[]).await;
    let confirm = acme.admin.post(&format!("/v1/files/{}/confirm", file.id()), &json!({})).send().await;
    // The store may refuse a wrong checksum itself; if it does not, confirming does.
    assert!(confirm.status == 409 || (confirm.status == 422 && confirm.names("/sha256")), "{}", confirm.text);
    assert_ne!(state(&acme.admin, &file.id()).await, "ready");
    acme.admin.post(&format!("/v1/files/{}/link", file.id()), &json!({})).refused(409, "file-not-ready", "").await;
}

#[tokio::test]
async fn a_declaration_that_cannot_be_is_refused() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let rival = world.tenant("rival").await;
    let foreign = rival.project("RIVAL").await;
    let rows = Rows::of(&world).await;
    for (field, value) in [
        ("content_type", json!("text/html")),
        ("content_type", json!("image/svg+xml")),
        ("content_type", json!("application/pdf; charset=x")),
        ("kind", json!("virus")),
        ("length", json!(0)),
        ("length", json!(-1)),
        ("length", json!(50 * 1024 * 1024 + 1)),
        ("length", json!(u64::MAX)),
        ("length", json!(1.5)),
        ("sha256", json!("")),
        ("sha256", json!("0".repeat(63))),
        ("sha256", json!("g".repeat(64))),
        ("name", json!("")),
        ("name", json!("x".repeat(201))),
        ("name", json!("a\u{7}.pdf")),
        ("project_id", json!(foreign)),
        ("plan_id", json!(format!("pln_{}", "0".repeat(32)))),
        ("storage_key", json!("t/../../secret")),
        ("state", json!("ready")),
    ] {
        let mut body = declaration(&fusion, PDF);
        body[field] = value;
        acme.admin.post("/v1/files", &body).refused(422, "invalid", &format!("/{field}")).await;
    }
    rows.unchanged().await;
}
