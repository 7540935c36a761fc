//! A tenant with something of everything, made over HTTP; and what of it must not change.

use std::collections::BTreeMap;

use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::{Answer, Person, Tenant};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

/// One project with everything that belongs to it: a home with a contract and one that can be sold.
pub struct Holdings {
    /// The newest id of each kind, by its prefix.
    pub ids: BTreeMap<String, String>,
    /// Ids of what was deleted again, by its prefix.
    pub gone: BTreeMap<String, String>,
    /// The agent who sells in the project and in no other.
    pub agent: Person,
    /// What was created under a key of its own.
    pub made: Vec<Made>,
    /// Where the file's bytes go: a presigned request.
    pub upload: Value,
}

/// A creation as it was asked for.
pub struct Made {
    /// Where it was posted.
    pub path: String,
    /// What was posted.
    pub body: Value,
    /// Its `Idempotency-Key`.
    pub key: String,
    /// What came of it.
    pub id: String,
}

impl Holdings {
    /// The id with this prefix.
    pub fn id(&self, prefix: &str) -> &str {
        self.ids.get(prefix).unwrap_or_else(|| panic!("nothing was seeded with the prefix {prefix}"))
    }

    /// The id with this prefix, if there is such a kind.
    pub fn find(&self, prefix: &str) -> Option<&str> {
        self.ids.get(prefix).map(String::as_str)
    }

    /// The same as the database has it.
    pub fn uuid(&self, prefix: &str) -> Uuid {
        uuid_of(self.id(prefix))
    }
}

/// The UUID in an id.
pub fn uuid_of(id: &str) -> Uuid {
    id.split_once('_').unwrap().1.parse().unwrap()
}

/// Creates things and remembers how.
struct Maker<'p> {
    person: &'p Person,
    project: &'p str,
    made: Vec<Made>,
}

impl Maker<'_> {
    /// Creates something of the project.
    async fn make(&mut self, path: &str, mut body: Value) -> Answer {
        body["project_id"] = self.project.into();
        self.make_for_all(path, body).await
    }

    /// Creates something of the whole tenant.
    async fn make_for_all(&mut self, path: &str, body: Value) -> Answer {
        let key = format!("seed-{}", Uuid::new_v4().simple());
        let answer = self.person.post(path, &body).header("idempotency-key", &key).expect(201).await;
        let id = id_in(&answer);
        self.made.push(Made { path: path.to_owned(), body, key, id });
        answer
    }
}

