//! Tenants with data, made through the API, and the requests of the workloads.

use std::fmt::Write as _;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use keystead_tests::{Database, PASSWORD, token_mailed_to};
use serde_json::json;
use uuid::Uuid;

use crate::server::Server;

const TENANTS: usize = 4;
const UNITS: usize = 500;
const CONTACTS: usize = 1_000;
const CONTRACTS: usize = 200;

/// The operations that are measured (v1 of the performance rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Read one contract.
    W1,
    /// List 50 contacts.
    W2,
    /// Homes by project, plan and status.
    W3,
    /// Create a contact, with its audit event.
    W4,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::W1, Self::W2, Self::W3, Self::W4];

    /// For the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1 read a contract",
            Self::W2 => "W2 list 50 contacts",
            Self::W3 => "W3 filtered homes",
            Self::W4 => "W4 create a contact",
        }
    }
}

/// One tenant's data.
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// The agent's token.
    pub token: String,
    /// The administrator's token.
    pub admin: String,
    /// The project, as the API and as the database name it.
    pub project: String,
    /// Plans.
    pub plans: Vec<String>,
    /// Contracts.
    pub contracts: Vec<String>,
}

/// Everything that was seeded.
pub struct Data {
    /// The tenants.
    pub tenants: Vec<Tenant>,
}

/// The part of an id that the database keeps.
pub fn uuid_of(wire: &str) -> Uuid {
    wire.split_once('_').and_then(|(_, digits)| Uuid::try_parse(digits).ok()).expect("an id of ours")
}

/// Signs up tenants and fills them.
pub async fn seed(server: &Server, database: &Database) -> anyhow::Result<Data> {
    let mut tenants = Vec::new();
    for index in 0..TENANTS {
        tenants.push(tenant(server, database, index).await?);
        eprintln!("seeded tenant {} of {TENANTS}", index + 1);
    }
    Ok(Data { tenants })
}

async fn tenant(server: &Server, database: &Database, index: usize) -> anyhow::Result<Tenant> {
    let (slug, email) = (format!("bench{index}"), format!("admin-{}@bench.test", Uuid::new_v4().simple()));
    let body =
        json!({ "company_name": slug, "slug": slug, "admin_name": "Ada Admin", "email": email, "password": PASSWORD });
    server.post("/v1/signups", "", &body).await?;
    let token = token_mailed_to(&email, "ksv_").await;
    let verified = server.post("/v1/signups/verify", "", &json!({ "token": token })).await?;
    let id = uuid_of(verified["tenant_id"].as_str().context("an approved tenant")?);
    // One person who may do everything, so that the workload is not about roles.
    let superuser = database.superuser().await;
    let all: Vec<&str> = keystead_ids::Permission::ALL.iter().map(|permission| permission.name()).collect();
    superuser.batch_execute("SET session_replication_role = replica").await?;
    superuser
        .execute("UPDATE app.roles SET permissions = $2 WHERE tenant_id = $1 AND key = 'admin'", &[&id, &all])
        .await?;
    let admin = server.log_in(Some(&slug), &email).await?;
    let body = json!({ "code": "BENCH", "name": "Bench", "time_zone": "America/Denver", "currency": "USD" });
    let project = server.post("/v1/projects", &admin, &body).await?["id"].as_str().context("a project")?.to_owned();
    let (plans, units) = homes(server, &admin, &project).await?;
    let contacts = contacts(server, &admin, &project).await?;
    let contracts = contracts(server, &admin, &units, &contacts).await?;
    Ok(Tenant { id, token: admin.clone(), admin, project, plans, contracts })
}

