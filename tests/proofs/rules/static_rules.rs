//! T28: rules that the types do not carry, read from the source's tokens. Each rule is also shown something that breaks it.

use std::{collections::BTreeSet, sync::LazyLock};

use keystead_proofs::Proof;
use regex::Regex;

use crate::sources::{Source, Token, content, files, group, product};

/// What breaks a rule, as `file: what`.
type Breaches = Vec<String>;

/// Says what of a file breaks a rule.
type Rule = fn(&Source) -> Breaches;

/// Every rule with a piece of source that breaks it.
const RULES: [(&str, Rule, &str); 8] = [
    ("session-settings", session_settings, r#"fn f() { run("BEGIN; SET app.ctx = 'v1'") }"#),
    (
        "sql-built-from-strings",
        built_sql,
        r#"fn f(id: &str) { run(format!("SELECT * FROM app.units WHERE id = '{id}'")) }"#,
    ),
    (
        "limits-that-a-plan-may-pass",
        loose_limits,
        r#"fn f() { run("UPDATE t SET a = 1 FROM (SELECT id FROM t LIMIT 1 FOR UPDATE SKIP LOCKED) due WHERE t.id = due.id") }"#,
    ),
    ("sql-in-the-api", sql_in_the_api, r#"fn f() { tx.execute_unprepared("DELETE FROM app.units") }"#),
    ("personal-types-that-print", printing_types, "#[derive(Debug, ZeroizeOnDrop)] struct Passport(String);"),
    ("secrets-as-plain-text", plain_secrets, "#[derive(Debug, Deserialize)] struct LoginIn { password: String }"),
    ("personal-data-in-logs", personal_logs, "fn f() { tracing::debug!(email = %input.email, \"log in\") }"),
    (
        "handlers-without-their-transaction",
        open_handlers,
        r#"
        #[utoipa::path(get, path = "/", extensions(("x-permission" = json!("units.read"))))]
        async fn list(State(app): State<App>) {}"#,
    ),
];

#[test]
fn the_source_keeps_the_rules() {
    let proof = Proof::of("T28");
    let sources = product();
    for (name, rule, breach) in RULES {
        let bad = Source::of("api/src/bad.rs", breach);
        assert!(!rule(&bad).is_empty(), "{name} does not notice {breach}");
        let breaches: Breaches = sources.iter().flat_map(rule).collect();
        proof.zero(name, breaches.len());
        assert!(breaches.is_empty(), "{name}: {breaches:#?}");
    }
    proof.zero("session-settings-in-sql-files", sql_files().len());
    proof.zero("transactions-opened-elsewhere", opened_elsewhere(&sources).len());
    proof.at_least("files-read", sources.len(), 150);
}

/// A statement that sets something for longer than its transaction stays on the connection for whoever comes next.
fn session_settings(source: &Source) -> Breaches {
    source.texts().filter(|text| sets_for_the_session(text)).map(|text| breach(source, text)).collect()
}

/// Patterns are compiled once: there are thousands of texts.
static SESSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^\s*(set\s+(session|[a-z_.]+\s*(=|to)|role|time\s+zone)|reset\s+[a-z]|discard\s)").unwrap()
});
/// An argument may be a call.
static LASTING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?is)set_config\s*\(([^()]|\([^()]*\))*,\s*false\s*\)").unwrap());
static CHOSEN_ONCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"AS MATERIALIZED \([^()]*\)").unwrap());
static REMARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*--.*$").unwrap());
/// The start of a statement, as our source writes it.
static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    let verbs = "SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE|COPY|TRUNCATE|ALTER|CREATE|DROP|GRANT|REVOKE|SET|CALL|SAVEPOINT";
    Regex::new(&format!(r"^\s*({verbs})\s")).unwrap()
});

fn sets_for_the_session(sql: &str) -> bool {
    // A migration's transaction goes back to the migrating role.
    let in_a_migration = |one: &str| one.trim().eq_ignore_ascii_case("reset role");
    let mut statements = sql.split(';').map(|one| REMARK.replace_all(one, "").into_owned());
    LASTING.is_match(sql) || statements.any(|one| SESSION.is_match(&one) && !in_a_migration(&one))
}

fn sql_files() -> Breaches {
    assert!(sets_for_the_session("SELECT 1;\nSET ROLE keystead_owner;"), "the rule notices nothing");
    assert!(sets_for_the_session("SELECT set_config('a', left(b, 1), false)"), "the rule is fooled by a call");
    assert!(!sets_for_the_session("SET LOCAL ROLE keystead_owner; UPDATE t SET a = 1"), "the rule notices too much");
    // Tests may try what the product must not do.
    let sql = files().into_iter().filter(|path| path.ends_with(".sql") && !path.starts_with("tests/"));
    sql.filter(|path| sets_for_the_session(&String::from_utf8(content(path)).unwrap())).collect()
}

fn is_sql(text: &str) -> bool {
    STATEMENT.is_match(text)
}

