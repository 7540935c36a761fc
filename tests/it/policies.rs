//! The database alone keeps tenants and projects apart, whatever SQL arrives under a role that logs in (security rule T6).
//!
//! Every table that the catalogue knows × every statement that could reach a stranger's rows × contexts good, bad and used before
//! × roles.

mod attempt;
mod contexts;
mod permissions;
mod ways;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use attempt::attempt;
use contexts::{Forge, Guise, Keys, guises, is_let_in};
use futures::future::join_all;
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{Database, World, context};
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;
use ways::{Attack, Target};

use crate::seed::{self, Table};

/// A role that logs in and holds rights to tenants' tables. `keystead_backup` is not among them, which reads everything.
struct Role {
    name: &'static str,
    /// Whether it may enter contexts.
    enters: bool,
    /// Tables that it serves for every tenant: of these no policy asks it whose a row is. Why it may is said in the rules of
    /// the catalogue, which find the same list.
    serves: &'static [&'static str],
    /// Of the cells that matter less, the fast tier tries one in so many.
    share: usize,
}

const ROLES: [Role; 4] = [
    Role { name: "keystead_app", enters: true, serves: &[], share: 3 },
    Role { name: "keystead_worker", enters: true, serves: &["platform.outbox", "platform.share_tasks"], share: 6 },
    Role {
        name: "keystead_platform",
        enters: false,
        serves: &["app.invitations", "app.member_projects", "app.members", "app.roles", "platform.outbox"],
        share: 6,
    },
    Role {
        name: "keystead_audit_ro",
        enters: false,
        serves: &["audit.checkpoints", "audit.events", "audit.heads"],
        share: 6,
    },
];

/// What a role may do to tables where no policy asks it whose a row is.
async fn unasked(superuser: &Client, role: &Role, tables: &[Table]) -> BTreeMap<String, BTreeSet<String>> {
    let role = role.name;
    let sql = format!(
        "SELECT n.nspname || '.' || c.relname, p.privilege FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p(privilege)
        WHERE n.nspname IN ('app', 'audit', 'platform') AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = c.oid AND NOT y.polpermissive
            AND (0 = ANY (y.polroles) OR '{role}'::regrole::oid = ANY (y.polroles)))
        AND CASE p.privilege WHEN 'DELETE' THEN has_table_privilege('{role}', c.oid, 'DELETE')
            ELSE has_any_column_privilege('{role}', c.oid, p.privilege) END"
    );
    let mut unasked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in superuser.query(&sql, &[]).await.unwrap() {
        let name: String = row.get(0);
        if tables.iter().any(|table| table.name == name) {
            unasked.entry(name).or_default().insert(row.get(1));
        }
    }
    unasked
}

/// One row of `table` as JSON, the way it is and with other values.
async fn row_as_json(superuser: &Client, table: &Table, rows: &str, other: &str) -> String {
    let sql = format!("SELECT (to_jsonb(t) || {other})::text FROM {} t WHERE {rows} LIMIT 1", table.name);
    superuser.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
}

#[derive(Default)]
struct Tally {
    cells: usize,
    /// How many there are to try.
    planned: usize,
    /// Statements that reached a row, or were not refused as they must be, and contexts that were not taken as they must be.
    leaked: Vec<String>,
    /// Tables whose rows changed.
    changed: Vec<String>,
}

impl Tally {
    fn of_all(tallies: Vec<Self>) -> Self {
        let mut all = Self::default();
        for Self { cells, planned, leaked, changed } in tallies {
            all.cells += cells;
            all.planned += planned;
            all.leaked.extend(leaked);
            all.changed.extend(changed);
        }
        all
    }

    fn report(&self, of: &str, least: usize) {
        println!("{:#?} {:#?}", self.leaked, self.changed);
        let proof = Proof::of("T6");
        proof.exactly(&format!("cells-{of}"), self.cells, self.planned);
        proof.at_least(&format!("cells-planned-{of}"), self.planned, least);
        proof.zero(&format!("rows-leaked-{of}"), self.leaked.len());
        proof.zero(&format!("rows-changed-{of}"), self.changed.len());
    }
}

