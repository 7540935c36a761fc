//! A tenant with something of everything, made over HTTP; and what of it must not change.

use std::collections::BTreeMap;

use keystead_ids::PresetRole::{SalesAgent, Viewer};
use keystead_tests::{Person, Tenant};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

/// One project with everything that belongs to it: a home with a contract and one that can be sold.
pub struct Holdings {
    /// The newest id of each kind, by its prefix.
    pub ids: BTreeMap<String, String>,
    /// The agent who sells in the project and in no other.
    pub agent: Person,
}

impl Holdings {
    /// The id with this prefix.
    pub fn id(&self, prefix: &str) -> &str {
        self.ids.get(prefix).unwrap_or_else(|| panic!("nothing was seeded with the prefix {prefix}"))
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

/// Fills a project so that every table of the tenant has a row of it.
pub async fn fill(tenant: &Tenant<'_>, code: &str) -> Holdings {
    let admin = &tenant.admin;
    let project = tenant.project(code).await;
    let of_project = |fields: serde_json::Value| {
        let mut body = fields;
        body["project_id"] = project.as_str().into();
        body
    };
    let phase = tenant.phase(&project).await;
    let make = async |path: &str, body: serde_json::Value| admin.post(path, &body).expect(201).await.id();
    let building = make("/v1/buildings", of_project(json!({ "name": "North" }))).await;
    let plan = make("/v1/plans", of_project(json!({ "code": "A", "name": "Plan A" }))).await;
    let elevation =
        make("/v1/elevations", of_project(json!({ "plan_id": plan, "code": "E1", "name": "Craftsman" }))).await;
    let home = |number: &str| {
        of_project(json!({ "phase_id": phase, "building_id": building, "plan_id": plan, "elevation_id": elevation,
            "number": number, "price": { "amount_minor": 50_000_000, "currency": "USD" } }))
    };
    let sold = admin.post("/v1/units", &home("101")).header("idempotency-key", code).expect(201).await.id();
    let unit = make("/v1/units", home("102")).await;
    let columns =
        json!({ "number": { "column": "Lot" }, "phase": { "column": "Phase" }, "price": { "column": "Price" } });
    let mapping = make("/v1/import-mappings", json!({ "name": code, "mapping": { "columns": columns } })).await;
    let import = format!("/v1/imports?project_id={project}&file_name=homes.csv&mapping_id={mapping}");
    let import =
        admin.call("POST", &import).body("text/csv", "Lot,Phase,Price\n201,1,450000\n202,1,free\n").expect(201).await;
    let file =
        of_project(json!({ "plan_id": plan, "kind": "floorplan", "name": "a.pdf", "content_type": "application/pdf",
        "length": 9, "sha256": "0f".repeat(32) }));
    let file = admin.post("/v1/files", &file).expect(201).await;

    let agent = tenant.hire(SalesAgent, &[&project]).await;
    let invited = json!({ "email": format!("{}@{}.test", code.to_lowercase(), tenant.slug), "role_id": tenant.role(Viewer).await,
        "all_projects": false, "project_ids": [project] });
    let invitation = make("/v1/invitations", invited).await;
    let contact = of_project(json!({ "name": "Jane Doe", "email": "jane@example.com", "phone": "+14155550123" }));
    let contact = agent.post("/v1/contacts", &contact).expect(201).await.id();
    let reveal = json!({ "fields": ["name"], "purpose": "preparing the contract" });
    let reveal = agent.post(&format!("/v1/contacts/{contact}/reveal"), &reveal).expect(200).await.id();
    let contract = json!({ "unit_id": sold, "buyers": [{ "contact_id": contact }] });
    let contract = agent.post("/v1/contracts", &contract).expect(201).await.id();

    let import_id = import.json["id"]
        .as_str()
        .or(import.json["import"]["id"].as_str())
        .unwrap_or_else(|| panic!("{}", import.text));
    let file_id =
        file.json["id"].as_str().or(file.json["file"]["id"].as_str()).unwrap_or_else(|| panic!("{}", file.text));
    let ids = [
        tenant.id.as_str(),
        &project,
        &phase,
        &building,
        &plan,
        &elevation,
        &unit,
        &mapping,
        import_id,
        file_id,
        &agent.member,
        &invitation,
        &contact,
        &reveal,
        &contract,
        &tenant.role(Viewer).await,
    ]
    .map(|id| (id.split_once('_').unwrap().0.to_owned(), id.to_owned()));
    Holdings { ids: ids.into(), agent }
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
    /// Those that the API's role may write when it adds a row.
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

/// Every table that holds tenants' rows, as the catalogue knows them.
pub async fn tables(superuser: &Client) -> Vec<Table> {
    let may = |what: &str| {
        format!(
            "coalesce(array_agg(a.attname::text ORDER BY a.attnum)
            FILTER (WHERE has_column_privilege('keystead_app', c.oid, a.attnum, '{what}')), '{{}}')"
        )
    };
    let sql = format!(
        "SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum), {}, {},
            has_table_privilege('keystead_app', c.oid, 'SELECT'),
            (SELECT array_agg(k.attname::text) FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                WHERE i.indrelid = c.oid AND i.indisprimary)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE n.nspname IN ('app', 'audit') AND c.relkind IN ('r', 'p') GROUP BY c.oid, 1 ORDER BY 1",
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

/// Waits until the background work has chained every audit event: from then on nothing changes by itself.
pub async fn settled(superuser: &Client) {
    let waiting = "SELECT EXISTS (SELECT FROM audit.events WHERE n IS NULL) OR EXISTS (SELECT FROM platform.outbox)";
    for _ in 0..200 {
        if !superuser.query_one(waiting, &[]).await.unwrap().get::<_, bool>(0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("audit events or mails are still waiting");
}
