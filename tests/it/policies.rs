//! The database alone keeps tenants and projects apart, whatever SQL arrives under the API's role (security rule T6).
//!
//! Every table that the catalogue knows × every statement that could reach a stranger's rows × contexts good and bad.

mod permissions;

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use futures::StreamExt;
use keystead_ids::Permission;
use keystead_proofs::Proof;
use keystead_tenants::RootSecret;
use keystead_tests::{Database, World, context};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Error, SimpleQueryMessage};
use uuid::Uuid;

use crate::seed::{self, Table};

/// Signs contexts as the API does, and as it never would.
struct Forge {
    kid: String,
    key: [u8; 32],
}

#[derive(Clone)]
struct Claims {
    tenant: Uuid,
    actor: Uuid,
    projects: Option<Uuid>,
    expires_in: i64,
    kid: String,
}

impl Forge {
    fn new() -> Self {
        let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET").unwrap()).unwrap();
        let (kid, key) = root.context_key();
        Self { kid, key }
    }

    /// Everything is permitted and every project is in scope, so that nothing but the tenant holds a row back.
    fn claims(&self, tenant: Uuid, actor: Uuid) -> Claims {
        Claims { tenant, actor, projects: None, expires_in: 30, kid: self.kid.clone() }
    }

    fn sign(&self, claims: &Claims) -> String {
        let Claims { tenant, actor, projects, expires_in, kid } = claims;
        let permissions: Vec<&str> = Permission::ALL.iter().map(|permission| permission.name()).collect();
        let permissions = permissions.join(",").replace('.', "__");
        let projects = projects.map_or_else(|| "all\n".to_owned(), |project| format!("listed\n{}", project.simple()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
        let (tenant, actor, request) = (tenant.simple(), actor.simple(), Uuid::nil().simple());
        let fields = format!("{tenant}\n{actor}\nmember\n{request}\n{projects}\n,{permissions},");
        let text = format!("v2|{}|{kid}|{fields}|", now + expires_in);
        self.sealed(text)
    }

    fn sealed(&self, text: String) -> String {
        let mac = hmac(&self.key, text.as_bytes());
        text + &hex::encode(mac)
    }
}

/// HMAC-SHA-256 (RFC 2104), written out so that the test shares no code with what it tests.
fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// Contexts that must reach none of `victim`'s rows.
fn contexts(forge: &Forge, own: Uuid, actor: Uuid, victim: Uuid) -> Vec<(&'static str, Option<String>)> {
    let claims = forge.claims(own, actor);
    let good = forge.sign(&claims);
    let of_victim = forge.claims(victim, actor);
    let stolen = forge.sign(&of_victim);
    let unsigned = &stolen[..stolen.len() - 64];
    let (genuine, mac) = good.rsplit_once('|').unwrap();
    let flipped = if mac.starts_with('0') { "1" } else { "0" };
    let stranger = Forge { kid: forge.kid.clone(), key: [7; 32] };
    vec![
        ("own", Some(good.clone())),
        ("of a tenant that does not exist", Some(forge.sign(&forge.claims(Uuid::from_u128(7), actor)))),
        ("unset", None),
        ("empty", Some(String::new())),
        ("expired", Some(forge.sign(&Claims { expires_in: -1, ..of_victim.clone() }))),
        ("far in the future", Some(forge.sign(&Claims { expires_in: 3600, ..of_victim.clone() }))),
        (
            "forged: another tenant under one's own mac",
            Some(good.replace(&own.simple().to_string(), &victim.simple().to_string())),
        ),
        ("forged: a mac with one wrong digit", Some(format!("{genuine}|{flipped}{}", &mac[1..]))),
        ("forged: signed with another key", Some(stranger.sign(&of_victim))),
        ("of an unknown key", Some(forge.sign(&Claims { kid: "nobody".to_owned(), ..of_victim.clone() }))),
        ("truncated in the mac", Some(stolen[..stolen.len() - 9].to_owned())),
        ("without mac", Some(unsigned.to_owned())),
        ("with one field more", Some(forge.sign(&of_victim) + "|")),
        ("of another version under a right mac", Some(forge.sealed(unsigned.replacen("v2", "v1", 1)))),
        ("with a line more under a right mac", Some(forge.sealed(unsigned.replace("\nmember\n", "\nmember\nall\n")))),
        ("with a line less under a right mac", Some(forge.sealed(unsigned.replace("\nall\n\n", "\nall\n")))),
    ]
}

/// A stranger's rows in one table, and how one of them looks.
struct Target<'a> {
    table: &'a Table,
    /// Which rows are the stranger's.
    rows: String,
    /// Which rows are one's own.
    own: String,
    /// One of the stranger's rows as JSON.
    theirs: String,
    /// One's own row, made out to be the stranger's, under a new id.
    moved: String,
    /// What makes a row the stranger's: a column and its value.
    owner: (&'static str, Uuid),
}

/// What a statement may do to be harmless.
enum Attack {
    /// Counts what it reaches: none.
    Reaches(String),
    /// Adds a row: must be refused for lack of rights, not for any other reason, which would tell that the row exists.
    Adds(String),
    /// Streams rows out: none.
    Copies(String),
}

/// Every way in, generated for one table.
fn attacks(target: &Target<'_>) -> Vec<(&'static str, Attack)> {
    use Attack::{Adds, Copies, Reaches};
    let Target { table, rows, own, theirs, moved, owner: (column, stranger) } = target;
    let name = &table.name;
    let columns = if table.insertable.is_empty() { &table.columns } else { &table.insertable }.join(", ");
    // What may not be changed is tried, too: then the grant has to refuse.
    let changed = table.updatable.first().unwrap_or_else(|| table.columns.last().unwrap());
    let row = |json: &str| {
        format!("SELECT {columns} FROM jsonb_populate_record(NULL::{name}, '{}')", json.replace('\'', "''"))
    };
    let key = table.key.join(", ");
    vec![
        ("SELECT", Reaches(format!("SELECT 1 FROM {name} WHERE {rows}"))),
        ("SELECT FOR UPDATE", Reaches(format!("SELECT 1 FROM {name} WHERE {rows} FOR UPDATE"))),
        ("SELECT FOR KEY SHARE", Reaches(format!("SELECT 1 FROM {name} WHERE {rows} FOR KEY SHARE"))),
        ("subquery", Reaches(format!("SELECT 1 WHERE EXISTS (SELECT FROM {name} WHERE {rows})"))),
        (
            "cursor",
            Reaches(format!("DECLARE c NO SCROLL CURSOR FOR SELECT 1 FROM {name} WHERE {rows}; FETCH ALL FROM c")),
        ),
        ("UPDATE foreign", Reaches(format!("UPDATE {name} SET {changed} = {changed} WHERE {rows} RETURNING 1"))),
        (
            "UPDATE own to foreign",
            Reaches(format!("UPDATE {name} SET {column} = '{stranger}' WHERE {own} RETURNING 1")),
        ),
        ("DELETE", Reaches(format!("DELETE FROM {name} WHERE {rows} RETURNING 1"))),
        (
            "CTE UPDATE",
            Reaches(format!(
                "WITH w AS (UPDATE {name} SET {changed} = {changed} WHERE {rows} RETURNING 1) SELECT * FROM w"
            )),
        ),
        ("CTE DELETE", Reaches(format!("WITH w AS (DELETE FROM {name} WHERE {rows} RETURNING 1) SELECT * FROM w"))),
        ("MERGE", Reaches(format!("MERGE INTO {name} USING (SELECT 1) s ON {rows} WHEN MATCHED THEN DELETE"))),
        ("INSERT", Adds(format!("INSERT INTO {name} ({columns}) {}", row(moved)))),
        (
            "INSERT RETURNING in a CTE",
            Adds(format!("WITH w AS (INSERT INTO {name} ({columns}) {} RETURNING 1) SELECT * FROM w", row(moved))),
        ),
        ("UPSERT over theirs", Adds(format!("INSERT INTO {name} ({columns}) {} ON CONFLICT DO NOTHING", row(theirs)))),
        (
            "UPSERT that changes theirs",
            Adds(format!(
                "INSERT INTO {name} ({columns}) {} ON CONFLICT ({key}) DO UPDATE SET {changed} = excluded.{changed}",
                row(theirs)
            )),
        ),
        ("COPY of a query", Copies(format!("COPY (SELECT * FROM {name} WHERE {rows}) TO STDOUT"))),
        ("COPY of the table", Copies(format!("COPY {name} TO STDOUT"))),
    ]
}

/// What is wrong about the outcome, if anything.
async fn attempt(api: &Client, context: Option<&str>, attack: &Attack, stranger: &str) -> Option<String> {
    api.batch_execute("BEGIN").await.unwrap();
    if let Some(context) = context {
        // Whoever is refused goes on all the same, with whatever the refusal left behind.
        api.batch_execute("SAVEPOINT entry").await.unwrap();
        if context::enter(api, context).await.is_err() {
            api.batch_execute("ROLLBACK TO SAVEPOINT entry").await.unwrap();
        }
    }
    let wrong = match attack {
        Attack::Reaches(sql) => match rows_of(api, sql).await {
            Ok(0) => None,
            Ok(reached) => Some(format!("reached {reached} rows")),
            Err(error) => not_refused(&error),
        },
        Attack::Adds(sql) => match rows_of(api, sql).await {
            Ok(_) => Some("was not refused".to_owned()),
            Err(error) => not_refused(&error),
        },
        Attack::Copies(sql) => match copied(api, sql).await {
            Ok(text) => text.contains(stranger).then(|| "copied rows out".to_owned()),
            Err(error) => not_refused(&error),
        },
    };
    // What was not refused is made to stay, so that the victim's fingerprint shows it.
    api.batch_execute("COMMIT").await.unwrap();
    wrong
}

/// How many rows statements returned or changed, all together.
async fn rows_of(api: &Client, sql: &str) -> Result<u64, Error> {
    let messages = api.simple_query(sql).await?;
    Ok(messages
        .iter()
        .map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => *rows,
            _ => 0,
        })
        .sum())
}

