//! pgbench scripts of recorded requests.

use std::collections::{BTreeSet, HashMap};

use keystead_tenants::{Clock, RootSecret};
use keystead_tests::context::Context as TenantContext;
use regex::{Captures, Regex};
use uuid::Uuid;

use crate::record::{Recorded, Statement};

/// How a transaction travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trips {
    /// Everything in one pipeline.
    One,
    /// BEGIN, context, statements, COMMIT, each on its own: the textbook form.
    Four,
    /// In one pipeline, without transaction and context, each table told the tenant by hand: what row-level security is measured
    /// against. Only for reads.
    NoPolicies,
}

/// The script that does what the request did, in a context of the tenant with everything allowed. Contexts live for 60 s at
/// most: longer than a measurement.
pub fn script(recorded: &Recorded, tenant: Uuid, trips: Trips, root: &RootSecret) -> String {
    let statements = statements(recorded, tenant, trips, root).join(";\n") + ";";
    // Clients keep out of each other's way.
    let ids = "\\set n :n + 1\n\\set id :n * 10 + :client_id\n";
    match trips {
        Trips::Four => format!("{ids}BEGIN;\n{statements}\nCOMMIT;\n"),
        Trips::One => format!("{ids}\\startpipeline\nBEGIN;\n{statements}\nCOMMIT;\n\\endpipeline\n"),
        Trips::NoPolicies => format!("{ids}\\startpipeline\n{statements}\n\\endpipeline\n"),
    }
}

/// The statements of a request, their parameters as literals.
pub fn statements(recorded: &Recorded, tenant: Uuid, trips: Trips, root: &RootSecret) -> Vec<String> {
    let context = TenantContext { lives_seconds: 55, ..TenantContext::of(tenant) }.signed(root);
    let fresh = FreshIds::of(recorded);
    let sent = recorded.statements.iter().filter(|statement| trips != Trips::NoPolicies || !sets_context(statement));
    sent.map(|statement| {
        let sql = if trips == Trips::NoPolicies { with_tenant(&statement.sql, tenant) } else { statement.sql.clone() };
        filled(&sql, &statement.parameters, &context, &fresh)
    })
    .collect()
}

fn sets_context(statement: &Statement) -> bool {
    statement.parameters.values().flatten().any(|value| is_context(value))
}

/// A signed context begins with its version (docs/adr/0005).
fn is_context(value: &str) -> bool {
    value.starts_with("v2|")
}

/// The statement in one line with its parameters as literals.
fn filled(sql: &str, parameters: &HashMap<usize, Option<String>>, context: &str, fresh: &FreshIds) -> String {
    let placeholder = Regex::new(r"\$(\d+)").expect("a valid pattern");
    let text = placeholder.replace_all(sql, |found: &Captures| {
        let value = found[1].parse().ok().and_then(|number: usize| parameters.get(&number).cloned()).flatten();
        match value {
            None => "NULL".to_owned(),
            Some(value) if is_context(&value) => literal(context),
            Some(value) => fresh.expression(&value).unwrap_or_else(|| literal(&value)),
        }
    });
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An escape string: pgbench would take a colon for one of its variables, and blanks are squeezed.
fn literal(value: &str) -> String {
    let escaped =
        value.replace('\\', r"\\").replace('\'', "''").replace(':', r"\x3a").replace(' ', r"\x20").replace('\n', r"\n");
    if escaped.contains('\\') { format!("E'{escaped}'") } else { format!("'{escaped}'") }
}

/// Adds the tenant to the condition of every SELECT of ours, on the table that it reads first.
fn with_tenant(sql: &str, tenant: Uuid) -> String {
    let first = Regex::new(r#"(?i)FROM "app"\."(\w+)"([^()]*?) WHERE "#).expect("a valid pattern");
    first
        .replace_all(sql, |found: &Captures| {
            format!(r#"FROM "app"."{0}"{1} WHERE "{0}"."tenant_id" = '{tenant}' AND "#, &found[1], &found[2])
        })
        .into_owned()
}

/// Ids that the request made: pgbench must make new ones in their place. Like the product's they come in order, those of one
/// transaction beside each other, so that both add to the end of an index.
struct FreshIds {
    /// What stands for each.
    known: HashMap<Uuid, String>,
}

impl FreshIds {
    fn of(recorded: &Recorded) -> Self {
        let inserts = recorded.statements.iter().filter(|statement| !sets_context(statement));
        let values = inserts.flat_map(|statement| statement.parameters.values().flatten());
        let made: BTreeSet<Uuid> =
            values.flat_map(|value| ids(value)).filter(|id| is_younger(*id, recorded.sent_at)).collect();
        // 32 digits: the time in milliseconds and the version, as in any of version 7; 12 that pgbench counts, of which the first
        // is an 8, as the variant has it; and which of the transaction's ids it is.
        let now = Clock::system().id::<Uuid>().simple().to_string();
        let front = &now[..16];
        let one = |(place, id): (usize, Uuid)| (id, format!("('{front}' || :id::text || '{place:04}')::uuid"));
        Self { known: made.into_iter().enumerate().map(one).collect() }
    }

    /// What stands for a value that holds fresh ids; none for any other value.
    fn expression(&self, value: &str) -> Option<String> {
        let found = ids(value);
        if !found.iter().any(|id| self.known.contains_key(id)) {
            return None;
        }
        let one = |id: &Uuid| self.known.get(id).cloned().unwrap_or_else(|| format!("'{id}'::uuid"));
        let all: Vec<String> = found.iter().map(one).collect();
        Some(if value.starts_with('{') { format!("ARRAY[{}]", all.join(",")) } else { all.concat() })
    }
}

/// The ids of a value that is an id or an array of ids.
fn ids(value: &str) -> Vec<Uuid> {
    let inner = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(value);
    inner.split(',').map(Uuid::try_parse).collect::<Result<_, _>>().unwrap_or_default()
}

fn is_younger(id: Uuid, than_millis: u64) -> bool {
    id.get_version_num() == 7 && (id.as_u128() >> 80) as u64 >= than_millis
}