/// Whether a cell is tried: the deep tier tries all. The fast one tries those of the contexts that matter most, and of the
/// others as many as it takes for every two of table, context and statement to meet.
fn is_tried(role: &Role, guise: &Guise, numbers: [usize; 3]) -> bool {
    full() || guise.is_whole || numbers.iter().sum::<usize>().is_multiple_of(role.share)
}

/// Runs every attack as a role under every context and looks at the victim's rows after each table; in the deep tier after
/// each context as well.
async fn attack_all(
    database: &Database,
    role: &Role,
    targets: &[Target<'_>],
    guises: impl Fn() -> Vec<Guise>,
) -> Tally {
    let superuser = database.superuser().await;
    let (mut session, beside) = (database.role(role.name).await, database.role(role.name).await);
    let mut tally = Tally { planned: planned(role, targets, &guises()), ..Tally::default() };
    for (number, target) in targets.iter().enumerate() {
        let before = seed::fingerprint(&superuser, target.table, &target.rows).await;
        let stranger = target.owner.1.to_string();
        // Signed anew for each table, because a context lives for seconds.
        let guises = guises();
        for (index, guise) in guises.iter().enumerate() {
            if let Some(signed) = &guise.beside {
                beside.batch_execute("BEGIN").await.unwrap();
                context::enter(&beside, signed).await.unwrap();
            }
            for (way_number, way) in target.ways() {
                if !is_tried(role, guise, [number, index, way_number]) {
                    continue;
                }
                tally.cells += 1;
                if let Some(what) = attempt(&session, guise, &way.attack, &stranger).await {
                    let cell = format!("{} × {} × {}", target.table.name, way.name, guise.name);
                    tally.leaked.push(format!("{} × {cell}: {what}", role.name));
                    if matches!(way.attack, Attack::Fills(_)) {
                        session = database.role(role.name).await;
                    }
                }
            }
            if guise.beside.is_some() {
                beside.batch_execute("COMMIT").await.unwrap();
            }
            if (full() || index + 1 == guises.len())
                && seed::fingerprint(&superuser, target.table, &target.rows).await != before
            {
                tally.changed.push(format!("{} × {} up to {}", role.name, target.table.name, guise.name));
            }
        }
    }
    tally
}

/// How many cells are to be tried.
fn planned(role: &Role, targets: &[Target<'_>], guises: &[Guise]) -> usize {
    let mut planned = 0;
    for (number, target) in targets.iter().enumerate() {
        let ways = target.ways();
        for (index, guise) in guises.iter().enumerate() {
            planned += ways.iter().filter(|(way, _)| is_tried(role, guise, [number, index, *way])).count();
        }
    }
    planned
}

/// How many rows of each table a context reaches with a condition.
async fn reached(
    session: &Client,
    context: &str,
    tables: &[&Table],
    condition: impl Fn(&Table) -> String,
) -> BTreeMap<String, i64> {
    let mut reached = BTreeMap::new();
    session.batch_execute("BEGIN").await.unwrap();
    context::enter(session, context).await.unwrap();
    for table in tables {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", table.name, condition(table));
        reached.insert(table.name.clone(), session.query_one(&sql, &[]).await.unwrap().get(0));
    }
    session.batch_execute("COMMIT").await.unwrap();
    reached
}

/// One tenant that attacks and one that is attacked.
struct Stage {
    database: Database,
    keys: Keys,
    own: Uuid,
    actor: Uuid,
    victim: Uuid,
    /// A context of the victim's whose time is over.
    spent: String,
}

impl Stage {
    async fn set(world: &World) -> Self {
        let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
        let (own, victim) = (seed::uuid_of(&acme.id), seed::uuid_of(&bolt.id));
        let (database, actor) = (world.database.clone(), seed::uuid_of(&acme.admin.member));
        let (keys, api) = (Keys::install(&database).await, database.role("keystead_app").await);
        let spent = keys.current.sign(&keys.current.claims(victim, actor).lasting(3));
        assert!(is_let_in(&api, &spent).await, "a context is let in while it lasts");
        seed::fill(&acme, "FUSION").await;
        seed::fill(&bolt, "VOLTA").await;
        let superuser = database.superuser().await;
        seed::settled(&superuser).await;
        for tenant in [own, victim] {
            seed::queue(&superuser, tenant).await;
        }
        while is_let_in(&api, &spent).await {
            sleep(Duration::from_millis(50)).await;
        }
        Self { database, keys, own, actor, victim, spent }
    }

    /// The contexts that a role may come with.
    fn guises(&self, role: &Role) -> Vec<Guise> {
        let all = guises(&self.keys, self.own, self.actor, self.victim, &self.spent);
        if role.enters { all } else { all.into_iter().filter_map(Guise::of_an_outsider).collect() }
    }

    /// Everything, as one role.
    async fn attack_as(&self, role: &Role) -> Tally {
        let superuser = self.database.superuser().await;
        let mut tables = seed::tables_for(&superuser, role.name).await;
        tables.extend(seed::queues_for(&superuser, role.name).await);
        let unasked = unasked(&superuser, role, &tables).await;
        assert_eq!(unasked.keys().collect::<Vec<_>>(), role.serves, "tables that {} serves for everybody", role.name);
        if role.enters {
            self.sees_its_own(role, &tables, &unasked).await;
        }
        let (ours, theirs) = (format!("tenant_id = '{}'", self.own), format!("tenant_id = '{}'", self.victim));
        let mut targets = Vec::new();
        for table in &tables {
            let mut other = serde_json::json!({ "tenant_id": self.victim });
            if table.has("id") {
                other["id"] = Uuid::new_v4().to_string().into();
            }
            targets.push(Target {
                table,
                rows: theirs.clone(),
                own: ours.clone(),
                theirs: row_as_json(&superuser, table, &theirs, "'{}'").await,
                moved: row_as_json(&superuser, table, &ours, &format!("'{other}'")).await,
                owner: ("tenant_id", self.victim),
                unasked: unasked.get(&table.name).cloned().unwrap_or_default(),
            });
        }
        attack_all(&self.database, role, &targets, || self.guises(role)).await
    }

    /// Good contexts work, under each key that lives: what follows is not refused for some other reason.
    async fn sees_its_own(&self, role: &Role, tables: &[Table], unasked: &BTreeMap<String, BTreeSet<String>>) {
        let session = self.database.role(role.name).await;
        let readable = tables.iter().filter(|table| table.readable && !unasked.contains_key(&table.name));
        let readable: Vec<&Table> = readable.collect();
        for forge in [&self.keys.current, &self.keys.older] {
            let signed = forge.sign(&forge.claims(self.own, self.actor));
            let seen = reached(&session, &signed, &readable, |_| "true".to_owned()).await;
            assert!(
                seen.values().all(|rows| *rows > 0) && readable.len() > 20,
                "{}: one's own rows must be seen: {seen:?}",
                role.name
            );
        }
    }
}

#[tokio::test]
async fn no_statement_reaches_another_tenant() {
    let world = World::new().await;
    let stage = Stage::set(&world).await;
    let superuser = world.database.superuser().await;
    let mut tables = seed::tables(&superuser).await;
    tables.extend(seed::queues(&superuser).await);
    for tenant in [stage.own, stage.victim] {
        let mut empty = Vec::new();
        for table in &tables {
            if seed::fingerprint(&superuser, table, &format!("tenant_id = '{tenant}'")).await.0 == 0 {
                empty.push(&table.name);
            }
        }
        assert!(empty.is_empty(), "nothing was seeded in {empty:?}");
    }
    let tallies = join_all(ROLES.iter().map(|role| stage.attack_as(role))).await;
    Tally::of_all(tallies).report("across-tenants", scale(10_000, 40_000));
}

/// Tables whose rows name a project and are nevertheless the whole tenant's.
const OF_THE_TENANT: &[(&str, &str)] = &[(
    "app.member_projects",
    "who works where is seen by whoever may see colleagues, and managed by whoever may manage them",
)];

/// The column that says of which project a row is.
fn project_column(table: &Table) -> &'static str {
    if table.name == "app.projects" { "id" } else { "project_id" }
}

#[tokio::test]
async fn no_statement_reaches_another_project() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let (fusion, other) = (seed::fill(&acme, "FUSION").await, seed::fill(&acme, "OTHER").await);
    seed::settled(&world.database.superuser().await).await;
    let (tenant, agent) = (seed::uuid_of(&acme.id), seed::uuid_of(&fusion.agent.member));
    let (ours, theirs) = (fusion.uuid("prj"), other.uuid("prj"));
    let mut tallies = Vec::new();
    for role in ROLES.iter().filter(|role| role.enters) {
        tallies.push(attack_project_as(role, &world.database, (tenant, agent), (ours, theirs)).await);
    }
    Tally::of_all(tallies).report("across-projects", 400);
}