/// SQL takes values as parameters. What is put into its text is a constant of the code, in capitals.
fn built_sql(source: &Source) -> Breaches {
    // DDL has no parameters; it is made from `&'static str`, before anybody can ask for anything.
    if source.path.starts_with("migrations/") {
        return Breaches::new();
    }
    // Neither have names of tables and columns, which an export takes from the catalogue and quotes.
    if source.path.starts_with("tenants/core/src/transfer") {
        return Breaches::new();
    }
    let placeholder = Regex::new(r"\{([^}]*)\}").unwrap();
    let built = ["format", "write", "writeln", "format_args"].into_iter().flat_map(|name| source.arguments_of(name));
    let texts = built.flat_map(|arguments| {
        arguments.iter().filter_map(|token| if let Token::Text(text) = token { Some(text.as_str()) } else { None })
    });
    let variable = |name: &str| name.is_empty() || name.chars().any(char::is_lowercase);
    texts
        .filter(|text| is_sql(text) && placeholder.captures_iter(text).any(|found| variable(&found[1])))
        // A savepoint's name has no parameter either; it is a number.
        .filter(|text| !(source.path == "tenants/core/src/tx.rs" && text.contains("SAVEPOINT {name}")))
        .map(|text| breach(source, text))
        .collect()
}

/// What is taken from a queue is chosen once. As a subquery it may be run anew for each row of a plan, which passes over what
/// is locked and taken already, and its limit is none.
fn loose_limits(source: &Source) -> Breaches {
    let loose = |text: &&str| CHOSEN_ONCE.replace_all(text, "").contains("SKIP LOCKED");
    source.texts().filter(|text| is_sql(text)).filter(loose).map(|text| breach(source, text)).collect()
}

/// Slices build statements with the query builder; text is for `tenants/core`. An expression's text is a literal.
fn sql_in_the_api(source: &Source) -> Breaches {
    if !source.path.starts_with("api/src/") {
        return Breaches::new();
    }
    let senders = [
        "execute_unprepared",
        "execute_raw",
        "query_one_raw",
        "query_all_raw",
        "raw_sql",
        "batch_execute",
        "Statement",
        "tokio_postgres",
        "from_sql_and_values",
    ];
    let words = senders.iter().filter(|word| source.tokens.iter().any(|token| token.is(word)));
    let texts = source.texts().filter(|text| is_sql(text));
    let expressions = ["cust", "cust_with_values", "cust_with_expr", "cust_with_exprs"].into_iter();
    let expressions = expressions.flat_map(|name| source.arguments_of(name));
    let expressions = expressions.filter(|arguments| !matches!(arguments.first(), Some(Token::Text(_))));
    words
        .map(|word| breach(source, word))
        .chain(texts.map(|text| breach(source, text)))
        .chain(expressions.map(|_| breach(source, "an expression from a string that is no literal")))
        .collect()
}

/// What is wiped from memory is not printed either.
fn printing_types(source: &Source) -> Breaches {
    let derives = source.arguments_of("derive").into_iter();
    let prints = |derive: &&[Token]| {
        let has = |name: &str| derive.iter().any(|token| token.is(name));
        (has("Zeroize") || has("ZeroizeOnDrop")) && (has("Debug") || has("Serialize") || has("Display"))
    };
    derives.filter(prints).map(|derive| breach(source, &format!("{derive:?}"))).collect()
}

