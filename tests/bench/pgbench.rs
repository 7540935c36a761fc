//! The same SQL under the same policies, without an API: what the database alone can do.

use std::{io::Write as _, path::PathBuf, process::Command};

use anyhow::{Context, ensure};
use keystead_tenants::RootSecret;
use keystead_tests::{Database, context::Context as TenantContext};

use crate::seed::{Data, Workload, uuid_of};

/// How many round trips a transaction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trips {
    /// Everything in one pipeline.
    One,
    /// BEGIN, context, statement, COMMIT, each on its own: the textbook form.
    Four,
}

const CLIENTS: usize = 8;

/// Transactions a second; `None` where there is no pgbench.
pub fn run(
    database: &Database,
    data: &Data,
    workload: Workload,
    trips: Trips,
    seconds: u64,
) -> anyhow::Result<Option<f64>> {
    let Some(program) = program() else { return Ok(None) };
    let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET")?).map_err(anyhow::Error::msg)?;
    let folder = tempfile_folder()?;
    let mut command = Command::new(program);
    for (index, tenant) in data.tenants.iter().enumerate() {
        // A context lives 60 s at most: longer than a measurement.
        let context = TenantContext { lives_seconds: 55, ..TenantContext::of(tenant.id) }.signed(&root);
        let file = folder.join(format!("{index}.sql"));
        let script = script(&context, &statements(tenant, workload), variables(tenant, workload), trips);
        std::fs::File::create(&file)?.write_all(script.as_bytes())?;
        command.arg("-f").arg(file);
    }
    let config: tokio_postgres::Config = database.url.parse()?;
    let output = command
        .args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-U", "keystead_app"])
        .args([
            "-p",
            &config.get_ports()[0].to_string(),
            "-c",
            &CLIENTS.to_string(),
            "-j",
            "1",
            "-T",
            &seconds.to_string(),
        ])
        .arg(database.name())
        .env("PGPASSWORD", root.role_password("keystead_app"))
        .output()?;
    std::fs::remove_dir_all(&folder)?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench prints its rate")?;
    Ok(Some(tps.split_whitespace().next().context("a rate")?.parse()?))
}

fn program() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.flatten().map(|version| version.path().join("bin/pgbench")).find(|path| path.exists())
}

fn tempfile_folder() -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("keystead-bench-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}

fn script(context: &str, statement: &str, variables: String, trips: Trips) -> String {
    let set = format!("SELECT ctx.enter('{context}');");
    let steps = format!("BEGIN;\n{set}\n{statement}\nCOMMIT;\n");
    match trips {
        Trips::Four => format!("{variables}{steps}"),
        Trips::One => format!("{variables}\\startpipeline\n{steps}\\endpipeline\n"),
    }
}

/// Picks one of a few prepared ids at random, as the API's requests do.
fn variables(tenant: &crate::seed::Tenant, workload: Workload) -> String {
    let count = match workload {
        Workload::W1 => tenant.contracts.len(),
        Workload::W3 => tenant.plans.len(),
        Workload::W2 | Workload::W4 => 1,
    };
    format!("\\set pick random(1, {count})\n")
}

/// What the API asks the database for in the workload. Where it uses what an earlier statement found, this asks again.
fn statements(tenant: &crate::seed::Tenant, workload: Workload) -> String {
    let (id, project) = (tenant.id, uuid_of(&tenant.project));
    let any = |ids: &[String]| {
        let list: Vec<String> = ids.iter().map(|id| format!("'{}'", uuid_of(id))).collect();
        format!("(ARRAY[{}]::uuid[])[:pick]", list.join(","))
    };
    let people = "SELECT c.*, k.wrapped, k.key_version FROM app.contacts c
        LEFT JOIN app.subject_keys k ON k.tenant_id = c.tenant_id AND k.id = c.id";
    let text = match workload {
        Workload::W1 => {
            let contract = any(&tenant.contracts);
            format!(
                "SELECT c.*, u.number AS unit_number FROM app.contracts c
                    LEFT JOIN app.units u ON u.tenant_id = c.tenant_id AND u.id = c.unit_id WHERE c.id = {contract};
                SELECT * FROM app.contract_parties WHERE contract_id = {contract} ORDER BY position;
                {people} WHERE c.id IN (SELECT contact_id FROM app.contract_parties WHERE contract_id = {contract});"
            )
        }
        Workload::W2 => format!("{people} WHERE c.project_id = '{project}' ORDER BY c.id DESC LIMIT 51;"),
        Workload::W3 => format!(
            "SELECT u.* FROM app.units u JOIN app.phases p ON p.tenant_id = u.tenant_id AND p.id = u.phase_id
                WHERE u.project_id = '{project}' AND u.plan_id = {} AND u.sale_stage IS NULL AND u.not_for_sale_reason IS NULL
                AND p.released_at <= now() ORDER BY u.id LIMIT 51;",
            any(&tenant.plans)
        ),
        Workload::W4 => format!(
            "WITH key AS (INSERT INTO app.subject_keys (tenant_id, id, project_id, key_version, wrapped)
                    VALUES ('{id}', gen_random_uuid(), '{project}', 1, '\\\\x00') RETURNING id),
                made AS (INSERT INTO app.contacts (tenant_id, id, project_id, name, email, phone)
                    SELECT '{id}', id, '{project}', decode(repeat('00', 102), 'hex'), decode(repeat('00', 102), 'hex'),
                        decode(repeat('00', 86), 'hex') FROM key RETURNING id)
            INSERT INTO app.search_tokens (tenant_id, id, project_id, contact_id, field, token)
                SELECT '{id}', gen_random_uuid(), '{project}', made.id, 1, (random() * 1000000000000)::bigint
                FROM made, generate_series(1, {TOKENS});"
        ),
    };
    // A line break ends a meta command but not a statement; one statement a line keeps the script readable all the same.
    text.replace('\n', " ").replace("; ", ";\n")
}

/// Search tokens of a name of the workload.
const TOKENS: usize = 32;