/// A spreadsheet of homes.
pub fn sheet(rows: usize, prefix: &str) -> String {
    let mut text = "number,phase,building,plan,floor,address,bedrooms,square_feet,price\r\n".to_owned();
    for row in 0..rows {
        let _ = write!(
            text,
            "{prefix}{row},Phase {},Building {},Plan {},{},{row} Harvest Lane,{},{},{}.00\r\n",
            row % 3 + 1,
            row % 10 + 1,
            row % 4,
            row % 6 + 1,
            row % 4 + 1,
            900 + row % 1_400,
            400_000 + row % 300_000
        );
    }
    text
}

async fn homes(server: &Server, token: &str, project: &str) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let url =
        server.url(&format!("/v1/imports?project_id={project}&dry_run=false&release_phases=true&file_name=bench.csv"));
    let request = server.http.post(url).bearer_auth(token).header("content-type", "text/csv").body(sheet(UNITS, "U"));
    request.send().await?.error_for_status()?;
    let mut units = list(server, token, &format!("/v1/units?project_id={project}&limit=200")).await?;
    units.truncate(UNITS);
    Ok((list(server, token, &format!("/v1/plans?project_id={project}&limit=200")).await?, units))
}

async fn list(server: &Server, token: &str, path: &str) -> anyhow::Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = server
            .http
            .get(server.url(&format!("{path}{cursor}")))
            .bearer_auth(token)
            .send()
            .await?
            .error_for_status()?;
        let page: serde_json::Value = answer.json().await?;
        ids.extend(
            page["items"].as_array().into_iter().flatten().filter_map(|item| Some(item["id"].as_str()?.to_owned())),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
    }
}

async fn contacts(server: &Server, token: &str, project: &str) -> anyhow::Result<Vec<String>> {
    let create = |index: usize| async move {
        let body = contact(project, index);
        let made = server.post("/v1/contacts", token, &body).await?;
        made["id"].as_str().map(str::to_owned).context("a contact")
    };
    stream::iter(0..CONTACTS).map(create).buffer_unordered(16).try_collect().await
}

fn contact(project: &str, index: usize) -> serde_json::Value {
    json!({ "project_id": project, "name": format!("Bench Person {index}"), "email": format!("person.{index}@example.test"),
        "phone": format!("+1415555{:04}", index % 10_000) })
}

async fn contracts(server: &Server, token: &str, units: &[String], contacts: &[String]) -> anyhow::Result<Vec<String>> {
    let create = |index: usize| async move {
        let body = json!({ "unit_id": units[index], "buyers": [{ "contact_id": contacts[index] }] });
        let made = server.post("/v1/contracts", token, &body).await?;
        made["id"].as_str().map(str::to_owned).context("a contract")
    };
    stream::iter(0..CONTRACTS).map(create).buffer_unordered(8).try_collect().await
}

impl Data {
    /// Requests of a workload, in their bytes, over all tenants in turn.
    pub fn requests(&self, workload: Workload) -> Vec<Vec<u8>> {
        (0..2_000)
            .map(|index| {
                let tenant = &self.tenants[index % self.tenants.len()];
                let (method, path, body) = request(tenant, workload, index);
                let length = if body.is_empty() {
                    String::new()
                } else {
                    format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
                };
                format!(
                    "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{length}\r\n{body}",
                    tenant.token
                )
                .into_bytes()
            })
            .collect()
    }
}

fn request(tenant: &Tenant, workload: Workload, index: usize) -> (&'static str, String, String) {
    let project = &tenant.project;
    match workload {
        Workload::W1 => {
            ("GET", format!("/v1/contracts/{}", tenant.contracts[index % tenant.contracts.len()]), String::new())
        }
        Workload::W2 => ("GET", format!("/v1/contacts?project_id={project}&limit=50"), String::new()),
        Workload::W3 => {
            let plan = &tenant.plans[index % tenant.plans.len()];
            let status = ["available", "offer", "not_for_sale"][index % 3];
            ("GET", format!("/v1/units?project_id={project}&plan_id={plan}&status={status}&limit=50"), String::new())
        }
        Workload::W4 => ("POST", "/v1/contacts".to_owned(), contact(project, index).to_string()),
    }
}
