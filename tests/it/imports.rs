//! Spreadsheet imports and floorplans: dry run, per-row errors, resumption, presigned transfer.

use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::{Person, Tenant, World};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use futures::StreamExt;

fn homes(n: usize) -> String {
    let mut t = "number,phase,building,plan,elevation,price,bedrooms,address\n".to_owned();
    for i in 1..=n {
        writeln!(t, "H{i},Phase {},B{},P{},E{},\"$1,{:03}.50\",3,{i} Main St", i % 3, i % 7, i % 5, i % 2, i % 1000)
            .unwrap();
    }
    t
}

fn counters(v: &Value) -> (String, i64, i64, i64) {
    (
        v["state"].as_str().unwrap().into(),
        v["rows_read"].as_i64().unwrap(),
        v["rows_imported"].as_i64().unwrap(),
        v["rows_refused"].as_i64().unwrap(),
    )
}

async fn count(world: &World, sql: &str) -> i64 {
    world.database.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_spreadsheet_becomes_homes_and_each_refused_row_says_why() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let a = &acme.admin;
    let mut text = homes(2500);
    text.push_str("H1,Phase 1,,,,5,,\nX1,Phase 1,,,,-5,,\nX2,Phase 1,,,E,5,99,\nX3,Phase 1,,,,€5,,\n=X4,Phase 1,,,,5,,\nX5,New,,,,5,,\nX5,New,,,,5,,\n");
    let path = |dry: bool| format!("/v1/imports?project_id={fusion}&dry_run={dry}&file_name=homes.csv");
    let dry = a.call("POST", &path(true)).body("text/csv", text.clone()).expect(201).await;
    assert_eq!(count(&world, "select count(*) from app.units").await, 0);
    assert_eq!(count(&world, "select count(*) from app.phases").await, 0);
    let real = a.call("POST", &path(false)).body("text/csv; charset=utf-8", text.clone()).expect(201).await;
    assert_eq!(counters(&dry.json), counters(&real.json));
    assert_eq!(dry.json["errors"], real.json["errors"]);
    assert_eq!(counters(&real.json), ("finished".into(), 2507, 2501, 6));
    assert_eq!(count(&world, "select count(*) from app.units").await, 2501);
    assert_eq!(count(&world, "select count(*) from app.phases where released_at is null").await, 4);
    assert_eq!(count(&world, "select count(*) from app.elevations").await, 10);
    assert_eq!(count(&world, "select price_minor from app.units where number = 'H1'").await, 100150);
    let again = a.call("POST", &path(true)).body("text/csv", text.clone()).expect(201).await;
    assert_eq!(counters(&again.json), ("finished".into(), 2507, 0, 2507));
    assert_eq!(again.json["errors"].as_array().unwrap().len(), 100);
    let id = again.id();
    let mut path2 = format!("/v1/imports/{id}/errors?limit=200");
    let (mut rows, mut pages) = (Vec::new(), 0);
    loop {
        let page = a.get(&path2).expect(200).await;
        rows.extend(page.items().iter().map(|i| i["row"].as_i64().unwrap()));
        pages += 1;
        let Some(c) = page.json["next_cursor"].as_str() else { break };
        path2 = format!("/v1/imports/{id}/errors?limit=200&cursor={c}");
    }
    assert_eq!(pages, 13);
    assert!(rows.is_sorted());
    assert_eq!(rows.len(), 2508);
    a.get(&format!("/v1/imports/{id}")).expect(200).await;
    assert_eq!(a.get(&format!("/v1/imports?project_id={fusion}")).expect(200).await.items().len(), 3);
    a.call("POST", &format!("/v1/imports/{id}/resume"))
        .body("text/csv", text.clone())
        .refused(409, "import-over", "")
        .await;

    // Refusals.
    let bad = |body: &'static [u8]| a.call("POST", &path(false)).body("text/csv", body);
    bad(b"number,price\n1,5\n").refused(422, "invalid", "phase").await;
    bad(b"number,phase,price,PHASE\n").refused(422, "invalid", "PHASE").await;
    bad(b"").refused(422, "invalid", "body").await;
    bad(b"a\0b").refused(422, "invalid", "body").await;
    let wide = format!("{}\n", "a,".repeat(1_000_000));
    a.call("POST", &path(false)).body("text/csv", wide).refused(422, "invalid", "body").await;
    a.call("POST", &path(false)).body("application/json", "{}").refused(415, "media-type", "").await;
    let nowhere = "/v1/imports?project_id=prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6&file_name=a.csv";
    a.call("POST", nowhere).body("text/csv", "x").refused(404, "not-found", "").await;
    a.call("POST", &format!("/v1/imports?project_id={fusion}")).body("text/csv", "x").refused(422, "invalid", "").await;
    a.call("POST", &format!("{}&x=1", path(false))).body("text/csv", "x").refused(422, "invalid", "").await;
    a.call("POST", &format!("{}&mapping_id=map_0197f0a1b2c37d4e8f90a1b2c3d4e5f6", path(false)))
        .body("text/csv", "x")
        .refused(422, "invalid", "mapping_id")
        .await;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    agent.call("POST", &path(false)).body("text/csv", "x").refused(403, "forbidden", "").await;

    // Mappings.
    let ames: Value = serde_json::from_str(include_str!("../../deploy/demo/ames-mapping.json")).unwrap();
    let m = a.post("/v1/import-mappings", &json!({"name": "Ames", "mapping": ames})).expect(201).await;
    a.post("/v1/import-mappings", &json!({"name": "Ames", "mapping": ames}))
        .refused(409, "mapping-name-taken", "")
        .await;
    a.post("/v1/import-mappings", &json!({"name": "B", "mapping": {"columns": {"number": {"column": ""}}}}))
        .refused(422, "invalid", "/mapping/columns/phase")
        .await;
    a.post("/v1/import-mappings", &json!({"name": "B", "mapping": {"columns": {"colour": {"column": "x"}}}}))
        .expect(422)
        .await;
    a.get(&format!("/v1/import-mappings/{}", m.id())).expect(200).await;
    assert_eq!(a.get("/v1/import-mappings").expect(200).await.items().len(), 1);
    ames_sales_become_homes(&world, &acme, &m.id()).await;
    a.call("DELETE", &format!("/v1/import-mappings/{}", m.id())).expect(204).await;
    a.call("DELETE", &format!("/v1/import-mappings/{}", m.id())).expect(404).await;
}

