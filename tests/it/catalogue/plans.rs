//! What policies cost a read (G20): an index leads to the tenant's rows, and the context is looked up once a statement,
//! not once a row.
//!
//! A table that is nearly empty is read from end to end, whatever indexes it has. Here that is the last resort, so a
//! plan that still does it has no index to use. Plans are those of prepared statements whose values are not known, as
//! the server has them.

use keystead_proofs::Proof;
use keystead_tenants::RootSecret;
use keystead_tests::{
    context::{Context, enter},
    fresh_database,
};
use serde_json::Value;
use tokio_postgres::{Client, SimpleQueryMessage};
use uuid::Uuid;

/// Reads of whole tables are the last resort; one plan serves all values, as the API's role has it anyway.
const PLANNING: &str = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";

const WITHOUT_INDEX: &str = "no index leads to the tenant";
const PER_ROW: &str = "the context is not looked up once";

/// Every table with a tenant's rows that the API's role may read; its primary key, in order, if it has one; and the
/// conditions of the policies that decide what is read.
const TABLES: &str = "SELECT format('%I.%I', n.nspname, c.relname),
        ARRAY(SELECT a.attname::text FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place),
        coalesce((SELECT string_agg(p.qual, ' ') FROM pg_policies p
            WHERE p.schemaname = n.nspname AND p.tablename = c.relname
            AND p.cmd IN ('SELECT', 'ALL') AND p.roles && '{keystead_app,public}'::name[]), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND has_table_privilege('keystead_app', c.oid, 'SELECT')
        AND EXISTS (SELECT FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
    ORDER BY 1";

/// A table that the API's role reads.
struct Table {
    /// With its schema.
    name: String,
    /// What makes up the primary key.
    key: Vec<String>,
    /// How often its policies look into the context in a query of their own, which runs once.
    lookups: usize,
}

async fn tables(client: &Client) -> Vec<Table> {
    let rows = client.query(TABLES, &[]).await.unwrap();
    let table = |row: &tokio_postgres::Row| {
        let policies: String = row.get(2);
        Table { name: row.get(0), key: row.get(1), lookups: policies.matches("( SELECT ctx.").count() }
    };
    rows.iter().map(table).collect()
}

impl Table {
    /// One row by its key, and the first page. Neither asks for the tenant: that is the policy's part. Where the tenant
    /// is the whole key, its row is all that there is; where there is no key, a page has no order.
    fn reads(&self) -> [String; 2] {
        let Self { name, key, .. } = self;
        let sought = key.iter().filter(|column| column.as_str() != "tenant_id");
        let sought: Vec<String> = sought.zip(1..).map(|(column, place)| format!("{column} = ${place}")).collect();
        let condition = if sought.is_empty() { String::new() } else { format!(" WHERE {}", sought.join(" AND ")) };
        let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) };
        [format!("SELECT * FROM {name}{condition}"), format!("SELECT * FROM {name}{order} LIMIT 50")]
    }
}

/// What is wrong with plans.
#[derive(Default)]
struct Offences {
    without_index: Vec<String>,
    per_row: Vec<String>,
}

/// Plans every read of these tables, in the open transaction of `client`.
async fn offences(client: &Client, tables: &[Table]) -> Offences {
    client.batch_execute(PLANNING).await.unwrap();
    let mut offences = Offences::default();
    for table in tables {
        for read in table.reads() {
            let plan = plan(client, &read).await;
            let nodes = nodes(&plan);
            let what = |offence: &str| format!("{}: {offence}: {read}: {plan}", table.name);
            if !is_led_to_the_tenant(&nodes) {
                offences.without_index.push(what(WITHOUT_INDEX));
            }
            if !looks_up_once(&nodes, table.lookups) {
                offences.per_row.push(what(PER_ROW));
            }
        }
    }
    offences
}

