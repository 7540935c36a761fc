//! Where the attack happens: the attacker's tenant, the victim's with canaries in it, and a session of the victim's that
//! works all the while under the same role.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use keystead_proofs::{full, scale};
use keystead_tenants::RootSecret;
use keystead_tests::{
    Database, World,
    context::{Context, enter},
};
use rand::Rng;
use tokio::{sync::Mutex, task::JoinHandle};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{attacks::Attack, canaries::Canaries, grammar};
use crate::seed::{self, Holdings, Table};

pub(super) struct Arena {
    pub(super) database: Database,
    pub(super) canaries: Canaries,
    /// Every relation that is ours.
    pub(super) relations: Vec<String>,
    /// The tables of what tenants keep.
    tables: Vec<String>,
    /// Those, and the queues in which tenants leave work for the platform.
    watched: Vec<Table>,
    /// The victim, and nobody.
    pub(super) targets: [Target; 2],
    /// Reads everything that the API's role may read.
    pub(super) harvest: String,
    own: BTreeMap<&'static str, String>,
    actor: Uuid,
    superuser: Client,
    seen: Mutex<BTreeMap<String, (i64, String)>>,
    at_work: Arc<AtomicBool>,
    victim: Mutex<Option<JoinHandle<usize>>>,
    transactions: Arc<AtomicUsize>,
    _world: World,
}