/// Real home sales through a saved mapping; they are not part of the project, so where they are absent this says so.
async fn ames_sales_become_homes(world: &World, acme: &Tenant<'_>, mapping: &str) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/ames/home-sales-2006-2009.csv");
    let Ok(csv) = std::fs::read(file) else {
        println!("skipped: {file} is not there");
        return;
    };
    let project = acme.project("AMES").await;
    let path = format!("/v1/imports?project_id={project}&mapping_id={mapping}&file_name=ames.csv&release_phases=true");
    let done = acme.admin.call("POST", &path).body("text/csv", csv).expect(201).await;
    assert_eq!(counters(&done.json), ("finished".into(), 2589, 2589, 0), "{}", done.text);
    assert_eq!(count(world, "select count(*) from app.phases where released_at is not null").await, 28);
}

/// The beginning of a body whose sender breaks off once `told`.
fn broken(text: &str, at: usize, told: impl Future<Output = ()> + Send + 'static) -> reqwest::Body {
    let head = bytes::Bytes::copy_from_slice(&text.as_bytes()[..at]);
    let parts = futures::stream::iter([Ok(head)]).chain(futures::stream::once(async {
        told.await;
        Err(std::io::Error::other("broken"))
    }));
    reqwest::Body::wrap_stream(parts)
}

/// Waits until the newest import has read so many rows.
async fn newest_has_read(person: &Person, rows: u64) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let list = person.get("/v1/imports?limit=1").expect(200).await;
        if list.items().first().is_some_and(|import| import["state"] == "running" && import["rows_read"] == rows) {
            return list.items()[0].clone();
        }
        assert!(Instant::now() < deadline, "{}", list.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_broken_import_goes_on_where_it_stopped_and_only_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let a = &acme.admin;
    for dry in [true, false] {
        let mut text = homes(5500);
        text.push_str("H7,Phase 1,,,,5,,\n");
        let path = format!("/v1/imports?project_id={fusion}&dry_run={dry}&file_name=homes.csv");
        let cut = text.len() / 2;
        // Half of the file is two whole batches and a part of a third, which must not count.
        let watching = a.clone();
        let both = async move { drop(newest_has_read(&watching, 2_000).await) };
        assert!(a.call("POST", &path).body("text/csv", broken(&text, cut, both)).try_send().await.is_none());
        let import = newest_has_read(a, 2_000).await;
        let id = import["id"].as_str().unwrap();
        let resume = || a.call("POST", &format!("/v1/imports/{id}/resume"));
        resume().body("text/csv", "x,y\n1,2\n").refused(422, "invalid", "body").await;
        resume().body("text/csv", homes(5)).refused(422, "invalid", "body").await;
        let (one, two) = tokio::join!(
            resume().body("text/csv", text.clone()).send(),
            resume().body("text/csv", text.clone()).send()
        );
        let mut statuses = [one.status, two.status];
        statuses.sort();
        assert_eq!(statuses, [200, 409]);
        let done = a.get(&format!("/v1/imports/{id}")).expect(200).await;
        assert_eq!(counters(&done.json), ("finished".into(), 5501, 5500, 1), "{}", done.text);
        assert_eq!(count(&world, "select count(*) from app.units").await, if dry { 0 } else { 5500 });
    }
}

