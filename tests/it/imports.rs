//! Spreadsheet imports and floorplans: dry run, per-row errors, resumption, presigned transfer.

use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::World;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

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
async fn imports() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let a = &acme.admin;
    let mut text = homes(2500);
    text.push_str("H1,Phase 1,,,,5,,\nX1,Phase 1,,,,-5,,\nX2,Phase 1,,,E,5,99,\nX3,Phase 1,,,,€5,,\n=X4,Phase 1,,,,5,,\nX5,New,,,,5,,\nX5,New,,,,5,,\n");
    let path = |dry: bool| format!("/v1/imports?project_id={fusion}&dry_run={dry}&file_name=homes.csv");
    let dry = a.call("POST", &path(true)).body("text/csv", text.clone()).expect(201).await;
    println!("{}", dry.text);
    assert_eq!(count(&world, "select count(*) from app.units").await, 0);
    assert_eq!(count(&world, "select count(*) from app.phases").await, 0);
    let t = std::time::Instant::now();
    let real = a.call("POST", &path(false)).body("text/csv; charset=utf-8", text.clone()).expect(201).await;
    println!("real took {:?}", t.elapsed());
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
    let failed = a.get(&format!("/v1/imports?project_id={fusion}&limit=1")).expect(200).await;
    println!("{}", failed.text);

    // Mappings.
    let ames: Value =
        serde_json::from_str(&std::fs::read_to_string("/work/main/deploy/demo/ames-mapping.json").unwrap()).unwrap();
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
    let ames_project = acme.project("AMES").await;
    let csv = std::fs::read_dir("/work/shared/data/ames")
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "csv"))
        .unwrap();
    let csv = std::fs::read(csv).unwrap();
    let p =
        format!("/v1/imports?project_id={ames_project}&mapping_id={}&file_name=ames.csv&release_phases=true", m.id());
    let t = std::time::Instant::now();
    let done = a.call("POST", &p).body("text/csv", csv).expect(201).await;
    println!("ames {:?} {:?} {}", t.elapsed(), counters(&done.json), done.json["errors"]);
    assert!(count(&world, "select count(*) from app.phases where released_at is not null").await > 5);
    a.call("DELETE", &format!("/v1/import-mappings/{}", m.id())).expect(204).await;
    a.call("DELETE", &format!("/v1/import-mappings/{}", m.id())).expect(404).await;
}

fn broken(text: &str, at: usize) -> reqwest::Body {
    let head = bytes::Bytes::copy_from_slice(&text.as_bytes()[..at]);
    let parts = futures::stream::iter([Ok(head)]).chain(futures::stream::once(async {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        Err(std::io::Error::other("broken"))
    }));
    reqwest::Body::wrap_stream(parts)
}
use futures::StreamExt;

#[tokio::test]
async fn resumes() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    let a = &acme.admin;
    for dry in [true, false] {
        let mut text = homes(5500);
        text.push_str("H7,Phase 1,,,,5,,\n");
        let path = format!("/v1/imports?project_id={fusion}&dry_run={dry}&file_name=homes.csv");
        let cut = text.len() / 2;
        assert!(a.call("POST", &path).body("text/csv", broken(&text, cut)).try_send().await.is_none());
        let list = a.get("/v1/imports?limit=1").expect(200).await;
        let import = &list.items()[0];
        println!("after break {:?}", counters(import));
        assert_eq!(import["state"], "running");
        let read = import["rows_read"].as_i64().unwrap();
        assert!(read > 0 && read % 1000 == 0);
        let id = import["id"].as_str().unwrap();
        let resume = || a.call("POST", &format!("/v1/imports/{id}/resume"));
        resume().body("text/csv", "x,y\n1,2\n").refused(422, "invalid", "body").await;
        resume().body("text/csv", homes(5)).refused(422, "invalid", "body").await;
        let (one, two) = tokio::join!(
            resume().body("text/csv", text.clone()).send(),
            resume().body("text/csv", text.clone()).send()
        );
        println!("{} {} | {} {}", one.status, &one.text[..80], two.status, &two.text[..80]);
        let mut statuses = [one.status, two.status];
        statuses.sort();
        assert_eq!(statuses, [200, 409]);
        let done = a.get(&format!("/v1/imports/{id}")).expect(200).await;
        assert_eq!(counters(&done.json), ("finished".into(), 5501, 5500, 1), "{}", done.text);
        assert_eq!(count(&world, "select count(*) from app.units").await, if dry { 0 } else { 5500 });
    }
    let big = homes(100_000);
    let p2 = acme.project("BIG").await;
    let t = std::time::Instant::now();
    let done = a
        .call("POST", &format!("/v1/imports?project_id={p2}&file_name=big.csv"))
        .body("text/csv", big)
        .expect(201)
        .await;
    println!("100k {:?} {:?}", t.elapsed(), counters(&done.json));
}

#[tokio::test]
async fn files() {
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
    println!("{}", f.text);
    let path = format!("/v1/files/{}", f.id());
    a.call("POST", &format!("{path}/confirm")).refused(409, "not-uploaded", "").await;
    agent.call("POST", &format!("{path}/link")).refused(409, "file-not-ready", "").await;
    let again = a.call("POST", &format!("{path}/upload")).expect(200).await;
    println!("over: {}", put(&again.json, b"%PDF-1.7\nhello!").await);
    println!("put: {}", put(&f.json["upload"], pdf).await);
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
    println!("{} {:?}", got.status(), got.headers());
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
    println!("put: {}", put(&f.json["upload"], html).await);
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