/// The plan of a statement, whatever the values of its parameters will be.
async fn plan(client: &Client, statement: &str) -> Value {
    let values = vec!["NULL"; statement.matches('$').count()].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let sql = format!(
        "PREPARE planned AS {statement}; EXPLAIN (FORMAT JSON, COSTS OFF) EXECUTE planned{values}; DEALLOCATE planned"
    );
    let messages = client.simple_query(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let explained = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let mut explained: Value = serde_json::from_str(explained.unwrap()).unwrap();
    explained[0]["Plan"].take()
}

/// A plan's steps, from the top.
fn nodes(plan: &Value) -> Vec<&Value> {
    let below = plan["Plans"].as_array().into_iter().flatten().flat_map(nodes);
    std::iter::once(plan).chain(below).collect()
}

/// Does it find every row by the tenant? A statement names one table, so whatever is scanned is that table or a part of
/// it; of a bitmap's two steps, the one below has the condition.
fn is_led_to_the_tenant(nodes: &[&Value]) -> bool {
    let scans = || nodes.iter().filter(|node| node["Relation Name"].is_string() || node["Index Name"].is_string());
    let led = |node: &&Value| {
        let condition = node["Index Cond"].as_str().unwrap_or_default();
        node["Node Type"] == "Bitmap Heap Scan" || condition.contains("tenant_id = ")
    };
    scans().count() > 0 && scans().all(led)
}

/// Is the context looked up as often as policies say, before the first row, and never beside a row?
fn looks_up_once(nodes: &[&Value], lookups: usize) -> bool {
    let related = |kind: &str| nodes.iter().filter(|node| node["Parent Relationship"] == kind).count();
    let beside_a_row = nodes.iter().any(|node| looks_up(node));
    related("InitPlan") == lookups && related("SubPlan") == 0 && !beside_a_row
}

/// Does one of its conditions call for the context itself? The planner may have put the function's body in the place of
/// its name.
fn looks_up(node: &Value) -> bool {
    let fields = node.as_object().into_iter().flatten();
    let mut conditions = fields.filter(|(name, _)| name.ends_with("Cond") || name.ends_with("Filter"));
    conditions.any(|(_, condition)| {
        condition.as_str().is_some_and(|text| text.contains("ctx.") || text.contains("current_setting"))
    })
}

#[tokio::test]
async fn an_index_leads_to_the_tenant_and_the_context_is_looked_up_once() {
    let database = fresh_database().await;
    let tables = tables(&database.superuser().await).await;
    let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET").unwrap()).unwrap();
    let api = database.role("keystead_app").await;
    api.batch_execute("BEGIN").await.unwrap();
    enter(&api, &Context::of(Uuid::new_v4()).signed(&root)).await.unwrap();
    let Offences { without_index, per_row } = offences(&api, &tables).await;
    println!("{without_index:#?} {per_row:#?}");
    let proof = Proof::of("T5");
    proof.at_least("tables-planned", tables.len(), 28);
    proof.zero("plans-without-index", without_index.len());
    proof.zero("policies-per-row", per_row.len());
}

/// Ways to spoil a plan, each with the table and what must be noticed of it.
const SPOILT: &[(&str, &str, &str)] = &[
    ("ALTER TABLE audit.heads DROP CONSTRAINT heads_pkey", "audit.heads", WITHOUT_INDEX),
    ("DROP POLICY units_tenant ON app.units", "app.units", WITHOUT_INDEX),
    ("ALTER POLICY units_tenant ON app.units USING (tenant_id = ctx.tenant_id())", "app.units", PER_ROW),
    ("ALTER POLICY units_tenant ON app.units USING ((SELECT tenant_id = ctx.tenant_id()))", "app.units", PER_ROW),
    ("ALTER POLICY units_select ON app.units USING (ctx.can('units.read'))", "app.units", PER_ROW),
];

#[tokio::test]
async fn every_plan_that_is_spoilt_is_noticed() {
    let client = fresh_database().await.superuser().await;
    let (proof, mut unnoticed) = (Proof::of("T5"), 0);
    for (spoil, table, offence) in SPOILT {
        client.batch_execute(&format!("BEGIN; {spoil}")).await.unwrap_or_else(|error| panic!("{spoil}: {error:?}"));
        let tables = tables(&client).await;
        client.batch_execute("SET LOCAL ROLE keystead_app").await.unwrap();
        let Offences { without_index, per_row } = offences(&client, &tables).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        let found: Vec<String> = without_index.into_iter().chain(per_row).collect();
        if !found.iter().any(|what| what.starts_with(&format!("{table}: {offence}"))) {
            println!("{spoil} was not noticed as {offence:?}: {found:#?}");
            unnoticed += 1;
        }
    }
    proof.note("plans-spoilt-on-purpose", SPOILT.len());
    proof.zero("spoilt-plans-unnoticed", unnoticed);
}