#[tokio::test]
async fn a_floorplan_goes_up_and_comes_down_by_presigned_urls() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let a = &acme.admin;
    let agent = acme.hire(SalesAgent, &[&fusion]).await;
    let viewer = acme.hire(Viewer, &[]).await;
    let declare = |bytes: &[u8]| {
        json!({"project_id": fusion, "kind": "floorplan", "name": "Plan ü 1.pdf", "content_type": "application/pdf",
        "length": bytes.len(), "sha256": hex::encode(Sha256::digest(bytes))})
    };
    let put = async |upload: &Value, bytes: &[u8]| {
        let mut r = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .put(upload["url"].as_str().unwrap())
            .body(bytes.to_vec());
        for (k, v) in upload["headers"].as_object().unwrap() {
            if k != "content-length" {
                r = r.header(k, v.as_str().unwrap());
            }
        }
        r.send().await.unwrap().status().as_u16()
    };
    let pdf = b"%PDF-1.7\nhello".as_slice();
    let f = a.post("/v1/files", &declare(pdf)).expect(201).await;
    let path = format!("/v1/files/{}", f.id());
    a.call("POST", &format!("{path}/confirm")).refused(409, "not-uploaded", "").await;
    agent.call("POST", &format!("{path}/link")).refused(409, "file-not-ready", "").await;
    let again = a.call("POST", &format!("{path}/upload")).expect(200).await;
    assert_eq!(put(&again.json, b"%PDF-1.7\nhello!").await, 403, "one byte more than was signed");
    assert_eq!(put(&f.json["upload"], pdf).await, 200);
    for _ in 0..2 {
        assert_eq!(a.call("POST", &format!("{path}/confirm")).expect(200).await.json["state"], "ready");
    }
    a.call("POST", &format!("{path}/upload")).refused(409, "file-not-quarantined", "").await;
    let link = viewer.call("POST", &format!("{path}/link")).expect(200).await;
    assert!(link.json["expires_in_seconds"].as_u64().unwrap() <= 60);
    let got = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(link.json["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(got.headers()["content-type"], "application/pdf");
    assert_eq!(got.bytes().await.unwrap(), pdf);
    agent.call("POST", &format!("{path}/confirm")).refused(403, "forbidden", "").await;
    assert_eq!(agent.get(&format!("/v1/files?project_id={fusion}")).expect(200).await.items().len(), 1);
    assert_eq!(agent.get("/v1/files?plan_id=pln_0197f0a1b2c37d4e8f90a1b2c3d4e5f6").expect(200).await.items().len(), 0);
    a.call("DELETE", &path).expect(204).await;
    a.call("DELETE", &path).expect(204).await;
    a.call("POST", &format!("{path}/link")).refused(409, "file-not-ready", "").await;
    assert_eq!(a.get(&path).expect(200).await.json["state"], "removed");
    assert_eq!(a.get("/v1/files").expect(200).await.items().len(), 0);

    let html = b"<!DOCTYPE html><html>%PDF-1.7".as_slice();
    let f = a.post("/v1/files", &declare(html)).expect(201).await;
    assert_eq!(put(&f.json["upload"], html).await, 200);
    for _ in 0..2 {
        a.call("POST", &format!("/v1/files/{}/confirm", f.id())).refused(422, "invalid", "/content_type").await;
    }
    let bad = |field: &str, value: Value| {
        let mut d = declare(pdf);
        d[field] = value;
        d
    };
    a.post("/v1/files", &bad("length", 52_428_801.into())).refused(422, "invalid", "/length").await;
    a.post("/v1/files", &bad("sha256", "00".into())).refused(422, "invalid", "/sha256").await;
    a.post("/v1/files", &bad("content_type", "text/html".into())).refused(422, "invalid", "/content_type").await;
    a.post("/v1/files", &bad("plan_id", "pln_0197f0a1b2c37d4e8f90a1b2c3d4e5f6".into()))
        .refused(422, "invalid", "/plan_id")
        .await;
    a.post("/v1/files", &bad("project_id", "prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6".into()))
        .refused(422, "invalid", "/project_id")
        .await;
    let once = || a.post("/v1/files", &declare(pdf)).header("idempotency-key", "k1");
    let (x, y) = (once().expect(201).await, once().expect(201).await);
    assert_eq!(x.id(), y.id());
    assert!(y.json["upload"]["url"].is_string());
}
