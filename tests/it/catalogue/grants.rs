//! Who was granted what on which relation, as `snapshots/grants.txt` has it: a new grant may break no rule and is still a
//! decision.

use std::{collections::BTreeSet, fs, path::PathBuf};

use tokio_postgres::Client;

/// What the comparison says, as one more rule.
pub const RULE: &str = "every grant is one that was reviewed";

/// How the file comes about.
pub const HOW: &str = "If the grants are meant, run catalogue::every_grant_is_one_that_was_reviewed with \
    UPDATE_SNAPSHOTS=1, and review and commit the diff of tests/it/snapshots/grants.txt.";

const HEADING: &str = "\
# Who was granted what on which relation, with the columns where it is not all of them. Owners are left out, who may do
# everything with what is theirs, and so are backups, which have a rule of their own. A new line is a decision: review it
# as such.
";

/// One line for each role, privilege and relation, from the views of the rules.
const HELD: &str = "
SELECT concat_ws(' ', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END, g.privilege_type, r.name,
    '(' || string_agg(c.attname::text, ', ' ORDER BY c.attnum) || ')',
    CASE WHEN g.is_grantable THEN 'WITH GRANT OPTION' END)
FROM relations r
CROSS JOIN LATERAL (SELECT NULL::name AS attname, 0::smallint AS attnum, r.relacl AS acl
    UNION ALL SELECT a.attname, a.attnum, a.attacl FROM pg_attribute a
        WHERE a.attrelid = r.oid AND NOT a.attisdropped) c
CROSS JOIN LATERAL aclexplode(c.acl) g
WHERE g.grantee <> r.relowner AND pg_get_userbyid(g.grantee) <> 'keystead_backup'
GROUP BY r.name, g.grantee, g.privilege_type, g.is_grantable, c.attnum = 0";

/// Grants that the database has.
pub async fn held(client: &Client) -> BTreeSet<String> {
    let rows = client.query(HELD, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Grants that somebody looked at.
pub fn reviewed() -> BTreeSet<String> {
    let file = file();
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}. {HOW}", file.display()));
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Writes down what the database has, for somebody to look at.
pub fn keep(held: &BTreeSet<String>) {
    let lines: String = held.iter().map(|line| format!("{line}\n")).collect();
    let file = file();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, format!("{HEADING}{lines}")).unwrap();
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("it/snapshots/grants.txt")
}