async fn copied(api: &Client, sql: &str) -> Result<String, Error> {
    let mut chunks = Box::pin(api.copy_out(sql).await?);
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        text.push_str(&String::from_utf8_lossy(&chunk?));
    }
    Ok(text)
}

/// Lack of rights is the one refusal that tells nothing about the row.
fn not_refused(error: &Error) -> Option<String> {
    let code = error.code().map_or("none", |code| code.code());
    (code != "42501").then(|| format!("failed with {code}: {error:?}"))
}

/// One row of `table` as JSON, the way it is and with other values.
async fn row_as_json(superuser: &Client, table: &Table, rows: &str, other: &str) -> String {
    let sql = format!("SELECT (to_jsonb(t) || {other})::text FROM {} t WHERE {rows} LIMIT 1", table.name);
    superuser.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
}

struct Tally {
    cells: usize,
    /// Statements that reached a row, or were not refused as they must be.
    leaked: Vec<String>,
    /// Tables whose rows changed.
    changed: Vec<String>,
}

impl Tally {
    fn report(&self, of: &str, cells: usize) {
        println!("{:#?} {:#?}", self.leaked, self.changed);
        let proof = Proof::of("T6");
        proof.exactly(&format!("cells-{of}"), self.cells, cells);
        proof.zero(&format!("rows-leaked-{of}"), self.leaked.len());
        proof.zero(&format!("rows-changed-{of}"), self.changed.len());
    }
}

