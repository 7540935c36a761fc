//! Every statement that could reach a stranger's rows in a table, generated from what the catalogue says of it.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::seed::Table;

/// A stranger's rows in one table, and how one of them looks.
pub(super) struct Target<'a> {
    pub(super) table: &'a Table,
    /// Which rows are the stranger's.
    pub(super) rows: String,
    /// Which rows are one's own.
    pub(super) own: String,
    /// One of the stranger's rows as JSON.
    pub(super) theirs: String,
    /// One's own row, made out to be the stranger's, under a new id.
    pub(super) moved: String,
    /// What makes a row the stranger's: a column and its value.
    pub(super) owner: (&'static str, Uuid),
    /// What the role may do here for everybody.
    pub(super) unasked: BTreeSet<String>,
}

impl Target<'_> {
    /// The ways in that must lead nowhere, each with its number: what the role may do for everybody is no attack.
    pub(super) fn ways(&self) -> Vec<(usize, Way)> {
        let may = |way: &Way| way.needs.iter().all(|privilege| self.unasked.contains(*privilege));
        ways(self).into_iter().enumerate().filter(|(_, way)| !may(way)).collect()
    }
}

/// What a statement may do to be harmless.
pub(super) enum Attack {
    /// Counts what it reaches: none.
    Reaches(String),
    /// Adds a row: must be refused for lack of rights, not for any other reason, which would tell that the row exists.
    Adds(String),
    /// Takes rows in: must be refused before it takes the first, for lack of rights or because there are policies.
    Fills(String),
    /// Streams rows out: none.
    Copies(String),
}

/// A way in.
pub(super) struct Way {
    pub(super) name: &'static str,
    /// The privileges that it takes.
    pub(super) needs: &'static [&'static str],
    pub(super) attack: Attack,
}

const READS: &[&str] = &["SELECT"];
const CHANGES: &[&str] = &["SELECT", "UPDATE"];
const REMOVES: &[&str] = &["SELECT", "DELETE"];
const ADDS: &[&str] = &["INSERT"];
const REPLACES: &[&str] = &["SELECT", "INSERT", "UPDATE"];
/// Nobody has the privilege to say anew whose a row is: that is a rule of the catalogue.
const GIVES_AWAY: &[&str] = &["UPDATE of the owner"];

/// Every way in, generated for one table.
fn ways(target: &Target<'_>) -> Vec<Way> {
    use Attack::{Adds, Copies, Fills, Reaches};
    let Target { table, rows, own, theirs, moved, owner: (column, stranger), .. } = target;
    let name = &table.name;
    let columns = if table.insertable.is_empty() { &table.columns } else { &table.insertable }.join(", ");
    // What may not be changed is tried, too: then the grant has to refuse.
    let changed = table.updatable.first().unwrap_or_else(|| table.columns.last().unwrap());
    let row = |json: &str| {
        format!("SELECT {columns} FROM jsonb_populate_record(NULL::{name}, '{}')", json.replace('\'', "''"))
    };
    let key = table.key.join(", ");
    let way = |name, needs, attack| Way { name, needs, attack };
    vec![
        way("SELECT", READS, Reaches(format!("SELECT 1 FROM {name} WHERE {rows}"))),
        way("SELECT FOR UPDATE", CHANGES, Reaches(format!("SELECT 1 FROM {name} WHERE {rows} FOR UPDATE"))),
        way("SELECT FOR KEY SHARE", CHANGES, Reaches(format!("SELECT 1 FROM {name} WHERE {rows} FOR KEY SHARE"))),
        way("subquery", READS, Reaches(format!("SELECT 1 WHERE EXISTS (SELECT FROM {name} WHERE {rows})"))),
        way(
            "cursor",
            READS,
            Reaches(format!("DECLARE c NO SCROLL CURSOR FOR SELECT 1 FROM {name} WHERE {rows}; FETCH ALL FROM c")),
        ),
        way(
            "UPDATE foreign",
            CHANGES,
            Reaches(format!("UPDATE {name} SET {changed} = {changed} WHERE {rows} RETURNING 1")),
        ),
        way(
            "UPDATE own to foreign",
            GIVES_AWAY,
            Reaches(format!("UPDATE {name} SET {column} = '{stranger}' WHERE {own} RETURNING 1")),
        ),
        way("DELETE", REMOVES, Reaches(format!("DELETE FROM {name} WHERE {rows} RETURNING 1"))),
        way(
            "CTE UPDATE",
            CHANGES,
            Reaches(format!(
                "WITH w AS (UPDATE {name} SET {changed} = {changed} WHERE {rows} RETURNING 1) SELECT * FROM w"
            )),
        ),
        way(
            "CTE DELETE",
            REMOVES,
            Reaches(format!("WITH w AS (DELETE FROM {name} WHERE {rows} RETURNING 1) SELECT * FROM w")),
        ),
        way(
            "MERGE",
            REMOVES,
            Reaches(format!("MERGE INTO {name} USING (SELECT 1) s ON {rows} WHEN MATCHED THEN DELETE")),
        ),
        way("INSERT", ADDS, Adds(format!("INSERT INTO {name} ({columns}) {}", row(moved)))),
        way(
            "INSERT RETURNING in a CTE",
            ADDS,
            Adds(format!("WITH w AS (INSERT INTO {name} ({columns}) {} RETURNING 1) SELECT * FROM w", row(moved))),
        ),
        way(
            "UPSERT over theirs",
            ADDS,
            Adds(format!("INSERT INTO {name} ({columns}) {} ON CONFLICT DO NOTHING", row(theirs))),
        ),
        way(
            "UPSERT that changes theirs",
            REPLACES,
            Adds(format!(
                "INSERT INTO {name} ({columns}) {} ON CONFLICT ({key}) DO UPDATE SET {changed} = excluded.{changed}",
                row(theirs)
            )),
        ),
        way("COPY into the table", ADDS, Fills(format!("COPY {name} ({columns}) FROM STDIN"))),
        way("COPY of a query", READS, Copies(format!("COPY (SELECT * FROM {name} WHERE {rows}) TO STDOUT"))),
        way("COPY of the table", READS, Copies(format!("COPY {name} TO STDOUT"))),
    ]
}
