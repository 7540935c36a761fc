//! The victim's rows, marked: a word that nothing else says in every column that can hold it; and the ids of the rows.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use rand::Rng;
use regex::{Regex, RegexBuilder};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::seed::Table;

pub(super) struct Canaries {
    /// How many columns carry the word.
    pub(super) planted: usize,
    /// Columns of text or bytes that cannot: a constraint lists what they may hold.
    pub(super) bare: Vec<String>,
    /// The beginning of the word: what an attacker may guess.
    pub(super) guess: String,
    /// The whole word.
    pub(super) word: String,
    pattern: Regex,
}

/// Values with the word in them, by type, from the roomiest to the tightest.
const VALUES: [(&str, &[&str]); 4] = [
    (
        "text",
        &[
            "'{w}' || md5(random()::text)",
            "'{w}' || translate(left(md5(random()::text), 9), '0123456789', 'abcdefghij')",
            "'{w}'",
        ],
    ),
    (
        "bytea",
        &[
            "convert_to('{w}' || md5(random()::text), 'UTF8')",
            "convert_to('{w}' || left(md5(random()::text), 24), 'UTF8')",
            "convert_to('{w}', 'UTF8')",
        ],
    ),
    ("text[]", &["ARRAY['{w}' || md5(random()::text)]"]),
    ("jsonb", &["jsonb_build_object('{w}', '{w}' || md5(random()::text))"]),
];

impl Canaries {
    /// Marks every column of the victim's rows.
    pub(super) async fn plant(superuser: &Client, tables: &[Table], victim: Uuid) -> Self {
        let mut random = rand::rng();
        // Letters only, and just eight: some columns take nothing else.
        let word: String = (0..8).map(|_| char::from(random.random_range(b'g'..=b'z'))).collect();
        superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
        let (mut planted, mut bare, mut ids) = (0, Vec::new(), BTreeSet::new());
        for table in tables {
            for (column, kind) in columns(superuser, table).await {
                if kind == "uuid" {
                    ids.extend(values(superuser, table, &column, victim).await);
                } else if mark(superuser, table, &column, &kind, victim, &word).await {
                    planted += 1;
                } else {
                    bare.push(format!("{}.{column}", table.name));
                }
            }
        }
        superuser.batch_execute("RESET session_replication_role").await.unwrap();
        ids.remove(&Uuid::nil());
        let pattern = pattern(&word, &ids);
        Self { planted, bare, guess: word[..4].to_owned(), word, pattern }
    }

    /// What of the victim's stands in a text, unless the attack said it itself.
    pub(super) fn leak(&self, text: &str, said: &str) -> Option<String> {
        let plain = |text: &str| text.replace('-', "").to_lowercase();
        let said = plain(said);
        let mut found = self.pattern.find_iter(text).filter(|found| !said.contains(&plain(found.as_str())));
        found.next().map(|found| {
            let from = text.floor_char_boundary(found.start().saturating_sub(80));
            let to = text.floor_char_boundary((found.end() + 80).min(text.len()));
            text[from..to].to_owned()
        })
    }
}

async fn columns(superuser: &Client, table: &Table) -> Vec<(String, String)> {
    let sql = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
        WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND format_type(atttypid, NULL) IN ('text', 'bytea', 'text[]', 'jsonb', 'uuid')";
    let rows = superuser.query(sql, &[&table.name]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn values(superuser: &Client, table: &Table, column: &str, victim: Uuid) -> Vec<Uuid> {
    let sql = format!("SELECT {column} FROM {} WHERE tenant_id = $1 AND {column} IS NOT NULL", table.name);
    superuser.query(&sql, &[&victim]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Tries to put the word into a column of all of the victim's rows, or else of those that have a value.
async fn mark(superuser: &Client, table: &Table, column: &str, kind: &str, victim: Uuid, word: &str) -> bool {
    let candidates = VALUES.iter().find(|(known, _)| *known == kind).expect("a value of every type").1;
    for condition in ["true", &format!("{column} IS NOT NULL")] {
        for value in candidates {
            let value = value.replace("{w}", word);
            let sql = format!("UPDATE {} SET {column} = {value} WHERE tenant_id = $1 AND {condition}", table.name);
            if superuser.execute(&sql, &[&victim]).await.is_ok_and(|rows| rows > 0) {
                return true;
            }
        }
    }
    false
}

/// The word in capitals or not, in hexadecimal, in base64 wherever it begins; ids with and without hyphens.
fn pattern(word: &str, ids: &BTreeSet<Uuid>) -> Regex {
    let mut forms = vec![word.to_owned(), hex::encode(word)];
    for shift in 0..3 {
        let text = STANDARD.encode(format!("{}{word}", "~".repeat(shift)));
        // What the neighbours decide is left out.
        let from = if shift == 0 { 0 } else { shift + 1 };
        let to = (word.len() + shift) * 8 / 6;
        forms.push(regex::escape(&text[from..to]));
    }
    for id in ids {
        forms.extend([id.hyphenated().to_string(), id.simple().to_string()]);
    }
    RegexBuilder::new(&forms.join("|")).case_insensitive(true).size_limit(1 << 28).build().unwrap()
}