/// Whose ids an attack names.
pub(super) struct Target(BTreeMap<&'static str, String>);

/// What attacks call things, and the prefix of their ids.
const THINGS: [(&str, &str); 12] = [
    ("project", "prj"),
    ("phase", "phs"),
    ("building", "bld"),
    ("plan", "pln"),
    ("unit", "unt"),
    ("contact", "cnt"),
    ("contract", "ctr"),
    ("member", "mem"),
    ("role", "rol"),
    ("file", "fil"),
    ("import", "map"),
    ("tenant", "tnt"),
];

impl Target {
    fn of(holdings: &Holdings, email: &str) -> Self {
        let things = THINGS.map(|(name, prefix)| (name, holdings.uuid(prefix).to_string()));
        Self(things.into_iter().chain([("email", email.to_owned())]).collect())
    }

    fn nobody() -> Self {
        let things = THINGS.map(|(name, _)| (name, Uuid::new_v4().to_string()));
        Self(things.into_iter().chain([("email", format!("{}@nobody.test", Uuid::new_v4()))]).collect())
    }

    /// All that an attacker knows of it.
    pub(super) fn known(&self) -> String {
        self.0.values().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// A text without what this target is called.
    pub(super) fn anonymous(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(value, name))
    }
}

/// A context that permits everything in a tenant.
pub(super) fn context_of(tenant: Uuid, actor: Uuid) -> String {
    let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET").unwrap()).unwrap();
    Context { actor, ..Context::of(tenant) }.signed(&root)
}

impl Arena {
    pub(super) async fn build() -> Self {
        let world = World::new().await;
        let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
        let (own, theirs) = (seed::fill(&acme, "FUSION").await, seed::fill(&bolt, "VOLTA").await);
        let superuser = world.database.superuser().await;
        seed::settled(&superuser).await;
        let mut watched = seed::tables(&superuser).await;
        let tables = watched.iter().map(|table| table.name.clone()).collect();
        watched.extend(seed::queues(&superuser).await);
        seed::queue(&superuser, theirs.uuid("tnt")).await;
        let canaries = Canaries::plant(&superuser, &watched, theirs.uuid("tnt")).await;
        let email = "SELECT email FROM app.members WHERE tenant_id = $1 LIMIT 1";
        let email: String = superuser.query_one(email, &[&theirs.uuid("tnt")]).await.unwrap().get(0);
        let targets = [Target::of(&theirs, &email), Target::nobody()];
        assert!(canaries.planted > 50, "{} columns", canaries.planted);
        let relations = "SELECT schemaname || '.' || tablename FROM pg_tables
            WHERE schemaname IN ('app', 'audit', 'identity', 'platform', 'ctx', 'history') ORDER BY 1";
        let relations = superuser.query(relations, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        let readable = watched.iter().filter(|table| table.readable);
        let harvest: Vec<String> = readable.map(|table| format!("SELECT t::text FROM {} t", table.name)).collect();
        let (actor, at_work) = (seed::uuid_of(&acme.admin.member), Arc::new(AtomicBool::new(true)));
        let transactions = Arc::<AtomicUsize>::default();
        let victim = Victim {
            client: world.database.role("keystead_app").await,
            tenant: theirs.uuid("tnt"),
            actor: seed::uuid_of(&bolt.admin.member),
            word: canaries.word.clone(),
        };
        let working = tokio::spawn(victim.work(Arc::clone(&at_work), Arc::clone(&transactions)));
        let arena = Self {
            database: world.database.clone(),
            canaries,
            relations,
            targets,
            harvest: harvest.join(" UNION ALL "),
            own: Target::of(&own, &acme.admin.email).0,
            actor,
            superuser,
            seen: Mutex::default(),
            at_work,
            victim: Mutex::new(Some(working)),
            transactions,
            tables,
            watched,
            _world: world,
        };
        arena.changes("").await;
        arena
    }

    /// The attacker's own context, fresh: it lives for seconds.
    pub(super) fn context(&self) -> String {
        context_of(self.own["tenant"].parse().unwrap(), self.actor)
    }

    /// A statement with names filled in.
    pub(super) fn fill(&self, statement: &str, target: &Target, table: &str) -> String {
        let context = self.context();
        let own = &self.own["tenant"];
        let mut filled = statement
            .replace("{table}", table)
            .replace("{relation}", table)
            .replace("{guess}", &self.canaries.guess)
            .replace("{forged}", &context.replace(&own.replace('-', ""), &target.0["tenant"].replace('-', "")))
            .replace("{ctx}", &context)
            .replace("{own}", own);
        for (name, id) in &self.own {
            filled = filled.replace(&format!("{{own_{name}}}"), id);
        }
        for (name, id) in &target.0 {
            filled = filled.replace(&format!("{{{name}}}"), id);
        }
        filled
    }

    /// The tables that an attack on "every table" is run on: a few at random in the fast tier, all in the deep one.
    pub(super) fn stand_ins(&self, attack: &Attack, random: &mut impl Rng) -> Vec<String> {
        let all = match () {
            () if attack.mentions("{table}") => self.tables.clone(),
            () if attack.mentions("{relation}") => return self.relations.clone(),
            () => return vec![String::new()],
        };
        if full() { all } else { grammar::some(&all, scale(2, all.len()), random) }
    }

    /// Tables of the victim, and parts of the catalogue, that changed since the last time.
    pub(super) async fn changes(&self, during: &str) -> Vec<String> {
        let condition = format!("tenant_id = '{}'", self.targets[0].0["tenant"]);
        let mut now = BTreeMap::new();
        for table in &self.watched {
            now.insert(table.name.clone(), seed::fingerprint(&self.superuser, table, &condition).await);
        }
        for (name, sql) in CATALOGUE {
            let digest = format!("SELECT count(*), md5(string_agg(x, ';' ORDER BY x)) FROM ({sql}) c(x)");
            let row = self.superuser.query_one(&digest, &[]).await.unwrap();
            now.insert((*name).to_owned(), (row.get(0), row.get(1)));
        }
        let before = std::mem::replace(&mut *self.seen.lock().await, now.clone());
        let changed = before.iter().filter(|(name, rows)| now.get(*name) != Some(rows));
        changed.map(|(name, _)| format!("{name} during {during}")).collect()
    }

    /// Ends the victim's work; how many transactions it did.
    pub(super) async fn end(&self) -> usize {
        self.at_work.store(false, Ordering::Relaxed);
        if let Some(victim) = self.victim.lock().await.take() {
            victim.await.expect("the victim worked undisturbed");
        }
        self.transactions.load(Ordering::Relaxed)
    }
}

/// What must not change beside the victim's rows: who may do what.
const CATALOGUE: &[(&str, &str)] = &[
    ("policies", "SELECT p::text FROM pg_policy p"),
    (
        "relations",
        "SELECT concat(oid, relname, relowner, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE oid >= 16384",
    ),
    ("functions", "SELECT p::text FROM pg_proc p WHERE oid >= 16384"),
    ("schemas", "SELECT n::text FROM pg_namespace n WHERE nspname !~ '^pg_(toast_)?temp'"),
    ("members of roles", "SELECT m::text FROM pg_auth_members m"),
    ("roles", "SELECT concat(rolname, rolsuper, rolbypassrls, rolinherit, rolcanlogin, rolconfig) FROM pg_roles"),
    ("keys of contexts", "SELECT k::text FROM ctx.keys k"),
    ("tenants", "SELECT concat(id, slug, state) FROM platform.tenants"),
];

/// Somebody of the victim's who works while the attack goes on.
struct Victim {
    client: Client,
    tenant: Uuid,
    actor: Uuid,
    word: String,
}

impl Victim {
    async fn work(self, go_on: Arc<AtomicBool>, done: Arc<AtomicUsize>) -> usize {
        let sought = "SELECT id FROM app.units WHERE number LIKE $1 || '%'";
        let sought = self.client.prepare(sought).await.unwrap();
        while go_on.load(Ordering::Relaxed) {
            self.client.batch_execute("BEGIN").await.unwrap();
            enter(&self.client, &context_of(self.tenant, self.actor)).await.unwrap();
            let found = self.client.query(&sought, &[&self.word]).await.unwrap();
            assert!(!found.is_empty(), "the victim sees its own rows");
            // The transaction stays open for a while, with its context, for others to look at.
            self.client.batch_execute("SELECT pg_sleep(0.02); COMMIT").await.unwrap();
            done.fetch_add(1, Ordering::Relaxed);
        }
        done.load(Ordering::Relaxed)
    }
}
