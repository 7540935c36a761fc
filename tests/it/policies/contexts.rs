//! Contexts as the API signs them and as it never would, and the ways in which a transaction comes by one.

use std::{
    collections::BTreeSet,
    time::{SystemTime, UNIX_EPOCH},
};

use keystead_ids::Permission;
use keystead_migrations::{install_context_key, retire_context_keys};
use keystead_tenants::RootSecret;
use keystead_tests::{Database, context};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use uuid::Uuid;

/// Signs contexts as the API does, and as it never would.
pub(super) struct Forge {
    kid: String,
    key: [u8; 32],
}

/// What a context says.
#[derive(Clone)]
pub(super) struct Claims {
    tenant: Uuid,
    actor: Uuid,
    projects: Option<Uuid>,
    expires_in: i64,
    kid: String,
}

impl Claims {
    /// The same in one project only.
    pub(super) fn within(self, project: Uuid) -> Self {
        Self { projects: Some(project), ..self }
    }

    /// The same for so many seconds.
    pub(super) fn lasting(self, seconds: i64) -> Self {
        Self { expires_in: seconds, ..self }
    }
}

impl Forge {
    /// With the deployment's key.
    pub(super) fn new() -> Self {
        let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET").unwrap()).unwrap();
        let (kid, key) = root.context_key();
        Self { kid, key }
    }

    /// With a key of the test's own.
    fn of(kid: &str, digit: u8) -> Self {
        Self { kid: kid.to_owned(), key: [digit; 32] }
    }