/// Runs every attack under every context and looks at the victim's rows after each table and context.
async fn attack_all(
    database: &Database,
    targets: &[Target<'_>],
    contexts: impl Fn() -> Vec<(&'static str, Option<String>)>,
) -> Tally {
    let (superuser, api) = (database.superuser().await, database.role("keystead_app").await);
    let mut tally = Tally { cells: 0, leaked: Vec::new(), changed: Vec::new() };
    for target in targets {
        let before = seed::fingerprint(&superuser, target.table, &target.rows).await;
        let stranger = target.owner.1.to_string();
        // Signed anew for each table, because a context lives for seconds.
        for (context, signed) in &contexts() {
            for (attack, statement) in attacks(target) {
                tally.cells += 1;
                if let Some(what) = attempt(&api, signed.as_deref(), &statement, &stranger).await {
                    tally.leaked.push(format!("{} × {attack} × {context}: {what}", target.table.name));
                }
            }
            if seed::fingerprint(&superuser, target.table, &target.rows).await != before {
                tally.changed.push(format!("{} × {context}", target.table.name));
            }
        }
    }
    tally
}

/// How many rows of each table a context reaches with a condition.
async fn reached(
    api: &Client,
    context: &str,
    tables: &[&Table],
    condition: impl Fn(&Table) -> String,
) -> BTreeMap<String, i64> {
    let mut reached = BTreeMap::new();
    api.batch_execute("BEGIN").await.unwrap();
    context::enter(api, context).await.unwrap();
    for table in tables {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", table.name, condition(table));
        reached.insert(table.name.clone(), api.query_one(&sql, &[]).await.unwrap().get(0));
    }
    api.batch_execute("COMMIT").await.unwrap();
    reached
}

#[tokio::test]
async fn no_statement_reaches_another_tenant() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    seed::fill(&acme, "FUSION").await;
    seed::fill(&bolt, "VOLTA").await;
    let superuser = world.database.superuser().await;
    seed::settled(&superuser).await;
    let mut tables = seed::tables(&superuser).await;
    tables.extend(seed::queues(&superuser).await);
    let (own, victim) = (seed::uuid_of(&acme.id), seed::uuid_of(&bolt.id));
    for tenant in [own, victim] {
        seed::queue(&superuser, tenant).await;
    }
    let (ours, theirs) = (format!("tenant_id = '{own}'"), format!("tenant_id = '{victim}'"));
    for rows in [&ours, &theirs] {
        let mut empty = Vec::new();
        for table in &tables {
            if seed::fingerprint(&superuser, table, rows).await.0 == 0 {
                empty.push(&table.name);
            }
        }
        assert!(empty.is_empty(), "nothing was seeded in {empty:?}");
    }

    let forge = Forge::new();
    let actor = seed::uuid_of(&acme.admin.member);
    let contexts = || contexts(&forge, own, actor, victim);
    // The good context works: what follows is not refused for some other reason.
    let api = world.database.role("keystead_app").await;
    let readable: Vec<&Table> = tables.iter().filter(|table| table.readable).collect();
    let seen = reached(&api, contexts()[0].1.as_deref().unwrap(), &readable, |_| "true".to_owned()).await;
    assert!(seen.values().all(|rows| *rows > 0) && readable.len() > 20, "one's own rows must be seen: {seen:?}");

    let mut targets = Vec::new();
    for table in &tables {
        let other = if table.has("id") {
            format!("'{{\"tenant_id\": \"{victim}\", \"id\": \"{}\"}}'", Uuid::new_v4())
        } else {
            format!("'{{\"tenant_id\": \"{victim}\"}}'")
        };
        let moved = row_as_json(&superuser, table, &ours, &other).await;
        let stranger = row_as_json(&superuser, table, &theirs, "'{}'").await;
        targets.push(Target {
            table,
            rows: theirs.clone(),
            own: ours.clone(),
            theirs: stranger,
            moved,
            owner: ("tenant_id", victim),
        });
    }
    let tally = attack_all(&world.database, &targets, contexts).await;
    tally.report("across-tenants", tables.len() * contexts().len() * attacks(&targets[0]).len());
}

/// Tables whose rows name a project and are nevertheless the whole tenant's.
const OF_THE_TENANT: &[(&str, &str)] = &[(
    "app.member_projects",
    "who works where is seen by whoever may see colleagues, and managed by whoever may manage them",
)];

#[tokio::test]
async fn no_statement_reaches_another_project() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (fusion, other) = (seed::fill(&acme, "FUSION").await, seed::fill(&acme, "OTHER").await);
    let superuser = world.database.superuser().await;
    seed::settled(&superuser).await;
    let tables = seed::tables(&superuser).await;
    let (ours, theirs) = (fusion.uuid("prj"), other.uuid("prj"));
    let column = |table: &Table| if table.name == "app.projects" { "id" } else { "project_id" };
    let in_projects: Vec<&Table> = tables
        .iter()
        .filter(|table| table.has("project_id") || table.name == "app.projects")
        .filter(|table| OF_THE_TENANT.iter().all(|(name, _)| *name != table.name))
        .collect();

    let forge = Forge::new();
    let all = forge.claims(seed::uuid_of(&acme.id), seed::uuid_of(&fusion.agent.member));
    let scoped = || forge.sign(&Claims { projects: Some(ours), ..all.clone() });
    let api = world.database.role("keystead_app").await;
    let readable: Vec<&Table> = in_projects.iter().copied().filter(|table| table.readable).collect();
    let rows_in = |project: Uuid| move |table: &Table| format!("{} = '{project}'", column(table));
    let everything = reached(&api, &forge.sign(&all), &readable, rows_in(theirs)).await;
    assert!(
        everything.values().all(|rows| *rows > 0) && readable.len() > 14,
        "every table has rows of the other project: {everything:?}"
    );
    let seen = reached(&api, &scoped(), &readable, rows_in(ours)).await;
    assert!(seen.values().all(|rows| *rows > 0), "one's own project must be seen: {seen:?}");
    let hidden =
        reached(&api, &scoped(), &readable, |table| format!("{} IS DISTINCT FROM '{ours}'", column(table))).await;
    assert!(hidden.values().all(|rows| *rows == 0), "rows of other projects are seen: {hidden:?}");

    let mut targets = Vec::new();
    for table in in_projects {
        let column = column(table);
        let (own, rows) = (format!("{column} = '{ours}'"), format!("{column} = '{theirs}'"));
        let mut other = serde_json::json!({ "id": Uuid::new_v4() });
        other[column] = if column == "id" { Uuid::new_v4() } else { theirs }.to_string().into();
        let moved = row_as_json(&superuser, table, &own, &format!("'{other}'")).await;
        let stranger = row_as_json(&superuser, table, &rows, "'{}'").await;
        targets.push(Target { table, rows, own, theirs: stranger, moved, owner: (column, theirs) });
    }
    let tally = attack_all(&world.database, &targets, || vec![("of one project", Some(scoped()))]).await;
    tally.report("across-projects", targets.len() * attacks(&targets[0]).len());
}
