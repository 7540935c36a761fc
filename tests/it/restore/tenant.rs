//! One tenant, exported and restored by the operator's commands.

use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use keystead_proofs::{Proof, scale};
use keystead_server::tenant::{MANIFEST, SAMPLE, export, restore};
use keystead_tests::{
    Database, World,
    fault_proxy::{At, FaultProxy, Faults, Then},
    program,
};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::process::Command;
use tokio_postgres::Client;

use super::{
    bulk, check,
    stage::{Builder, admin_url, deployment, kms, unused_name},
};
use crate::seed::{Table, fingerprint, settled, tables};

async fn of_tenant(database: &Client, tables: &[Table], tenant: &str) -> Vec<(String, (i64, String))> {
    let mine = format!("tenant_id = '{}'", keystead_tests::uuid_of(tenant));
    let mut rows = Vec::new();
    for table in tables {
        rows.push((table.name.clone(), fingerprint(database, table, &mine).await));
    }
    rows
}

/// What a restore switches off for itself must be on again.
async fn guards(database: &Client) -> Vec<String> {
    let sql = "SELECT c.oid::regclass || ' ' || c.relforcerowsecurity FROM pg_class c WHERE c.relkind = 'r'
        UNION ALL SELECT t.tgrelid::regclass || ' ' || t.tgname || ' ' || t.tgenabled::text FROM pg_trigger t WHERE NOT t.tgisinternal
        UNION ALL SELECT k.conrelid::regclass || ' ' || k.conname || ' ' || k.condeferrable || k.convalidated FROM pg_constraint k
            WHERE k.conrelid <> 0 ORDER BY 1";
    database.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn exists(database: &Database, name: &str) -> bool {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    database.superuser().await.query_opt(sql, &[&name]).await.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tenant_goes_out_and_comes_back_as_it_was() {
    let proof = Proof::of("T22");
    let world = World::new().await;
    let acme = Builder::of(&world, "acme", scale(5, 1_000)).await;
    Builder::of(&world, "zenith", 2).await;
    let original = world.database.superuser().await;
    settled(&original).await;
    bulk::enlarge(&original, &acme.tenant.id).await;
    let (shared, cloud) = deployment(&world.database);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("acme");
    // What an export that was killed left is no obstacle.
    fs::create_dir(folder.path().join("acme.partial")).unwrap();

    let began = Instant::now();
    let exported = export(&shared, &cloud, "acme", &out).await.unwrap();
    proof.note("export-seconds", began.elapsed().as_secs_f64());
    let tables = tables(&original).await;
    let before = of_tenant(&original, &tables, &acme.tenant.id).await;
    let exported_rows: Vec<(String, i64)> =
        exported.manifest.tables.iter().map(|table| (table.name.clone(), table.rows.cast_signed())).collect();
    let rows: Vec<(String, i64)> = before.iter().map(|(name, (rows, _))| (name.clone(), *rows)).collect();
    assert_eq!(exported_rows, rows, "row-level security leaves nothing out of an export");
    assert!(rows.iter().all(|(_, rows)| *rows > 0), "every table is put to the test: {rows:?}");
    proof.note("export-tables", rows.len());
    proof.note("export-rows", rows.iter().map(|(_, rows)| rows).sum::<i64>());
    no_plain_text(&out);

    let (id, content) = &acme.file;
    let kept = out.join("files").join(keystead_tests::uuid_of(id).to_string());
    assert_eq!(fs::read(kept).unwrap(), *content);
    // The bucket is lost as well.
    let prefix = exported.manifest.tenant.storage_prefix.clone().unwrap();
    world.app.blobs.delete_prefix(&format!("{prefix}/")).await.unwrap();

    let into = unused_name();
    let began = Instant::now();
    let restored = restore(&shared, &cloud, &admin_url(), &out, &into, Some("acme")).await.unwrap();
    let took = began.elapsed();
    println!("{restored}");
    assert_eq!((restored.opened, restored.files), (acme.contacts.len().min(SAMPLE as usize), 1));
    let scratch = world.database.sibling(&into).superuser().await;
    bulk::report(&proof, "tenant", &scratch, took).await;
    let after = of_tenant(&scratch, &tables, &acme.tenant.id).await;
    let mismatches: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    proof.zero("tenant-mismatches", mismatches.len());
    assert!(mismatches.is_empty(), "{mismatches:?}");
    proof.zero("tenant-dangling-references", check::dangling(&scratch).await.0);
    proof.zero("tenant-broken-chains", check::chains(&scratch).await.1);
    let (opened, refused) = check::opened(&scratch, &kms(), &world.app.blobs, &acme.tenant.id).await;
    proof.exactly("tenant-contacts-that-open", opened, acme.contacts.len());
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(guards(&original).await, guards(&scratch).await, "policies, triggers and references are as they were");
    let others = "SELECT count(*) FROM platform.tenants WHERE slug <> 'acme'";
    assert_eq!(keystead_tests::count(&scratch, others, &[]).await, 0);

    let again = restore(&shared, &cloud, &admin_url(), &out, &into, None).await.unwrap_err();
    assert!(format!("{again:#}").contains("there is a tenant in this database already"), "{again:#}");
    let again = export(&shared, &cloud, "acme", &out).await.unwrap_err();
    assert!(format!("{again:#}").contains("is there already"), "{again:#}");
}

/// Names and addresses of buyers are ciphertext in an export, too.
fn no_plain_text(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("Jane Doe") && !text.contains("buyer1@") && !text.contains("Number1"), "{path:?}");
        }
    }
}

fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "{file} is changed");
    fs::write(path, changed).unwrap();
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("files")).unwrap();
    for folder in ["", "files"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

type Damage = (&'static str, Box<dyn Fn(&Path, &Path)>);

/// Ways to damage an export, with what a refusal must name. The second folder is another tenant's export.
fn damages() -> Vec<Damage> {
    fn cut_in_the_middle(text: &str) -> String {
        text[..text.len() - 40].to_owned()
    }
    fn without_last_line(text: &str) -> String {
        let end = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        text[..end].to_owned()
    }
    vec![
        (
            "app.units was changed",
            Box::new(|to, _| edit(to, "app.units.ndjson", |text| text.replacen("50000000", "50000001", 1))),
        ),
        ("app.units.ndjson was cut", Box::new(|to, _| edit(to, "app.units.ndjson", |text| cut_in_the_middle(&text)))),
        ("app.units: ", Box::new(|to, _| edit(to, "app.units.ndjson", |text| without_last_line(&text)))),
        (
            "some were added",
            Box::new(|to, _| edit(to, "app.units.ndjson", |text| format!("{text}{}\n", text.lines().next().unwrap()))),
        ),
        ("app.units.ndjson is missing", Box::new(|to, _| fs::remove_file(to.join("app.units.ndjson")).unwrap())),
        (
            "belongs to another tenant",
            Box::new(|to, other| _ = fs::copy(other.join("app.units.ndjson"), to.join("app.units.ndjson")).unwrap()),
        ),
        (
            "belongs to another tenant",
            Box::new(|to, other| {
                _ = fs::copy(other.join("app.tenant_keys.ndjson"), to.join("app.tenant_keys.ndjson")).unwrap()
            }),
        ),
        (
            "its seal does not hold",
            Box::new(|to, _| {
                edit(to, MANIFEST, |text| text.replacen("\"name\": \"acme homes\"", "\"name\": \"evil homes\"", 1))
            }),
        ),
        (
            "its seal does not hold",
            Box::new(|to, _| {
                // Whoever edits rows can compute their digest anew, and nothing more.
                edit(to, "app.units.ndjson", |text| text.replacen("50000000", "50000001", 1));
                let digest = sha(&to.join("app.units.ndjson"));
                edit(to, MANIFEST, |text| {
                    let mut signed: serde_json::Value = serde_json::from_str(&text).unwrap();
                    let tables = signed["manifest"]["tables"].as_array_mut().unwrap();
                    let units = tables.iter_mut().find(|table| table["name"] == "app.units").unwrap();
                    units["sha256"] = digest.into();
                    signed.to_string()
                });
            }),
        ),
        ("manifest.json is damaged", Box::new(|to, _| edit(to, MANIFEST, |text| cut_in_the_middle(&text)))),
        (
            "files/",
            Box::new(|to, _| {
                let file = fs::read_dir(to.join("files")).unwrap().next().unwrap().unwrap().path();
                fs::write(file, b"%PDF-1.7 another").unwrap();
            }),
        ),
        (
            "this is an export of zenith",
            Box::new(|to, other| {
                fs::remove_dir_all(to).unwrap();
                copied(other, to);
            }),
        ),
    ]
}

fn sha(path: &Path) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(fs::read(path).unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_damaged_export_is_refused_by_name_and_nothing_is_made() {
    let world = World::new().await;
    Builder::of(&world, "acme", 2).await;
    Builder::of(&world, "zenith", 2).await;
    let (shared, cloud) = deployment(&world.database);
    settled(&world.database.superuser().await).await;
    let folder = tempfile::tempdir().unwrap();
    let (whole, other) = (folder.path().join("acme"), folder.path().join("zenith"));
    export(&shared, &cloud, "acme", &whole).await.unwrap();
    export(&shared, &cloud, "zenith", &other).await.unwrap();
    let into = unused_name();
    let mut accepted = 0;
    for (number, (named, damage)) in damages().iter().enumerate() {
        let damaged = folder.path().join(number.to_string());
        copied(&whole, &damaged);
        damage(&damaged, &other);
        let refused = restore(&shared, &cloud, &admin_url(), &damaged, &into, Some("acme")).await;
        match refused {
            Ok(_) => accepted += 1,
            Err(error) => assert!(format!("{error:#}").contains(named), "wanted {named:?}, got {error:#}"),
        }
        assert!(!exists(&world.database, &into).await, "{named}: nothing is written before the export is verified");
    }
    Proof::of("T22").zero("damaged-exports-accepted", accepted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_export_that_is_taken_while_people_write_is_of_one_moment() {
    let world = World::new().await;
    let acme = Builder::of(&world, "acme", 1).await;
    let (shared, cloud) = deployment(&world.database);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("acme");
    let mut exporting = Box::pin(export(&shared, &cloud, "acme", &out));
    // Each contact is rows of three tables, which an export reads one after the other.
    let exported = loop {
        let buyer = json!({ "project_id": acme.project, "name": "Somebody Busy", "email": "busy@acme.test" });
        tokio::select! {
            exported = &mut exporting => break exported.unwrap(),
            _ = acme.agent.post("/v1/contacts", &buyer).expect(201) => {}
        }
    };
    let restored = restore(&shared, &cloud, &admin_url(), &out, &unused_name(), None).await.unwrap();
    let rows = |name: &str| exported.manifest.tables.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!(rows("app.contacts"), rows("app.subject_keys"));
    // Everybody but the one whom every builder has erased.
    assert_eq!(restored.opened as u64, rows("app.contacts") - rows("app.erasures"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restore_that_is_killed_leaves_nothing_and_can_be_repeated() {
    let world = World::new().await;
    let acme = Builder::of(&world, "acme", 2).await;
    let (shared, cloud) = deployment(&world.database);
    settled(&world.database.superuser().await).await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("acme");
    export(&shared, &cloud, "acme", &out).await.unwrap();

    // A storage that gives the shares and then falls silent holds the restore up when every row is in, and nothing is committed.
    let storage = FaultProxy::to_url(&std::env::var("AWS_ENDPOINT_URL_S3").unwrap(), 1).await;
    let at = Some(At { word: b"HEAD /", one_in: 1, then: Then::Silence });
    storage.set(Faults { at, ..Faults::default() });
    let into = unused_name();
    let mut command = Command::new(program());
    command.args(["tenant", "restore", "--into", &into]).arg(&out).stdin(Stdio::null()).kill_on_drop(true);
    command.env("DATABASE_URL", &shared.database_url).env("KEYSTEAD_SECRET", shared.secret.expose_secret());
    command.env("DATABASE_ADMIN_URL", admin_url()).env("KEYSTEAD_BUCKET", &cloud.bucket);
    command.env("AWS_ENDPOINT_URL_S3", format!("http://{}", storage.address()));
    let mut restoring = command.spawn().unwrap();
    while storage.struck() == 0 {
        assert!(restoring.try_wait().unwrap().is_none(), "the restore ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    restoring.kill().await.unwrap();

    let scratch = world.database.sibling(&into).superuser().await;
    let tables = tables(&scratch).await;
    let left: i64 = of_tenant(&scratch, &tables, &acme.tenant.id).await.iter().map(|(_, (rows, _))| rows).sum();
    assert_eq!(left, 0, "a kill leaves nothing half");
    assert_eq!(keystead_tests::count(&scratch, "SELECT count(*) FROM platform.tenants", &[]).await, 0);
    let restored = restore(&shared, &cloud, &admin_url(), &out, &into, None).await.unwrap();
    assert_eq!(restored.opened, acme.contacts.len());
}