/// The id of what was created, which may stand beside how to go on with it.
fn id_in(answer: &Answer) -> String {
    let nested =
        answer.json.as_object().into_iter().flat_map(serde_json::Map::values).find_map(|part| part["id"].as_str());
    answer.json["id"].as_str().or(nested).unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Fills a project so that every table of the tenant has a row of it.
pub async fn fill(tenant: &Tenant<'_>, code: &str) -> Holdings {
    let project = tenant.project(code).await;
    let phase = tenant.phase(&project).await;
    let mut admin = Maker { person: &tenant.admin, project: &project, made: Vec::new() };
    let mut ids = vec![tenant.id.clone(), project.clone(), phase.clone(), tenant.role(Viewer).await];
    // Two of each kind that is listed by project: one is a page, two have a cursor.
    tenant.phase(&project).await;
    admin.make("/v1/buildings", json!({ "name": "South" })).await;
    admin.make("/v1/plans", json!({ "code": "B", "name": "Plan B" })).await;
    let building = id_in(&admin.make("/v1/buildings", json!({ "name": "North" })).await);
    let plan = id_in(&admin.make("/v1/plans", json!({ "code": "A", "name": "Plan A" })).await);
    admin.make("/v1/elevations", json!({ "plan_id": plan, "code": "E2", "name": "Tudor" })).await;
    let elevation = json!({ "plan_id": plan, "code": "E1", "name": "Craftsman" });
    let elevation = id_in(&admin.make("/v1/elevations", elevation).await);
    let home = |number: &str| {
        json!({ "phase_id": phase, "building_id": building, "plan_id": plan, "elevation_id": elevation, "number": number,
            "price": { "amount_minor": 50_000_000, "currency": "USD" } })
    };
    let sold = id_in(&admin.make("/v1/units", home("101")).await);
    ids.push(id_in(&admin.make("/v1/units", home("102")).await));
    ids.extend([building, plan.clone(), elevation]);
    let mapping = id_in(&mapping(&mut admin, code).await);
    let import = format!("/v1/imports?project_id={project}&file_name=homes.csv&mapping_id={mapping}");
    let rows = "Lot,Phase,Price\n201,1,450000\n202,1,free\n203,1,cheap\n";
    ids.push(id_in(&tenant.admin.call("POST", &import).body("text/csv", rows).expect(201).await));
    let file = file(&mut admin, &plan).await;
    let agent = tenant.hire(SalesAgent, &[&project]).await;
    let (here, gone_session) = (session(tenant).await, session(tenant).await);
    tenant.admin.call("DELETE", &format!("/v1/me/sessions/{gone_session}")).expect(204).await;
    let invitation = id_in(&invitation(&mut admin, tenant, code).await);
    ids.extend([mapping, id_in(&file), agent.member.clone(), invitation, here]);

    // Somebody who was erased.
    let nobody = json!({ "project_id": project, "name": "Ann Gone" });
    let nobody = id_in(&agent.post("/v1/contacts", &nobody).expect(201).await);
    let erase = json!({ "reason": "they asked for it", "confirmation": "ERASE" });
    tenant.admin.post(&format!("/v1/contacts/{nobody}/erase"), &erase).expect(200).await;
    let mut selling = Maker { person: &agent, project: &project, made: Vec::new() };
    let contact = json!({ "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123" });
    let contact = id_in(&selling.make("/v1/contacts", contact).await);
    let reveal = json!({ "fields": ["name"], "purpose": "preparing the contract" });
    ids.push(id_in(&agent.post(&format!("/v1/contacts/{contact}/reveal"), &reveal).expect(200).await));
    let contract = json!({ "unit_id": sold, "buyers": [{ "contact_id": contact }] });
    ids.extend([id_in(&selling.make_for_all("/v1/contracts", contract).await), contact]);

    let mut gone = deleted(&mut admin, tenant, code, &plan).await;
    gone.push(gone_session);
    let made = admin.made.into_iter().chain(selling.made).collect();
    let upload = file.json["upload"].clone();
    Holdings { ids: by_prefix(ids), gone: by_prefix(gone), agent, made, upload }
}

/// Another session of the administrator.
async fn session(tenant: &Tenant<'_>) -> String {
    let person = Person::enter(tenant.world, &tenant.slug, &tenant.admin.email).await;
    person.get("/v1/me").expect(200).await.json["session_id"].as_str().unwrap().to_owned()
}

fn by_prefix(ids: Vec<String>) -> BTreeMap<String, String> {
    ids.into_iter().map(|id| (id.split_once('_').unwrap().0.to_owned(), id)).collect()
}

async fn mapping(admin: &mut Maker<'_>, name: &str) -> Answer {
    let columns =
        json!({ "number": { "column": "Lot" }, "phase": { "column": "Phase" }, "price": { "column": "Price" } });
    admin.make_for_all("/v1/import-mappings", json!({ "name": name, "mapping": { "columns": columns } })).await
}

async fn file(admin: &mut Maker<'_>, plan: &str) -> Answer {
    let file = json!({ "plan_id": plan, "kind": "floorplan", "name": "a.pdf", "content_type": "application/pdf",
        "length": 9, "sha256": "0f".repeat(32) });
    admin.make("/v1/files", file).await
}

async fn invitation(admin: &mut Maker<'_>, tenant: &Tenant<'_>, name: &str) -> Answer {
    let email = format!("{}@{}.test", name.to_lowercase(), tenant.slug);
    let invited = json!({ "email": email, "role_id": tenant.role(Viewer).await, "all_projects": false,
        "project_ids": [admin.project] });
    admin.make_for_all("/v1/invitations", invited).await
}

/// One of each kind that can be deleted, made and deleted.
async fn deleted(admin: &mut Maker<'_>, tenant: &Tenant<'_>, code: &str, plan: &str) -> Vec<String> {
    let name = format!("{code}-gone");
    let gone = [
        ("/v1/import-mappings", id_in(&mapping(admin, &name).await)),
        ("/v1/files", id_in(&file(admin, plan).await)),
        ("/v1/invitations", id_in(&invitation(admin, tenant, &name).await)),
    ];
    for (path, id) in &gone {
        admin.person.call("DELETE", &format!("{path}/{id}")).expect(204).await;
    }
    gone.map(|(_, id)| id).into()
}

/// A table that holds tenants' rows, with its columns.
#[derive(Debug)]
pub struct Table {
    /// With its schema.
    pub name: String,
    /// All of its columns but generated ones.
    pub columns: Vec<String>,
    /// Those that make up the primary key.
    pub key: Vec<String>,
    /// Those that a role may write when it adds a row: the API's, unless another was asked for.
    pub insertable: Vec<String>,
    /// Those that it may change.
    pub updatable: Vec<String>,
    /// Whether it may read.
    pub readable: bool,
}

impl Table {
    /// Does it have this column?
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }
}