    /// Everything is permitted and every project is in scope, so that nothing but the tenant holds a row back.
    pub(super) fn claims(&self, tenant: Uuid, actor: Uuid) -> Claims {
        Claims { tenant, actor, projects: None, expires_in: 30, kid: self.kid.clone() }
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
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

/// Whether the database lets a context in, in a transaction of its own.
pub(super) async fn is_let_in(session: &Client, signed: &str) -> bool {
    session.batch_execute("BEGIN").await.unwrap();
    let entered = context::enter(session, signed).await;
    session.batch_execute("COMMIT").await.unwrap();
    entered.is_ok()
}

/// The keys that the database knows, and one that it knew.
pub(super) struct Keys {
    pub(super) current: Forge,
    /// Lives beside the current one, as keys do until they are retired.
    pub(super) older: Forge,
    retired: Forge,
}

impl Keys {
    /// Installs two more keys than the deployment's, and retires one of them.
    pub(super) async fn install(database: &Database) -> Self {
        let keys = Self { current: Forge::new(), older: Forge::of("older", 8), retired: Forge::of("retired", 9) };
        let (mut migrator, api) = (database.role("keystead_migrate").await, database.role("keystead_app").await);
        let Forge { kid, key } = &keys.retired;
        install_context_key(&mut migrator, kid, key).await.unwrap();
        let signed = keys.retired.sign(&keys.retired.claims(Uuid::nil(), Uuid::nil()));
        assert!(is_let_in(&api, &signed).await, "a key holds until it is retired");
        assert_eq!(retire_context_keys(&mut migrator, &keys.current.kid).await.unwrap(), 1);
        let Forge { kid, key } = &keys.older;
        install_context_key(&mut migrator, kid, key).await.unwrap();
        keys
    }
}

/// How a transaction comes by its context.
pub(super) struct Guise {
    pub(super) name: &'static str,
    /// What the transaction before it on the same connection entered, and how that one ended.
    pub(super) before: Option<(String, &'static str)>,
    /// What a transaction of another connection entered, which stays open meanwhile.
    pub(super) beside: Option<String>,
    /// What it enters itself.
    pub(super) signed: Option<String>,
    /// Whether that is let in.
    pub(super) is_genuine: bool,
    /// Tried with every statement against every table in the fast tier, too.
    pub(super) is_whole: bool,
}

impl Guise {
    /// It enters nothing.
    const fn without(name: &'static str) -> Self {
        Self { name, before: None, beside: None, signed: None, is_genuine: false, is_whole: false }
    }

    /// It enters what the API might have signed.
    pub(super) fn genuine(name: &'static str, signed: String) -> Self {
        Self { signed: Some(signed), is_genuine: true, ..Self::without(name) }
    }

    /// It tries to enter what nobody signed, or not so, or not now.
    fn refused(name: &'static str, signed: String) -> Self {
        Self { signed: Some(signed), ..Self::without(name) }
    }

    fn after(self, signed: &str, end: &'static str) -> Self {
        Self { before: Some((signed.to_owned(), end)), ..self }
    }

    fn beside(self, signed: &str) -> Self {
        Self { beside: Some(signed.to_owned()), ..self }
    }

    pub(super) fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// For a role that may enter no context, whoever signed it; `None` where others have to enter one for it.
    pub(super) fn of_an_outsider(self) -> Option<Self> {
        let is_whole = self.signed.is_none();
        (self.before.is_none() && self.beside.is_none()).then_some(Self { is_genuine: false, is_whole, ..self })
    }
}

/// Contexts that must reach none of `victim`'s rows.
///
/// A context opens transactions for as long as it lives, however often and on whichever connection (docs/adr/0002): used again,
/// one's own is still one's own. `spent` is of the victim and opened a transaction while it lived.
pub(super) fn guises(keys: &Keys, own: Uuid, actor: Uuid, victim: Uuid, spent: &str) -> Vec<Guise> {
    let Keys { current, older, retired } = keys;
    let good = current.sign(&current.claims(own, actor));
    let of_victim = current.claims(victim, actor);
    let stolen = current.sign(&of_victim);
    let unsigned = &stolen[..stolen.len() - 64];
    let (genuine, mac) = good.rsplit_once('|').unwrap();
    let flipped = if mac.starts_with('0') { "1" } else { "0" };
    let as_victim = |signed: &str| signed.replace(&own.simple().to_string(), &victim.simple().to_string());
    let under_older = older.sign(&older.claims(own, actor));
    let stranger = Forge { kid: current.kid.clone(), key: [7; 32] };
    let expiring = |seconds: i64| current.sign(&of_victim.clone().lasting(seconds));
    let naming = |kid: &str| Claims { kid: kid.to_owned(), ..of_victim.clone() };
    vec![
        Guise::genuine("own", good.clone()).whole(),
        Guise::genuine("own under an older key that lives", under_older.clone()).whole(),
        Guise::without("unset").whole(),
        Guise::genuine("own, used again after its COMMIT", good.clone()).after(&good, "COMMIT"),
        Guise::genuine("own, used again beside a session that is in it", good.clone()).beside(&good),
        Guise::genuine("own, after the victim's COMMIT", good.clone()).after(&stolen, "COMMIT"),
        Guise::without("unset, after the victim's COMMIT").after(&stolen, "COMMIT"),
        Guise::without("unset, after the victim's ROLLBACK").after(&stolen, "ROLLBACK"),
        Guise::without("unset, beside a session that is in the victim's").beside(&stolen),
        Guise::genuine("of a tenant that does not exist", current.sign(&current.claims(Uuid::from_u128(7), actor))),
        Guise::refused("empty", String::new()),
        Guise::refused("the victim's, used again when its time was over", spent.to_owned()),
        Guise::refused("expired", expiring(-1)),
        Guise::refused("far in the future", expiring(3600)),
        Guise::refused("forged: another tenant under one's own mac", as_victim(&good)),
        Guise::refused("forged: another tenant under one's own mac by the older key", as_victim(&under_older)),
        Guise::refused("forged: a mac with one wrong digit", format!("{genuine}|{flipped}{}", &mac[1..])),
        Guise::refused("forged: signed with another key", stranger.sign(&of_victim)),
        Guise::refused("of an unknown key", current.sign(&naming("nobody"))),
        Guise::refused("of the current key, which names the older one", current.sign(&naming(&older.kid))),
        Guise::refused("of the older key, which names the current one", older.sign(&of_victim)),
        Guise::refused("of a key that was retired", retired.sign(&naming(&retired.kid))),
        Guise::refused("truncated in the mac", stolen[..stolen.len() - 9].to_owned()),
        Guise::refused("without mac", unsigned.to_owned()),
        Guise::refused("with one field more", stolen.clone() + "|"),
        Guise::refused("of another version under a right mac", current.sealed(unsigned.replacen("v2", "v1", 1))),
        Guise::refused(
            "with a line more under a right mac",
            current.sealed(unsigned.replace("\nmember\n", "\nmember\nall\n")),
        ),
        Guise::refused("with a line less under a right mac", current.sealed(unsigned.replace("\nall\n\n", "\nall\n"))),
    ]
}

#[test]
fn every_role_and_every_root_has_secrets_of_its_own() {
    let [one, other] = ["11", "22"].map(|byte| RootSecret::from_hex(&byte.repeat(32)).unwrap());
    let of = |root: &RootSecret| {
        let (kid, key) = root.context_key();
        [root.role_password("keystead_app"), root.role_password("keystead_worker"), kid, hex::encode(key)]
    };
    let all: BTreeSet<String> = [of(&one), of(&other)].into_iter().flatten().collect();
    assert_eq!(all.len(), 8, "{all:?}");
    assert_eq!(format!("{one:?}"), "RootSecret", "and nothing of it is printed");
}
