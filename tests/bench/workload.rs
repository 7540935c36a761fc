//! The operations that are measured (v1 of the workload), as requests of our API, and what their answers must be.

use anyhow::{Context as _, bail, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    load::Answer,
    seed::{Data, PAGE, Project, Tenant},
};

/// An operation, or a mix of them.
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
    /// 40 % W1, 20 % each of the others.
    W5,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::W1, Self::W2, Self::W3, Self::W4, Self::W5];

    /// The single operations.
    pub const SINGLE: [Self; 4] = [Self::W1, Self::W2, Self::W3, Self::W4];

    /// For tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
            Self::W5 => "W5",
        }
    }

    /// In words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::W1 => "read a contract",
            Self::W2 => "list 50 contacts",
            Self::W3 => "homes by project, plan, status",
            Self::W4 => "create a contact",
            Self::W5 => "mixed 40/20/20/20",
        }
    }

    /// Whether it leaves rows behind.
    pub const fn writes(self) -> bool {
        matches!(self, Self::W4 | Self::W5)
    }

    /// The parts of the mix, in percent.
    pub const fn mix(self) -> &'static [(Self, u32)] {
        match self {
            Self::W1 => &[(Self::W1, 100)],
            Self::W2 => &[(Self::W2, 100)],
            Self::W3 => &[(Self::W3, 100)],
            Self::W4 => &[(Self::W4, 100)],
            Self::W5 => &[(Self::W1, 40), (Self::W2, 20), (Self::W3, 20), (Self::W4, 20)],
        }
    }
}

const REQUESTS: usize = 4_000;

/// Requests of a workload in their bytes, over all tenants, the same at every run on the same data.
pub fn requests(data: &Data, workload: Workload) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(42);
    (0..REQUESTS)
        .map(|_| {
            let tenant = &data.tenants[random.random_range(0..data.tenants.len())];
            let operation = draw(workload, random.random_range(0..100));
            request(tenant, operation, &mut random)
        })
        .collect()
}

/// The operation that a throw of 0 to 99 falls on.
fn draw(workload: Workload, throw: u32) -> Workload {
    let mut up_to = 0;
    let found = workload.mix().iter().find(|(_, percent)| {
        up_to += percent;
        throw < up_to
    });
    found.map_or(workload, |(operation, _)| *operation)
}

/// One request of a single operation.
pub fn request(tenant: &Tenant, operation: Workload, random: &mut StdRng) -> Vec<u8> {
    let project = &tenant.projects[random.random_range(0..tenant.projects.len())];
    let id = &project.id;
    let (path, body) = match operation {
        Workload::W1 => (format!("/v1/contracts/{}", any(&project.contracts, random)), String::new()),
        Workload::W2 => {
            (format!("/v1/contacts?project_id={id}&limit={PAGE}{}", any(&project.cursors, random)), String::new())
        }
        Workload::W3 => {
            let status = ["available", "offer"][random.random_range(0..2)];
            let plan = any(&project.plans, random);
            (format!("/v1/units?project_id={id}&plan_id={plan}&status={status}&limit={PAGE}"), String::new())
        }
        Workload::W4 | Workload::W5 => ("/v1/contacts".to_owned(), new_contact(id).to_string()),
    };
    bytes(&path, &tenant.token, &body)
}

/// The contact that W4 creates, the same each time: name and e-mail address are those that the workload fixes. Its telephone number,
/// +1 555 000 1111, cannot be anybody's and is refused: another takes its place.
fn new_contact(project: &str) -> Value {
    json!({ "project_id": project, "name": "New Person", "email": "new.person@example.test", "phone": "+14155550111" })
}

fn any<'a>(of: &'a [String], random: &mut StdRng) -> &'a str {
    &of[random.random_range(0..of.len())]
}

/// A request as it travels: POST where there is a body.
pub fn bytes(path: &str, token: &str, body: &str) -> Vec<u8> {
    let (method, length) = if body.is_empty() {
        ("GET", String::new())
    } else {
        ("POST", format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()))
    };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{length}\r\n{body}")
        .into_bytes()
}

/// Whether an answer is the one that the request asks for: a fast error, or another tenant's row, must never score.
pub fn check(data: &Data, operation: Workload, request: &[u8], answer: &Answer) -> anyhow::Result<()> {
    let request = String::from_utf8_lossy(request);
    let path = request.split(' ').nth(1).context("a path")?;
    let token = request.split("Bearer ").nth(1).and_then(|rest| rest.lines().next()).context("a token")?;
    let tenant = data.tenants.iter().find(|tenant| tenant.token == token).context("a tenant's token")?;
    let wanted = if operation == Workload::W4 { 201 } else { 200 };
    ensure!(answer.status == wanted, "{path}: {} {}", answer.status, answer.body);
    let body: Value = serde_json::from_str(&answer.body)?;
    let items = body["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_project = |item: &Value| owner(tenant, item).is_some_and(|project| path.contains(&project.id));
    let right = match operation {
        Workload::W1 => {
            body["id"].as_str().is_some_and(|id| path.ends_with(id)) && body["buyers"][0]["name"].is_string()
        }
        Workload::W2 => {
            let ids: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
            // A name that did not open would be left out.
            let open = items.iter().all(|item| item["name"].is_string());
            ids.len() == PAGE && ids.is_sorted_by(|a, b| a > b) && items.iter().all(of_project) && open
        }
        Workload::W3 => {
            let numbers: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
            (2..=10).contains(&numbers.len()) && numbers.is_sorted() && items.iter().all(of_project)
        }
        Workload::W4 => body["id"].is_string() && owner(tenant, &body).is_some(),
        Workload::W5 => bail!("a mix has no answer of its own"),
    };
    ensure!(right, "{path} is answered with something else: {}", answer.body);
    Ok(())
}

/// The tenant's project that a row says it is in.
fn owner<'t>(tenant: &'t Tenant, item: &Value) -> Option<&'t Project> {
    tenant.projects.iter().find(|project| item["project_id"].as_str() == Some(&project.id))
}