/// The API's role.
const API: &str = "keystead_app";

/// What tenants keep.
const KEPT: &str = "n.nspname IN ('app', 'audit')";

/// Whatever else names a tenant and is open to the API or the worker.
const QUEUES: &str = "n.nspname NOT IN ('app', 'audit')
    AND EXISTS (SELECT FROM pg_attribute t
        WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
    AND EXISTS (SELECT FROM unnest(ARRAY['keystead_app', 'keystead_worker']::name[]) r(role)
        WHERE has_any_column_privilege(r.role, c.oid, 'SELECT, INSERT, UPDATE')
        OR has_table_privilege(r.role, c.oid, 'DELETE'))";

/// Every table that holds what tenants keep, as the catalogue knows them.
pub async fn tables(superuser: &Client) -> Vec<Table> {
    tables_where(superuser, API, KEPT).await
}

/// The same, with what another role may do there.
pub async fn tables_for(superuser: &Client, role: &str) -> Vec<Table> {
    tables_where(superuser, role, KEPT).await
}

/// Every other table that names a tenant and is open to the API or the worker: tenants leave there what the platform is
/// to do for them.
pub async fn queues(superuser: &Client) -> Vec<Table> {
    queues_for(superuser, API).await
}

/// The same, with what another role may do there.
pub async fn queues_for(superuser: &Client, role: &str) -> Vec<Table> {
    tables_where(superuser, role, QUEUES).await
}

/// A row for each of the queues, due tomorrow, so that no job takes it meanwhile.
const QUEUED: [&str; 2] = [
    "INSERT INTO platform.outbox (id, tenant_id, recipient, message, next_at, created_at)
        VALUES (gen_random_uuid(), $1, 'jane@example.com', '{}', now() + interval '1 day', now())",
    "INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at)
        VALUES (gen_random_uuid(), $1, now() + interval '1 day', now())",
];

/// Leaves something of a tenant's in each of the queues. From then on they are never empty: [`settled`] comes before.
pub async fn queue(superuser: &Client, tenant: Uuid) {
    for sql in QUEUED {
        superuser.execute(sql, &[&tenant]).await.unwrap();
    }
}

async fn tables_where(superuser: &Client, role: &str, condition: &str) -> Vec<Table> {
    let may = |what: &str| {
        format!(
            "coalesce(array_agg(a.attname::text ORDER BY a.attnum)
            FILTER (WHERE has_column_privilege('{role}', c.oid, a.attnum, '{what}')), '{{}}')"
        )
    };
    let sql = format!(
        "SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum), {}, {},
            has_table_privilege('{role}', c.oid, 'SELECT'),
            (SELECT array_agg(k.attname::text) FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                WHERE i.indrelid = c.oid AND i.indisprimary)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE {condition} AND c.relkind IN ('r', 'p') GROUP BY c.oid, 1 ORDER BY 1",
        may("INSERT"),
        may("UPDATE")
    );
    let rows = superuser.query(&sql, &[]).await.unwrap();
    let table = |row: &tokio_postgres::Row| Table {
        name: row.get(0),
        columns: row.get(1),
        insertable: row.get(2),
        updatable: row.get(3),
        readable: row.get(4),
        key: row.get(5),
    };
    rows.iter().map(table).collect()
}

/// A fingerprint of the rows of `table` that satisfy `condition`; with how many there are.
pub async fn fingerprint(superuser: &Client, table: &Table, condition: &str) -> (i64, String) {
    let sql = format!(
        "SELECT count(*), coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {} t WHERE {condition}",
        table.name
    );
    let row = superuser.query_one(&sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

/// Waits until the background work has chained every audit event and signed every chain's head: from then on nothing changes by
/// itself.
pub async fn settled(superuser: &Client) {
    let waiting = "SELECT EXISTS (SELECT FROM audit.events WHERE n IS NULL) OR EXISTS (SELECT FROM platform.outbox)
        OR EXISTS (SELECT FROM platform.share_tasks)
        OR EXISTS (SELECT FROM audit.heads h WHERE NOT EXISTS (SELECT FROM audit.checkpoints c
            WHERE c.tenant_id = h.tenant_id AND c.n = h.n AND c.note IS NOT NULL))";
    for _ in 0..200 {
        if !superuser.query_one(waiting, &[]).await.unwrap().get::<_, bool>(0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("audit events, their signatures or mails are still waiting");
}