/// Everything against the rows of a project, as one role in the context of a member who works in another.
async fn attack_project_as(
    role: &Role,
    database: &Database,
    (tenant, actor): (Uuid, Uuid),
    (ours, theirs): (Uuid, Uuid),
) -> Tally {
    let (superuser, session) = (database.superuser().await, database.role(role.name).await);
    let tables = seed::tables_for(&superuser, role.name).await;
    let in_projects: Vec<&Table> = tables
        .iter()
        .filter(|table| table.has("project_id") || table.name == "app.projects")
        .filter(|table| OF_THE_TENANT.iter().all(|(name, _)| *name != table.name))
        .collect();

    let forge = Forge::new();
    let all = forge.claims(tenant, actor);
    let scoped = || forge.sign(&all.clone().within(ours));
    let readable: Vec<&Table> = in_projects.iter().copied().filter(|table| table.readable).collect();
    let rows_in = |project: Uuid| move |table: &Table| format!("{} = '{project}'", project_column(table));
    let everything = reached(&session, &forge.sign(&all), &readable, rows_in(theirs)).await;
    assert!(
        everything.values().all(|rows| *rows > 0) && readable.len() > 14,
        "every table has rows of the other project: {everything:?}"
    );
    let seen = reached(&session, &scoped(), &readable, rows_in(ours)).await;
    assert!(seen.values().all(|rows| *rows > 0), "one's own project must be seen: {seen:?}");
    let not_ours = |table: &Table| format!("{} IS DISTINCT FROM '{ours}'", project_column(table));
    let hidden = reached(&session, &scoped(), &readable, not_ours).await;
    assert!(hidden.values().all(|rows| *rows == 0), "rows of other projects are seen: {hidden:?}");

    let mut targets = Vec::new();
    for table in in_projects {
        let column = project_column(table);
        let (own, rows) = (format!("{column} = '{ours}'"), format!("{column} = '{theirs}'"));
        let mut other = serde_json::json!({ "id": Uuid::new_v4() });
        other[column] = if column == "id" { Uuid::new_v4() } else { theirs }.to_string().into();
        let moved = row_as_json(&superuser, table, &own, &format!("'{other}'")).await;
        let stranger = row_as_json(&superuser, table, &rows, "'{}'").await;
        let unasked = BTreeSet::new();
        targets.push(Target { table, rows, own, theirs: stranger, moved, owner: (column, theirs), unasked });
    }
    attack_all(database, role, &targets, || vec![Guise::genuine("of one project", scoped()).whole()]).await
}