/// A type that prints holds secrets as `SecretString` only. Tokens that an answer hands out are its purpose.
fn plain_secrets(source: &Source) -> Breaches {
    let structs = source
        .file
        .items
        .iter()
        .filter_map(|item| if let syn::Item::Struct(found) = item { Some(found) } else { None });
    let mut breaches = Breaches::new();
    for found in structs {
        let attributes = found.attrs.iter().map(|attribute| quote::quote!(#attribute).to_string()).collect::<String>();
        if !attributes.contains("Debug") || found.ident.to_string().ends_with("Out") {
            continue;
        }
        for field in &found.fields {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let kind = field.ty.to_token_stream_text();
            let secret = ["password", "secret", "token", "pepper"].iter().any(|word| name.contains(word))
                && !name.ends_with("_hash");
            if secret && (kind.contains("String") || kind.contains("Vec < u8")) && !kind.contains("SecretString") {
                breaches.push(breach(source, &format!("{}.{name}: {kind}", found.ident)));
            }
        }
    }
    breaches
}

/// No log line has a field that could hold personal data or a secret, at any level; nothing is logged by a function's arguments.
fn personal_logs(source: &Source) -> Breaches {
    let never =
        ["email", "phone", "address", "password", "token", "date_of_birth", "birth", "body", "recipient", "input"];
    let levels = ["trace", "debug", "info", "warn", "error"].into_iter();
    let lines = levels.flat_map(|level| source.expansions_of(level));
    let lines = lines.filter(|line| {
        // `address = %config.listen` is where the server listens.
        let listens = line.iter().any(|token| token.is("listen"));
        // A variable may be called `name`; a field or member of that name is somebody's.
        let names =
            line.windows(2).any(|two| two[0].is("name") && two[1].is("=") || two[0].is(".") && two[1].is("name"));
        names || line.iter().any(|token| never.iter().any(|word| token.is(word) && !(listens && *word == "address")))
    });
    let instrumented = source.arguments_of("instrument").into_iter();
    let instrumented = instrumented.filter(|arguments| !arguments.iter().any(|token| token.is("skip_all")));
    lines.chain(instrumented).map(|line| breach(source, &format!("{line:?}"))).collect()
}

/// A handler that the document says needs a permission takes that permission's transaction; an operator's takes `Operator`.
fn open_handlers(source: &Source) -> Breaches {
    let handlers =
        source.file.items.iter().filter_map(|item| if let syn::Item::Fn(found) = item { Some(found) } else { None });
    let mut breaches = Breaches::new();
    for handler in handlers {
        let Some(permission) = handler.attrs.iter().find_map(declared_permission) else { continue };
        let inputs = &handler.sig.inputs;
        let takes = quote::quote!(#inputs).to_string().replace(' ', "");
        let wanted = match permission.as_str() {
            "public" => continue,
            // Whoever is logged in: by the session alone, or as what one is in the tenant.
            "session" if takes.contains("Tx<BeMember>") => continue,
            "session" => "Caller".to_owned(),
            "operator" => "Operator".to_owned(),
            permission => format!("Tx<{}>", marker(permission)),
        };
        if !takes.contains(&wanted) {
            breaches
                .push(breach(source, &format!("{} needs {permission} and does not take {wanted}", handler.sig.ident)));
        }
    }
    breaches
}

/// `x-permission` of a `utoipa::path` attribute.
fn declared_permission(attribute: &syn::Attribute) -> Option<String> {
    let is_path = attribute.path().segments.iter().map(|segment| segment.ident.to_string()).eq(["utoipa", "path"]);
    if !is_path {
        return None;
    }
    let tokens = quote::quote!(#attribute).to_string();
    let found = Regex::new(r#""x-permission"\s*=\s*json\s*!\s*\(\s*"([^"]+)""#).unwrap();
    Some(found.captures(&tokens).unwrap_or_else(|| panic!("no x-permission in {tokens}"))[1].to_owned())
}

/// `units.read` as the type that the extractor takes: `ReadUnits`.
fn marker(permission: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let (what, verb) = permission.split_once('.').unwrap();
    capital(verb) + &what.split('_').map(capital).collect::<String>()
}

/// Where a tenant's transaction begins other than in the extractor, and why.
const OPENERS: [(&str, &str); 9] = [
    ("api/src/http/caller.rs", "the extractor"),
    ("api/src/vault.rs", "wrapped keys, under the caller's own grant, before its transaction holds a connection"),
    ("api/src/audit/export.rs", "pages of an export, under the caller's own grant"),
    ("api/src/jobs/provision.rs", "the platform fills a new tenant"),
    ("api/src/jobs/offboard.rs", "the platform destroys the keys of a tenant that leaves"),
    ("api/src/jobs/shares.rs", "the platform wraps keys with shares, and closes backups to who was erased"),
    ("api/src/shares.rs", "the platform notes where a tenant's tree of shares is"),
    ("api/src/usage.rs", "the platform counts what a tenant has, for its limits and for operators"),
    ("api/src/invitations/accept.rs", "an invitation's token is what gives access"),
];

fn opened_elsewhere(sources: &[Source]) -> Breaches {
    let opens = |source: &Source| {
        let tokens = &source.tokens;
        tokens
            .windows(3)
            .any(|three| three[0].is("db") && three[1].is(".") && (three[2].is("begin") || three[2].is("begin_job")))
    };
    let found: BTreeSet<&str> =
        sources.iter().filter(|s| s.path.starts_with("api/") && opens(s)).map(|s| s.path.as_str()).collect();
    let reviewed: BTreeSet<&str> = OPENERS.iter().map(|(path, _)| *path).collect();
    // An opener that is gone leaves the list, too.
    let different: Breaches = found.symmetric_difference(&reviewed).map(|path| (*path).to_owned()).collect();
    assert!(different.is_empty(), "transactions are opened in other places than the reviewed ones: {different:?}");
    different
}

#[test]
fn only_tools_and_tests_speak_http_to_others() {
    // A client in the server could be sent to addresses that only the server reaches.
    let tokens = product().into_iter().filter(|source| source.tokens.iter().any(|token| token.is("reqwest")));
    let found: Vec<String> = tokens.map(|source| source.path).collect();
    Proof::of("T28").zero("http-clients-in-the-product", found.len());
    assert!(found.is_empty(), "{found:?}");
}

fn breach(source: &Source, what: &str) -> String {
    format!("{}: {}", source.path, what.chars().take(160).collect::<String>())
}

trait Text {
    fn to_token_stream_text(&self) -> String;
}

impl Text for syn::Type {
    fn to_token_stream_text(&self) -> String {
        quote::quote!(#self).to_string()
    }
}

#[test]
fn groups_end_where_their_bracket_closes() {
    let source = Source::of("api/src/x.rs", "fn f() { info!(a(b), c); d }");
    let arguments = source.expansions_of("info");
    assert_eq!(arguments.len(), 1);
    assert_eq!(arguments[0].len(), 6);
    assert_eq!(group(arguments[0], 1).len(), 1);
}
