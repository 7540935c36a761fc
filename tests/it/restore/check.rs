//! What must hold in a restored database. Tables and references come from the catalogue.

use std::{collections::BTreeMap, sync::Arc};

use keystead_api::{BucketShares, CONTACTS};
use keystead_audit::{ChainHash, Expect, LogKey, chain_step, genesis, verify};
use keystead_blobs::Blobs;
use keystead_ids::TenantId;
use keystead_keys::{
    KeyError, Keys, Kms, Name, Pii, Place, Sealed, TenantKeys, TreeAt, WrappedKey, WrappedSubject, Wrapping,
};
use keystead_tests::Person;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// How many rows each table has and what they are, all tables of ours.
pub(crate) async fn content(database: &Client) -> BTreeMap<String, (i64, String)> {
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
    let mut content = BTreeMap::new();
    for row in database.query(tables, &[]).await.unwrap() {
        let name: String = row.get(0);
        let sql =
            format!("SELECT count(*), coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {name} t");
        let row = database.query_one(&sql, &[]).await.unwrap();
        content.insert(name, (row.get(0), row.get(1)));
    }
    content
}

/// Tables whose rows differ.
pub(crate) fn mismatches(
    wanted: &BTreeMap<String, (i64, String)>,
    found: &BTreeMap<String, (i64, String)>,
) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    names.into_iter().filter(|name| wanted.get(*name) != found.get(*name)).cloned().collect()
}

/// How many rows refer to what is not there, by every foreign key; and how many keys there are.
pub(super) async fn dangling(database: &Client) -> (i64, usize) {
    let keys = "SELECT format('SELECT count(*) FROM %s a WHERE %s AND NOT EXISTS (SELECT FROM %s b WHERE %s)', k.conrelid::regclass,
            string_agg(format('a.%I IS NOT NULL', a.attname), ' AND '), k.confrelid::regclass,
            string_agg(format('a.%I = b.%I', a.attname, b.attname), ' AND '))
        FROM pg_constraint k, unnest(k.conkey, k.confkey) AS u(x, y)
        JOIN pg_attribute a ON a.attnum = u.x JOIN pg_attribute b ON b.attnum = u.y
        WHERE k.contype = 'f' AND a.attrelid = k.conrelid AND b.attrelid = k.confrelid GROUP BY k.oid, k.conrelid, k.confrelid";
    let (mut dangling, queries) = (0, database.query(keys, &[]).await.unwrap());
    for query in &queries {
        dangling += database.query_one(query.get::<_, &str>(0), &[]).await.unwrap().get::<_, i64>(0);
    }
    (dangling, queries.len())
}

/// Recomputes every tenant's audit chain; returns the events and how many chains do not hold or do not end at their head.
pub(crate) async fn chains(database: &Client) -> (usize, usize) {
    let sql = "SELECT e.tenant_id, e.n, e.hash, audit.leaf(e) FROM audit.events e WHERE e.n IS NOT NULL ORDER BY e.tenant_id, e.n";
    let mut ends: BTreeMap<Uuid, (i64, ChainHash, bool)> = BTreeMap::new();
    let events = database.query(sql, &[]).await.unwrap();
    for row in &events {
        let tenant = TenantId(row.get(0));
        let (n, hash, good) = ends.entry(row.get(0)).or_insert_with(|| (0, genesis(tenant), true));
        *n += 1;
        *hash = chain_step(tenant, n.unsigned_abs(), hash, row.get::<_, &str>(3).as_bytes());
        *good &= row.get::<_, i64>(1) == *n && row.get::<_, &[u8]>(2) == hash.0;
    }
    let heads = database.query("SELECT tenant_id, n, hash FROM audit.heads", &[]).await.unwrap();
    let holds = |head: &&Row| match ends.get(&head.get::<_, Uuid>(0)) {
        Some((n, hash, good)) => *good && head.get::<_, i64>(1) == *n && head.get::<_, &[u8]>(2) == hash.0,
        None => head.get::<_, i64>(1) == 0,
    };
    assert!(ends.len() <= heads.len(), "every chain has a head");
    (events.len(), heads.iter().filter(|head| !holds(head)).count())
}

/// How many events of a tenant's trail the log's key signed, of those that a server exports.
pub(super) async fn attested(auditor: &Person, tenant: &str, key: LogKey) -> u64 {
    let export = auditor.get("/v1/audit/export").expect(200).await.text;
    let expected = Expect { tenant: tenant.parse().ok(), head: None, keys: &[key] };
    let report = verify(export.as_bytes(), expected).unwrap_or_else(|violation| panic!("{violation}"));
    report.signed.map_or(0, |signed| signed.n)
}

/// Tries to open every contact of a tenant as the API would: how many open, and why the others do not.
pub(super) async fn opened(database: &Client, kms: &str, blobs: &Blobs, tenant: &str) -> (usize, Vec<KeyError>) {
    let tenant = TenantId(keystead_tests::uuid_of(tenant));
    let keys = match unwrapped(database, kms, blobs, tenant).await {
        Ok(keys) => keys,
        Err(refused) => return (0, vec![refused]),
    };
    let sql = "SELECT c.id, k.key_version, k.wrapped, c.name, k.wrapping FROM app.contacts c
        JOIN app.subject_keys k ON k.tenant_id = c.tenant_id AND k.id = c.id WHERE c.tenant_id = $1 AND c.erased_at IS NULL";
    let rows = database.query(sql, &[&tenant.uuid()]).await.unwrap();
    let (opened, refused): (Vec<_>, Vec<_>) = rows.iter().map(|row| name(&keys, row)).partition(Result::is_ok);
    (opened.len(), refused.into_iter().filter_map(Result::err).collect())
}

async fn unwrapped(database: &Client, kms: &str, blobs: &Blobs, tenant: TenantId) -> Result<TenantKeys, KeyError> {
    let sql = "SELECT purpose, version, kms_key, wrapped, shares FROM app.tenant_keys WHERE tenant_id = $1 AND purpose = 'pii'";
    let wrapped = |row: &Row| WrappedKey {
        tenant,
        purpose: row.get::<_, &str>(0).parse().unwrap(),
        version: row.get::<_, i32>(1).try_into().unwrap(),
        kms_key: row.get(2),
        wrapped: row.get(3),
    };
    let rows = database.query(sql, &[&tenant.uuid()]).await.unwrap();
    let tree: Option<String> = rows.iter().find_map(|row| row.get(4));
    let keys: Vec<WrappedKey> = rows.iter().map(wrapped).collect();
    // A process of its own, so to say: nothing is cached.
    let kms = Kms::connect(Some(kms), "us-west-2", "drill").await?;
    let tree = tree.as_deref().map(|name| TreeAt { name, made: true });
    Keys::new(kms, Arc::new(BucketShares::new(blobs.clone()))).tenant(&keys, tree, 1).await
}

fn name(keys: &TenantKeys, row: &Row) -> Result<Pii<Name>, KeyError> {
    let id: Uuid = row.get(0);
    let key_version = row.get::<_, i32>(1).try_into().unwrap();
    let wrapping = Wrapping::of_code(row.get::<_, i16>(4).try_into().unwrap()).unwrap();
    let key = keys.open_subject(id, &WrappedSubject { wrapping, key_version, wrapped: row.get(2) })?;
    let place = Place::of::<Name>(keys.tenant(), CONTACTS, id, id);
    Pii::open(&key, &place, &Sealed::from_bytes(row.get(3)))
}
