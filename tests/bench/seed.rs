//! Tenants with data, made through the API in the shape that the workload fixes: 5 projects, 500 homes, 2,000 contacts and 300
//! contracts each.

use std::fmt::Write as _;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use keystead_tests::{Database, PASSWORD, token_mailed_to};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::Server;

const PROJECTS: usize = 5;
/// Of each project.
const UNITS: usize = 100;
const CONTACTS: usize = 400;
const CONTRACTS: usize = 60;
const PLANS: usize = 10;

/// Contacts of a page.
pub const PAGE: usize = 50;

/// One tenant's data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its label in logins.
    pub slug: String,
    /// The administrator.
    pub email: String,
    /// Its projects.
    pub projects: Vec<Project>,
    /// The administrator's access token, of the last [`enter`].
    #[serde(skip)]
    pub token: String,
}

/// One project's data; ids as the API gives them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Plans.
    pub plans: Vec<String>,
    /// Contracts.
    pub contracts: Vec<String>,
    /// Where pages of contacts go on, by cursor.
    pub cursors: Vec<String>,
}

/// Everything that was seeded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Data {
    /// The tenants.
    pub tenants: Vec<Tenant>,
}

/// The part of an id that the database keeps.
pub fn uuid_of(wire: &str) -> Uuid {
    wire.split_once('_').and_then(|(_, digits)| Uuid::try_parse(digits).ok()).expect("an id of ours")
}

/// Signs up tenants and fills them.
pub async fn seed(server: &Server, database: &Database, tenants: usize) -> anyhow::Result<Data> {
    let made = stream::iter(0..tenants).map(|index| async move {
        let tenant = tenant(server, database, index).await?;
        if (index + 1) % 10 == 0 || index + 1 == tenants {
            eprintln!("seeded tenant {} of {tenants}", index + 1);
        }
        anyhow::Ok(tenant)
    });
    Ok(Data { tenants: made.buffered(4).try_collect().await? })
}

/// Logs everybody in: access tokens live for minutes.
pub async fn enter(server: &Server, data: &mut Data) -> anyhow::Result<()> {
    let logins = data.tenants.iter().map(|tenant| server.log_in(Some(&tenant.slug), &tenant.email));
    let tokens: Vec<String> = stream::iter(logins).buffered(2).try_collect().await?;
    data.tenants.iter_mut().zip(tokens).for_each(|(tenant, token)| tenant.token = token);
    Ok(())
}

async fn tenant(server: &Server, database: &Database, index: usize) -> anyhow::Result<Tenant> {
    let (slug, email) = (format!("bench{index}"), format!("admin-{}@bench.test", Uuid::new_v4().simple()));
    let body =
        json!({ "company_name": slug, "slug": slug, "admin_name": "Ada Admin", "email": email, "password": PASSWORD });
    server.post("/v1/signups", "", &body).await?;
    let token = token_mailed_to(&email, "ksv_").await;
    let verified = server.post("/v1/signups/verify", "", &json!({ "token": token })).await?;
    let id = uuid_of(verified["tenant_id"].as_str().context("an approved tenant")?);
    allow_everything(database, id).await?;
    let token = server.log_in(Some(&slug), &email).await?;
    let mut projects = Vec::new();
    for number in 0..PROJECTS {
        projects.push(project(server, &token, number).await?);
    }
    Ok(Tenant { id, slug, email, projects, token })
}

/// One person may do everything, so that the workload is not about roles.
async fn allow_everything(database: &Database, tenant: Uuid) -> anyhow::Result<()> {
    let all: Vec<&str> = keystead_ids::Permission::ALL.iter().map(|permission| permission.name()).collect();
    let superuser = database.superuser().await;
    superuser.batch_execute("SET session_replication_role = replica").await?;
    let sql = "UPDATE app.roles SET permissions = $2 WHERE tenant_id = $1 AND key = 'admin'";
    superuser.execute(sql, &[&tenant, &all]).await?;
    Ok(())
}

async fn project(server: &Server, token: &str, number: usize) -> anyhow::Result<Project> {
    let body =
        json!({ "code": format!("B{number}"), "name": "Bench", "time_zone": "America/Denver", "currency": "USD" });
    let made = server.post("/v1/projects", token, &body).await?;
    let id = made["id"].as_str().context("a project")?.to_owned();
    let url = server.url(&format!("/v1/imports?project_id={id}&dry_run=false&release_phases=true&file_name=bench.csv"));
    let request = server.http.post(url).bearer_auth(token).header("content-type", "text/csv").body(sheet(UNITS, "U"));
    request.send().await?.error_for_status()?;
    let (units, _) = list(server, token, &format!("/v1/units?project_id={id}&limit=200")).await?;
    let (plans, _) = list(server, token, &format!("/v1/plans?project_id={id}&limit=200")).await?;
    let contacts = contacts(server, token, &id).await?;
    let contracts = contracts(server, token, &units, &contacts).await?;
    let (_, cursors) = list(server, token, &format!("/v1/contacts?project_id={id}&limit={PAGE}")).await?;
    Ok(Project { id, plans, contracts, cursors })
}

/// A spreadsheet of homes.
pub fn sheet(rows: usize, prefix: &str) -> String {
    let mut text = "number,phase,building,plan,floor,address,bedrooms,square_feet,price\r\n".to_owned();
    for row in 0..rows {
        let _ = write!(
            text,
            "{prefix}{row},Phase {},Building {},Plan {},{},{row} Harvest Lane,{},{},{}.00\r\n",
            row % 3 + 1,
            row % 8 + 1,
            row % PLANS,
            row % 6 + 1,
            row % 4 + 1,
            900 + row % 1_400,
            400_000 + row % 300_000
        );
    }
    text
}

/// The ids of a whole list, and the cursors of its pages that are full.
async fn list(server: &Server, token: &str, path: &str) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let (mut ids, mut cursors, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = server.http.get(server.url(&format!("{path}{cursor}"))).bearer_auth(token);
        let page: Value = request.send().await?.error_for_status()?.json().await?;
        let items = page["items"].as_array().context("items")?;
        ids.extend(items.iter().filter_map(|item| Some(item["id"].as_str()?.to_owned())));
        // The first page needs no cursor; it counts as an empty one.
        if items.len() == PAGE {
            cursors.push(cursor.clone());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok((ids, cursors)),
        }
    }
}

async fn contacts(server: &Server, token: &str, project: &str) -> anyhow::Result<Vec<String>> {
    let create = |index: usize| async move {
        let made = server.post("/v1/contacts", token, &contact(project, index)).await?;
        made["id"].as_str().map(str::to_owned).context("a contact")
    };
    stream::iter(0..CONTACTS).map(create).buffer_unordered(8).try_collect().await
}

/// A contact of the seed.
fn contact(project: &str, index: usize) -> Value {
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
