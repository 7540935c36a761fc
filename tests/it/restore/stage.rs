//! What is backed up in these drills, and the programs that do it.

use std::path::{Path, PathBuf};

use keystead_ids::PresetRole::SalesAgent;
use keystead_server::{config::Shared, tenant::Cloud};
use keystead_tests::{Database, Options, Person, Tenant, World, server_config};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio_postgres::Config;
use uuid::Uuid;

use crate::seed;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// A builder with a row in every table, some buyers more and a file that is ready.
pub(super) struct Builder<'w> {
    pub(super) tenant: Tenant<'w>,
    pub(super) agent: Person,
    pub(super) contacts: Vec<String>,
    pub(super) project: String,
    /// The file's bytes and where they are.
    pub(super) file: (String, &'static [u8]),
}

impl<'w> Builder<'w> {
    pub(super) async fn of(world: &'w World, slug: &str, buyers: usize) -> Self {
        let tenant = world.tenant(slug).await;
        let holdings = seed::fill(&tenant, "FUSION").await;
        let mut contacts = vec![holdings.id("cnt").to_owned()];
        let agent = tenant.hire(SalesAgent, &[holdings.id("prj")]).await;
        for number in 1..buyers {
            let buyer = json!({ "project_id": holdings.id("prj"), "name": format!("Buyer Number{number}"),
                "email": format!("buyer{number}@{slug}.test"), "phone": "+14155550123" });
            contacts.push(agent.post("/v1/contacts", &buyer).expect(201).await.id());
        }
        let declared = json!({ "project_id": holdings.id("prj"), "kind": "floorplan", "name": "Plan.pdf",
            "content_type": "application/pdf", "length": PDF.len(), "sha256": hex::encode(Sha256::digest(PDF)) });
        let file = tenant.admin.post("/v1/files", &declared).expect(201).await;
        let mut upload = world.http.put(file.json["upload"]["url"].as_str().unwrap());
        for (name, value) in file.json["upload"]["headers"].as_object().unwrap() {
            if !name.eq_ignore_ascii_case("content-length") {
                upload = upload.header(name, value.as_str().unwrap());
            }
        }
        assert_eq!(upload.body(PDF).send().await.unwrap().status(), 200);
        tenant.admin.post(&format!("/v1/files/{}/confirm", file.id()), &json!({})).expect(200).await;
        let project = holdings.id("prj").to_owned();
        Self { tenant, agent, contacts, project, file: (file.id(), PDF) }
    }
}

/// What the operator's commands are told about the deployment.
pub(super) fn deployment(database: &Database) -> (Shared, Cloud) {
    let config = server_config(database, &Options::default(), "127.0.0.1:1".parse().unwrap());
    let cloud = Cloud {
        cell: config.cell,
        region: config.region,
        kms_endpoint: config.kms_endpoint,
        s3_endpoint: config.s3_endpoint,
        bucket: config.bucket,
    };
    (config.shared, cloud)
}

pub(super) fn admin_url() -> String {
    std::env::var("DATABASE_ADMIN_URL").unwrap()
}

pub(super) fn kms() -> String {
    std::env::var("AWS_ENDPOINT_URL_KMS").unwrap()
}

/// A name that no database has.
pub(super) fn unused_name() -> String {
    format!("t_{}", Uuid::new_v4().simple())
}

/// Why a drill with a dump is left out.
pub(super) const NO_PROGRAMS: &str =
    "there is no pg_dump of PostgreSQL's own version or a newer one (Debian: postgresql-client)";

/// `pg_dump` and `pg_restore`, of a version that reads this server; none where the machine has none.
pub(super) async fn programs(database: &Database) -> Option<(PathBuf, PathBuf)> {
    let version: String = database.superuser().await.query_one("SHOW server_version_num", &[]).await.unwrap().get(0);
    let major = version.parse::<u32>().unwrap() / 10_000;
    let beside = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    let folder = if beside.join("pg_dump").exists() { beside } else { PathBuf::new() };
    let said = Command::new(folder.join("pg_dump")).arg("--version").output().await.ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let has = said.rsplit(' ').find_map(|word| word.split('.').next()?.trim().parse::<u32>().ok())?;
    (has >= major).then(|| (folder.join("pg_dump"), folder.join("pg_restore")))
}

/// Dumps a database as the backup role, into a file.
pub(super) async fn dump(program: &Path, database: &Database, root_password: &str, to: &Path) {
    let admin: Config = admin_url().parse().unwrap();
    let url = format!("postgres://keystead_backup@127.0.0.1:{}/{}", admin.get_ports()[0], database.name());
    let mut command = Command::new(program);
    command.env("PGPASSWORD", root_password).args(["--format=custom", "--no-password", "--file"]).arg(to);
    run(command.arg("--dbname").arg(url)).await;
}

/// Restores a dump into a new database of the same server, and lets the product bring it up to date.
pub(super) async fn undump(program: &Path, from: &Path, database: &Database) -> Database {
    let scratch = database.sibling(&unused_name());
    let create = format!("CREATE DATABASE {} TEMPLATE template0", scratch.name());
    database.superuser().await.batch_execute(&create).await.unwrap();
    let admin: Config = admin_url().parse().unwrap();
    let password = String::from_utf8(admin.get_password().unwrap().to_vec()).unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/{}", admin.get_ports()[0], scratch.name());
    let mut command = Command::new(program);
    command.env("PGPASSWORD", password).args(["--exit-on-error", "--no-password", "--dbname", &url]).arg(from);
    run(&mut command).await;
    let (shared, _) = deployment(&scratch);
    let root = shared.root().unwrap();
    let applied = keystead_server::database::prepare(&admin_url(), scratch.name(), &root).await.unwrap();
    assert!(applied.is_empty(), "a dump knows which migrations it has: {applied:?}");
    scratch
}

async fn run(command: &mut Command) {
    let done = command.output().await.unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}
