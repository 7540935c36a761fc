//! Columns that hold personal data as ciphertext, as the catalogue knows them: whoever looks for a person has to know that the
//! person stands in every one.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

/// Bytes that are nobody's personal data, and what they are.
const OTHER_BYTES: &[(&str, &str)] = &[
    ("app.contacts.email_bidx", "a digest under the tenant's key, by which an address is found"),
    ("app.contacts.phone_bidx", "a digest under the tenant's key, by which a number is found"),
    ("app.files.sha256", "a file's digest"),
    ("app.idempotency_keys.fingerprint", "a request's digest"),
    ("app.invitations.token_hash", "a token's digest"),
    ("app.subject_keys.wrapped", "a person's key, encrypted"),
    ("app.tenant_keys.wrapped", "a tenant's key, encrypted"),
];

/// Every column of bytes of what tenants keep.
const BYTES: &str = "SELECT n.nspname || '.' || c.relname || '.' || a.attname FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'app' AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('bytea'::regtype, 'bytea[]'::regtype)";

/// Every column that the audit trail is told to be sealed, by the second argument of its trigger.
const TOLD: &str = r"SELECT t.tgrelid::regclass || '.' || s FROM pg_trigger t,
    unnest(split_part(encode(t.tgargs, 'escape'), '\000', 2)::text[]) s WHERE t.tgfoid = 'audit.record'::regproc";

/// How many values each of these columns holds.
pub(crate) struct Values(BTreeMap<String, i64>);

impl Values {
    /// What stands now.
    pub(crate) async fn of(superuser: &Client) -> Self {
        let mut values = BTreeMap::new();
        for column in columns(superuser).await {
            let (table, name) = column.rsplit_once('.').unwrap();
            let sql = format!("SELECT count({name}) FROM {table}");
            values.insert(column.clone(), superuser.query_one(&sql, &[]).await.unwrap().get(0));
        }
        Self(values)
    }

    /// The columns, each as its schema, table and name.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Since `before`, somebody was written down whose data is looked for: in every column.
    pub(crate) fn assert_all_written_since(&self, before: &Self) {
        let missing: Vec<&String> = self
            .0
            .iter()
            .filter_map(|(column, count)| before.0.get(column).is_some_and(|before| before >= count).then_some(column))
            .collect();
        assert!(
            missing.is_empty(),
            "nobody whom this test writes down stands in {missing:?}: give the person of the test a word there that nothing \
            else says, or say in {} that it is no personal data",
            file!()
        );
    }
}

async fn columns(superuser: &Client) -> BTreeSet<String> {
    let bytes = names(superuser, BYTES).await;
    let others: BTreeSet<String> = OTHER_BYTES.iter().map(|(column, _)| (*column).to_owned()).collect();
    let gone: Vec<&String> = others.difference(&bytes).collect();
    assert!(gone.is_empty(), "{gone:?} are listed as bytes and are none");
    let sealed: BTreeSet<String> = bytes.difference(&others).cloned().collect();
    assert_eq!(sealed, names(superuser, TOLD).await, "ciphertext, and what the audit trail knows to be ciphertext");
    sealed
}

async fn names(superuser: &Client, sql: &str) -> BTreeSet<String> {
    superuser.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}
