//! The database's own catalogue proves that tenants are apart (security rule T5).
//!
//! Each check is a query for what breaks a rule. Where something may, it is listed with its reason; the query must find
//! exactly that list, so that an exception that is gone is noticed, too. Then each rule is broken on purpose, in a
//! transaction that is rolled back, and must be noticed.

use std::collections::BTreeSet;

use keystead_api::routes::document;
use keystead_ids::Permission;
use keystead_proofs::Proof;
use keystead_tests::fresh_database;
use regex::Regex;
use tokio_postgres::Client;

struct Check {
    rule: &'static str,
    /// Yields one column: what breaks the rule.
    breaches: &'static str,
    /// What may, and why.
    reviewed: &'static [(&'static str, &'static str)],
}

const NOTHING: &[(&str, &str)] = &[];

/// What the checks select from. Everything that is not PostgreSQL's own is ours; every table in `app` and `audit` is a
/// tenant table, whatever it looks like.
const VIEWS: &str = r"
CREATE TEMP VIEW ours AS SELECT oid, nspname AS name, nspacl, nspowner FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';
CREATE TEMP VIEW relations AS SELECT c.*, s.name AS schema, s.name || '.' || c.relname AS name
    FROM pg_class c JOIN ours s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S');
CREATE TEMP VIEW tenant_tables AS SELECT * FROM relations WHERE schema IN ('app', 'audit') AND relkind IN ('r', 'p');
CREATE TEMP VIEW all_grants AS
    SELECT g.*, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END AS role FROM (
        SELECT r.oid, r.name, r.schema, r.relispartition, a.grantee, a.privilege_type AS privilege
            FROM relations r, aclexplode(r.relacl) a WHERE a.grantee <> r.relowner
        UNION SELECT r.oid, r.name, r.schema, r.relispartition, a.grantee, a.privilege_type
            FROM relations r JOIN pg_attribute c ON c.attrelid = r.oid, aclexplode(c.attacl) a WHERE a.grantee <> r.relowner) g;
-- Backups have rules of their own: they read everything, policies or not.
CREATE TEMP VIEW grants AS SELECT * FROM all_grants WHERE role <> 'keystead_backup';
CREATE TEMP VIEW policies AS SELECT p.*, r.name, r.schema, r.relowner, r.name || ' ' || p.polname AS policy,
        pg_get_expr(polqual, polrelid) AS condition, pg_get_expr(polwithcheck, polrelid) AS check_condition
    FROM pg_policy p JOIN relations r ON r.oid = p.polrelid;
CREATE TEMP VIEW functions AS SELECT p.*, s.name || '.' || p.proname AS name, pg_get_userbyid(p.proowner) AS owner
    FROM pg_proc p JOIN ours s ON s.oid = p.pronamespace;
CREATE TEMP VIEW keystead_roles AS SELECT * FROM pg_roles WHERE rolname ~ '^keystead';
";

const CHECKS: &[Check] = &[
    Check {
        rule: "every relation belongs to a tenant",
        breaches: "SELECT name FROM relations WHERE schema NOT IN ('app', 'audit')",
        reviewed: &[
            ("ctx.keys", "what verifies contexts; its owner and backups alone read it"),
            ("history.migration_history", "which migrations ran"),
            ("identity.identities", "logins of staff, across tenants"),
            ("identity.login_attempts", "throttling before anybody is known"),
            ("identity.sessions", "looked up before a tenant is known"),
            ("identity.refresh_tokens", "looked up before a tenant is known"),
            ("platform.tenants", "the directory of tenants"),
            ("platform.signups", "applications of who is no tenant yet"),
            ("platform.provisioning_steps", "the platform's own work"),
            ("platform.signing_keys", "the platform's own keys"),
            ("platform.outbox", "mail of tenants and of the platform, with policies of its own"),
            ("platform.events", "the operators' trail"),
            ("platform.operator_invitations", "who is asked to run the platform"),
        ],
    },
    Check {
        rule: "a tenant table says whose each row is",
        breaches: "SELECT name FROM tenant_tables t WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid
            AND a.attname = 'tenant_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull AND NOT a.attisdropped)",
        reviewed: NOTHING,
    },
    Check {
        rule: "views ask as their caller, and there is nothing that policies do not reach",
        breaches: "SELECT name FROM relations WHERE relkind IN ('m', 'f', 'S')
            OR relkind = 'v' AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'",
        reviewed: NOTHING,
    },
    Check {
        rule: "row-level security is on, for the owner too",
        breaches: "SELECT name FROM tenant_tables WHERE NOT (relrowsecurity AND relforcerowsecurity)",
        reviewed: NOTHING,
    },
    Check {
        rule: "a tenant table has one restrictive policy",
        breaches: "SELECT t.name FROM tenant_tables t LEFT JOIN policies p ON p.polrelid = t.oid AND NOT p.polpermissive
            GROUP BY t.name HAVING count(p.oid) <> 1",
        reviewed: NOTHING,
    },
    Check {
        rule: "the restrictive policy compares the tenant, for reads and writes",
        breaches: "SELECT policy FROM policies WHERE NOT polpermissive AND schema IN ('app', 'audit') AND (polcmd <> '*'
            OR condition IS DISTINCT FROM '(tenant_id = ( SELECT ctx.tenant_id() AS tenant_id))'
            OR check_condition IS DISTINCT FROM '(tenant_id = ( SELECT ctx.tenant_id() AS tenant_id))')",
        reviewed: NOTHING,
    },
    Check {
        rule: "the restrictive policy binds everybody with a grant",
        breaches: "SELECT DISTINCT g.name || ' ' || g.role || ' ' || g.privilege FROM grants g JOIN tenant_tables t ON t.oid = g.oid
            WHERE NOT EXISTS (SELECT FROM policies p WHERE p.polrelid = g.oid AND NOT p.polpermissive
                AND (g.grantee = ANY (p.polroles) OR 0 = ANY (p.polroles)))",
        reviewed: &[
            ("app.roles keystead_platform SELECT", "a session's permissions, before its context exists"),
            ("app.members keystead_platform SELECT", "a login's membership, before its context exists"),
            ("app.member_projects keystead_platform SELECT", "a session's projects, before its context exists"),
            ("app.invitations keystead_platform SELECT", "an invitation is found by its token"),
            ("audit.events keystead_audit_ro SELECT", "the verifier reads every chain"),
            ("audit.heads keystead_audit_ro SELECT", "the verifier reads every chain"),
        ],
    },
    Check {
        rule: "what is granted is also permitted by a policy",
        breaches: "SELECT DISTINCT g.name || ' ' || g.role || ' ' || g.privilege FROM grants g JOIN tenant_tables t ON t.oid = g.oid
            WHERE g.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') AND NOT EXISTS (SELECT FROM policies p
                WHERE p.polrelid = g.oid AND p.polpermissive AND (g.grantee = ANY (p.polroles) OR 0 = ANY (p.polroles))
                AND p.polcmd IN ('*', CASE g.privilege WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END))",
        reviewed: NOTHING,
    },
    Check {
        rule: "what a policy permits is also granted",
        breaches: "SELECT p.policy || ' ' || pg_get_userbyid(r) FROM policies p, unnest(p.polroles) r
            WHERE p.polpermissive AND r <> p.relowner AND NOT EXISTS (SELECT FROM grants g WHERE g.oid = p.polrelid AND g.grantee = r
                AND g.privilege = coalesce(CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                    WHEN 'd' THEN 'DELETE' END, g.privilege))",
        reviewed: NOTHING,
    },
    Check {
        rule: "a permissive policy asks the context",
        breaches: "SELECT policy FROM policies WHERE polpermissive
            AND (condition IS NOT NULL AND condition !~ 'ctx\\.' OR check_condition IS NOT NULL AND check_condition !~ 'ctx\\.')",
        reviewed: &[
            ("app.roles roles_platform", "before a context exists; read only"),
            ("app.members members_platform", "before a context exists; read only"),
            ("app.member_projects member_projects_platform", "before a context exists; read only"),
            ("app.invitations invitations_platform", "before a context exists; read only"),
            ("app.units units_stage", "the trigger that derives sale_stage, within the tenant"),
            ("app.contract_counters contract_counters_derived", "the trigger that numbers contracts, within the tenant"),
            ("audit.events events_writer", "triggers only; they check the tenant themselves"),
            ("audit.heads heads_writer", "the sequencer"),
            ("audit.events events_verifier", "the verifier reads every chain"),
            ("audit.heads heads_verifier", "the verifier reads every chain"),
            ("platform.outbox outbox_insert", "the restrictive policy beside it checks the tenant"),
            ("platform.outbox outbox_platform", "the platform's own work"),
        ],
    },
    Check {
        rule: "a policy for writing checks what is written",
        breaches: "SELECT policy FROM policies WHERE polcmd IN ('a', 'w', '*') AND polwithcheck IS NULL
            OR polcmd IN ('r', 'w', 'd', '*') AND polqual IS NULL",
        reviewed: NOTHING,
    },
    Check {
        rule: "no row can be moved to another tenant or id",
        breaches: "SELECT t.name || ' ' || r.rolname || ' ' || a.attname FROM keystead_roles r, tenant_tables t
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname IN ('tenant_id', 'id')
            WHERE r.rolname IN ('keystead_app', 'keystead_worker', 'keystead_platform')
            AND has_column_privilege(r.oid, t.oid, a.attnum, 'UPDATE')",
        reviewed: NOTHING,
    },
    Check {
        rule: "keys and unique constraints start with the tenant",
        breaches: "SELECT c.relname::text FROM pg_index i JOIN tenant_tables t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0]
                AND a.attname = 'tenant_id')",
        reviewed: NOTHING,
    },
    Check {
        rule: "other indexes start with the tenant",
        breaches: "SELECT c.relname::text FROM pg_index i JOIN tenant_tables t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT i.indisunique AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0]
                AND a.attname = 'tenant_id')",
        reviewed: &[
            ("invitations_by_token", "the platform finds an invitation by its token"),
            ("members_by_identity", "the platform finds a login's memberships"),
        ],
    },
    Check {
        rule: "indexed columns are compared by leakproof operators, or policies would keep the index from use",
        breaches: "SELECT DISTINCT c.relname || ' ' || o.oprcode FROM pg_index i JOIN tenant_tables t ON t.oid = i.indrelid
            JOIN pg_class c ON c.oid = i.indexrelid CROSS JOIN unnest(i.indclass) k JOIN pg_opclass f ON f.oid = k
            JOIN pg_amop m ON m.amopfamily = f.opcfamily AND m.amoplefttype = f.opcintype AND m.amoprighttype = f.opcintype
            JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_proc p ON p.oid = o.oprcode
            WHERE NOT p.proleakproof OR 0 = ANY (i.indkey)",
        reviewed: NOTHING,
    },
    Check {
        rule: "references between tenants' rows carry the tenant",
        breaches: "SELECT k.conname::text FROM pg_constraint k JOIN tenant_tables t ON t.oid = k.conrelid JOIN tenant_tables r ON r.oid = k.confrelid
            WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM generate_subscripts(k.conkey, 1) i
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[i]
                JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[i]
                WHERE a.attname = 'tenant_id' AND b.attname = 'tenant_id')",
        reviewed: NOTHING,
    },
    Check {
        rule: "references to and from elsewhere are to the directory of tenants only",
        breaches: "SELECT k.conname::text FROM pg_constraint k WHERE k.contype = 'f'
            AND (k.conrelid IN (SELECT oid FROM tenant_tables) AND k.confrelid NOT IN (SELECT oid FROM tenant_tables)
                AND NOT (k.confrelid = 'platform.tenants'::regclass AND cardinality(k.conkey) = 1 AND EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attname = 'tenant_id'))
            OR k.confrelid IN (SELECT oid FROM tenant_tables) AND k.conrelid NOT IN (SELECT oid FROM tenant_tables))",
        reviewed: NOTHING,
    },
    Check {
        rule: "functions with their owner's rights are known",
        breaches: "SELECT name || ' as ' || owner FROM functions WHERE prosecdef",
        reviewed: &[
            ("ctx.enter as keystead_ctx", "reads the key that verifies contexts, keeps what it verified"),
            ("audit.record as keystead_audit", "the one writer of the trail"),
            ("audit.sequence as keystead_audit", "chains the trail, across tenants"),
            ("app.derive_sale_stage as keystead_derive", "writes what nobody may type"),
            ("app.number_contract as keystead_derive", "writes what nobody may type"),
            ("app.change_own_profile as keystead_derive", "three columns of one's own membership, whatever one's role"),
        ],
    },
    Check {
        rule: "every function pins its search path to what nobody can add to",
        // A body of the SQL standard was parsed when it was made: no search path matters to it.
        breaches: "SELECT name FROM functions WHERE prosqlbody IS NULL AND NOT EXISTS (SELECT FROM unnest(proconfig) c
            WHERE c ~ '^search_path=pg_catalog(, (ctx|audit|app))?$')",
        reviewed: NOTHING,
    },
    Check {
        rule: "only keystead_ctx may write what a verified context is kept in",
        breaches: "SELECT a.grantee::regrole || ' ' || a.privilege_type || ' ' || p.parname
                FROM pg_parameter_acl p CROSS JOIN aclexplode(p.paracl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolsuper IS NOT TRUE
            UNION ALL SELECT 'default is ' || reset_val FROM pg_settings WHERE name = 'backtrace_functions' AND reset_val <> ''
            UNION ALL SELECT 'kind is ' || context FROM pg_settings WHERE name = 'backtrace_functions' AND context <> 'superuser'
            UNION ALL SELECT 'preset for ' || setrole::regrole FROM pg_db_role_setting WHERE setconfig::text ~ 'backtrace_functions'",
        reviewed: &[("keystead_ctx SET backtrace_functions", "ctx.enter keeps what it verified")],
    },
    Check {
        rule: "functions and relations belong to roles that are nobody",
        breaches: "SELECT name || ' of ' || r.rolname FROM (SELECT name, proowner AS owner FROM functions
                UNION ALL SELECT name, relowner FROM relations) o JOIN pg_roles r ON r.oid = o.owner
            WHERE r.rolsuper OR r.rolcanlogin OR r.rolbypassrls",
        reviewed: &[("history.migration_history of keystead_migrate", "the migration runner keeps it")],
    },
    Check {
        rule: "no function of ours claims to be leakproof",
        breaches: "SELECT name FROM functions WHERE proleakproof",
        reviewed: NOTHING,
    },
    Check {
        rule: "PUBLIC may do nothing",
        breaches: "SELECT 'execute ' || name FROM functions, aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0
            UNION ALL SELECT 'schema ' || name FROM ours, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a WHERE a.grantee = 0
            UNION ALL SELECT privilege || ' ' || name FROM grants WHERE grantee = 0
            UNION ALL SELECT 'database' FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
                WHERE d.datname = current_database() AND a.grantee = 0",
        reviewed: NOTHING,
    },
    Check {
        rule: "who may call what",
        breaches: "SELECT r.rolname || ' ' || f.name FROM functions f, keystead_roles r
            WHERE r.rolcanlogin AND r.rolname <> 'keystead_migrate' AND has_function_privilege(r.oid, f.oid, 'EXECUTE')",
        reviewed: &[
            ("keystead_app ctx.enter", "verifies a context and keeps it for the transaction"),
            ("keystead_app ctx.field", "policies"),
            ("keystead_app ctx.tenant_id", "policies"),
            ("keystead_app ctx.actor_id", "policies"),
            ("keystead_app ctx.can", "policies"),
            ("keystead_app ctx.can_any", "policies"),
            ("keystead_app ctx.all_projects", "policies"),
            ("keystead_app ctx.project_ids", "policies"),
            ("keystead_app app.next_version", "trigger"),
            ("keystead_app app.contract_moves", "trigger"),
            ("keystead_app app.change_own_profile", "one's own name, language and time zone"),
            ("keystead_app audit.record", "trigger"),
            ("keystead_app audit.canonical", "exports say what they hash"),
            ("keystead_app audit.leaf", "exports say what they hash"),
            ("keystead_worker ctx.enter", "as for keystead_app"),
            ("keystead_worker ctx.field", "policies"),
            ("keystead_worker ctx.tenant_id", "policies"),
            ("keystead_worker ctx.actor_id", "policies"),
            ("keystead_worker ctx.can", "policies"),
            ("keystead_worker ctx.can_any", "policies"),
            ("keystead_worker ctx.all_projects", "policies"),
            ("keystead_worker ctx.project_ids", "policies"),
            ("keystead_worker app.next_version", "trigger"),
            ("keystead_worker app.contract_moves", "trigger"),
            ("keystead_worker audit.record", "trigger"),
            ("keystead_worker audit.canonical", "as for keystead_app"),
            ("keystead_worker audit.leaf", "as for keystead_app"),
            ("keystead_worker audit.sequence", "chains the trail"),
            ("keystead_audit_ro ctx.field", "policies"),
            ("keystead_audit_ro ctx.tenant_id", "policies"),
            ("keystead_audit_ro ctx.actor_id", "policies"),
            ("keystead_audit_ro ctx.can", "policies"),
            ("keystead_audit_ro ctx.can_any", "policies"),
            ("keystead_audit_ro ctx.all_projects", "policies"),
            ("keystead_audit_ro ctx.project_ids", "policies"),
            ("keystead_audit_ro audit.canonical", "verifies hashes"),
            ("keystead_audit_ro audit.leaf", "verifies hashes"),
        ],
    },
    Check {
        rule: "roles have no power that they do not need",
        breaches: "SELECT r.rolname || ' ' || p.name FROM keystead_roles r CROSS JOIN LATERAL (VALUES ('is superuser', rolsuper),
                ('creates databases', rolcreatedb), ('creates roles', rolcreaterole), ('replicates', rolreplication),
                ('bypasses policies', rolbypassrls), ('inherits', rolinherit), ('logs in', rolcanlogin)) p(name, has) WHERE p.has",
        reviewed: &[
            ("keystead_backup bypasses policies", "a dump holds every row"),
            ("keystead_migrate logs in", "the migration job"),
            ("keystead_app logs in", "the API"),
            ("keystead_worker logs in", "background work"),
            ("keystead_platform logs in", "sign-up, sessions, operators"),
            ("keystead_backup logs in", "dumps"),
            ("keystead_audit_ro logs in", "the verifier"),
        ],
    },
    Check {
        rule: "only the migration job may act as an owner",
        breaches: "SELECT m.rolname || ' as ' || g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
            JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname ~ '^keystead' OR g.rolname ~ '^keystead'",
        reviewed: &[
            ("keystead_migrate as keystead_owner", "migrations"),
            ("keystead_migrate as keystead_ctx", "migrations"),
            ("keystead_migrate as keystead_audit", "migrations"),
            ("keystead_migrate as keystead_derive", "migrations"),
        ],
    },
    Check {
        rule: "the API's role starts with its limits",
        breaches: "SELECT wanted FROM unnest(ARRAY['row_security=on', 'statement_timeout=5s', 'lock_timeout=2s',
                'idle_in_transaction_session_timeout=5s', 'search_path=app', 'plan_cache_mode=force_generic_plan']) wanted
            WHERE NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
                WHERE r.rolname = 'keystead_app' AND s.setdatabase = 0 AND wanted = ANY (s.setconfig))",
        reviewed: NOTHING,
    },
    Check {
        rule: "nobody is granted what policies do not reach",
        breaches: "SELECT name || ' ' || role || ' ' || privilege FROM grants WHERE privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')",
        reviewed: NOTHING,
    },
    Check {
        rule: "nobody is granted a partition",
        breaches: "SELECT DISTINCT name || ' ' || role FROM grants WHERE relispartition",
        reviewed: NOTHING,
    },
    Check {
        rule: "the API and the worker stay out of what belongs to no tenant",
        breaches: "SELECT DISTINCT role || ' ' || privilege || ' ' || name FROM grants
            WHERE role IN ('keystead_app', 'keystead_worker') AND schema NOT IN ('app', 'audit')",
        reviewed: &[
            ("keystead_app INSERT platform.outbox", "a tenant's mail, as the tenant"),
            ("keystead_worker SELECT platform.outbox", "sends mail"),
            ("keystead_worker UPDATE platform.outbox", "sends mail"),
            ("keystead_worker DELETE platform.outbox", "sends mail"),
        ],
    },
    Check {
        rule: "a backup reads every relation and changes none",
        breaches: "SELECT coalesce(g.privilege, 'nothing') || ' on ' || r.name FROM relations r
                LEFT JOIN all_grants g ON g.oid = r.oid AND g.role = 'keystead_backup'
                WHERE g.privilege IS DISTINCT FROM 'SELECT'
            UNION ALL SELECT 'no way into ' || name FROM ours WHERE name <> 'public' AND NOT has_schema_privilege('keystead_backup', oid, 'USAGE')",
        reviewed: NOTHING,
    },
    Check {
        rule: "a backup reads what is made tomorrow",
        breaches: "SELECT o.rolname || ' ' || k.kind FROM pg_roles o, (VALUES ('r', 'SELECT'), ('S', 'SELECT'), ('n', 'USAGE')) k(kind, privilege)
            WHERE o.oid IN (SELECT relowner FROM relations UNION SELECT nspowner FROM ours WHERE name <> 'public')
            AND NOT EXISTS (SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE d.defaclrole = o.oid AND d.defaclnamespace = 0
                AND d.defaclobjtype = k.kind::\"char\" AND a.grantee = 'keystead_backup'::regrole AND a.privilege_type = k.privilege)",
        reviewed: NOTHING,
    },
    Check {
        rule: "an export of one tenant can read every table of the tenant",
        breaches: "SELECT name FROM tenant_tables t WHERE NOT has_table_privilege('keystead_app', t.oid, 'SELECT')",
        reviewed: NOTHING,
    },
    Check {
        rule: "who may enter which schema",
        breaches: "SELECT r.rolname || ' ' || p || ' ' || s.name FROM ours s, keystead_roles r, unnest(ARRAY['USAGE', 'CREATE']) p
            WHERE r.rolcanlogin AND r.rolname <> 'keystead_migrate' AND has_schema_privilege(r.oid, s.oid, p)",
        reviewed: &[
            ("keystead_app USAGE app", "its rows"),
            ("keystead_app USAGE audit", "the trail"),
            ("keystead_app USAGE ctx", "policies"),
            ("keystead_app USAGE platform", "the outbox"),
            ("keystead_worker USAGE app", "its rows"),
            ("keystead_worker USAGE audit", "the trail"),
            ("keystead_worker USAGE ctx", "policies"),
            ("keystead_worker USAGE platform", "the outbox"),
            ("keystead_platform USAGE app", "memberships"),
            ("keystead_platform USAGE identity", "logins"),
            ("keystead_platform USAGE platform", "tenants"),
            ("keystead_audit_ro USAGE audit", "the trail"),
            ("keystead_audit_ro USAGE ctx", "policies"),
            ("keystead_backup USAGE app", "dumps"),
            ("keystead_backup USAGE audit", "dumps"),
            ("keystead_backup USAGE ctx", "dumps"),
            ("keystead_backup USAGE history", "dumps"),
            ("keystead_backup USAGE identity", "dumps"),
            ("keystead_backup USAGE platform", "dumps"),
        ],
    },
    Check {
        rule: "nobody makes temporary objects",
        breaches: "SELECT r.rolname || ' ' || p FROM keystead_roles r, unnest(ARRAY['TEMP', 'CREATE']) p
            WHERE has_database_privilege(r.oid, current_database(), p)",
        reviewed: NOTHING,
    },
    Check {
        rule: "changes leave an audit event",
        breaches: "SELECT name FROM tenant_tables t WHERE schema = 'app' AND NOT EXISTS (SELECT FROM pg_trigger g
            WHERE g.tgrelid = t.oid AND g.tgfoid = 'audit.record'::regproc AND g.tgenabled = 'O' AND g.tgtype = 29)",
        reviewed: &[
            ("app.idempotency_keys", "kept answers are no business"),
            ("app.import_errors", "part of the import's report"),
            ("app.subject_keys", "come and go with contacts"),
            ("app.search_tokens", "derived from contacts"),
            ("app.contract_counters", "derived from contracts"),
        ],
    },
    Check {
        rule: "changes raise the row's version",
        breaches: "SELECT name FROM tenant_tables t WHERE schema = 'app' AND NOT EXISTS (SELECT FROM pg_trigger g
            WHERE g.tgrelid = t.oid AND g.tgfoid = 'app.next_version'::regproc AND g.tgenabled = 'O')",
        reviewed: NOTHING,
    },
    Check {
        rule: "the server has the fixes that policies depend on (CVE-2025-8713)",
        breaches: "SELECT v::text FROM (SELECT current_setting('server_version_num')::integer) s(v)
            WHERE v < CASE v / 10000 WHEN 15 THEN 150014 WHEN 16 THEN 160010 WHEN 17 THEN 170006 ELSE 180000 END",
        reviewed: NOTHING,
    },
];

async fn catalogue() -> Client {
    let client = fresh_database().await.superuser().await;
    client.batch_execute(VIEWS).await.unwrap();
    client
}

/// Every difference between what the catalogue holds and what was reviewed.
async fn differences(client: &Client) -> Vec<String> {
    let mut differences = Vec::new();
    for check in CHECKS {
        let rows = client.query(check.breaches, &[]).await.unwrap_or_else(|error| panic!("{}: {error:?}", check.rule));
        let found: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        let reviewed: BTreeSet<String> = check.reviewed.iter().map(|(what, _)| (*what).to_owned()).collect();
        differences.extend(found.difference(&reviewed).map(|what| format!("{}: {what}", check.rule)));
        differences
            .extend(reviewed.difference(&found).map(|what| format!("{}: {what} was reviewed and is gone", check.rule)));
    }
    differences
}

#[tokio::test]
async fn the_catalogue_keeps_every_rule() {
    let client = catalogue().await;
    let differences = differences(&client).await;
    let relations: i64 = client.query_one("SELECT count(*) FROM relations", &[]).await.unwrap().get(0);
    println!("{differences:#?}");
    let proof = Proof::of("T5");
    proof.at_least("relations", relations, 31);
    proof.note("rules", CHECKS.len());
    proof.zero("violations", differences.len());
}

/// Ways to break the rules, each with what must notice.
const SABOTAGE: &[(&str, &str)] = &[
    ("ALTER TABLE app.units NO FORCE ROW LEVEL SECURITY", "row-level security is on"),
    ("ALTER TABLE app.units DISABLE ROW LEVEL SECURITY", "row-level security is on"),
    ("DROP POLICY units_tenant ON app.units", "one restrictive policy"),
    ("ALTER POLICY units_tenant ON app.units TO keystead_worker", "binds everybody with a grant"),
    ("ALTER POLICY units_tenant ON app.units USING (true)", "compares the tenant"),
    ("ALTER POLICY contacts_tenant ON app.contacts WITH CHECK (tenant_id IS NOT NULL)", "compares the tenant"),
    ("CREATE POLICY stray ON app.units FOR SELECT TO keystead_app USING (true)", "asks the context"),
    ("DROP POLICY plans_update ON app.plans", "permitted by a policy"),
    (
        "DROP POLICY plans_update ON app.plans;
        CREATE POLICY plans_update ON app.plans FOR UPDATE TO keystead_app, keystead_worker USING ((SELECT ctx.can('projects.manage')))",
        "checks what is written",
    ),
    ("GRANT UPDATE (tenant_id) ON app.units TO keystead_app", "no row can be moved"),
    ("GRANT TRUNCATE ON app.units TO keystead_app", "what policies do not reach"),
    ("GRANT TRIGGER ON app.units TO keystead_worker", "what policies do not reach"),
    ("GRANT SELECT (secret) ON app.planted TO keystead_app", "one restrictive policy"),
    ("GRANT SELECT ON identity.identities TO keystead_app", "stay out of what belongs to no tenant"),
    ("GRANT SELECT (pads) ON ctx.planted TO keystead_app", "stay out of what belongs to no tenant"),
    ("GRANT EXECUTE ON FUNCTION ctx.verified() TO keystead_app", "who may call what"),
    ("GRANT EXECUTE ON FUNCTION ctx.verified() TO PUBLIC", "PUBLIC may do nothing"),
    ("GRANT USAGE ON SCHEMA identity TO keystead_app", "who may enter which schema"),
    ("GRANT CREATE ON SCHEMA app TO keystead_app", "who may enter which schema"),
    ("CREATE UNIQUE INDEX planted_email ON app.members (email)", "unique constraints start with the tenant"),
    ("CREATE INDEX planted_lower ON app.members (tenant_id, lower(email))", "leakproof"),
    ("CREATE INDEX planted_gin ON app.roles USING gin (permissions)", "leakproof"),
    (
        "ALTER TABLE app.units ADD UNIQUE (id); ALTER TABLE app.contracts ADD CONSTRAINT planted FOREIGN KEY (unit_id) REFERENCES app.units (id)",
        "carry the tenant: planted",
    ),
    (
        "ALTER TABLE app.members ADD CONSTRAINT planted FOREIGN KEY (identity_id) REFERENCES identity.identities (id)",
        "directory of tenants only: planted",
    ),
    ("CREATE VIEW app.all_units AS SELECT * FROM app.units", "views ask as their caller"),
    ("CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.units", "views ask as their caller"),
    ("CREATE TABLE platform.planted (id uuid)", "every relation belongs to a tenant"),
    ("CREATE TABLE app.bare (id uuid)", "whose each row is"),
    ("GRANT SET ON PARAMETER backtrace_functions TO keystead_app", "may write what a verified context is kept in"),
    ("ALTER ROLE keystead_app SET backtrace_functions = 'x'", "may write what a verified context is kept in"),
    ("ALTER FUNCTION audit.record() RESET search_path", "pins its search path"),
    ("ALTER FUNCTION app.next_version() SET search_path = public, pg_catalog", "pins its search path"),
    ("ALTER FUNCTION app.next_version() SECURITY DEFINER", "owner's rights are known"),
    ("ALTER FUNCTION ctx.can(text) LEAKPROOF", "claims to be leakproof"),
    ("ALTER FUNCTION ctx.verified() OWNER TO keystead_app", "roles that are nobody"),
    ("ALTER ROLE keystead_app BYPASSRLS", "no power that they do not need"),
    ("ALTER ROLE keystead_owner LOGIN", "no power that they do not need"),
    ("GRANT keystead_owner TO keystead_app", "only the migration job"),
    ("ALTER ROLE keystead_app RESET statement_timeout", "starts with its limits"),
    ("DROP TRIGGER contracts_audit ON app.contracts", "leave an audit event"),
    ("ALTER TABLE app.contacts DISABLE TRIGGER contacts_audit", "leave an audit event"),
    ("DROP TRIGGER units_version ON app.units", "raise the row's version"),
    ("DROP POLICY units_select ON app.units", "permitted by a policy"),
    ("REVOKE SELECT ON app.units FROM keystead_app", "is also granted"),
    ("REVOKE SELECT ON app.units FROM keystead_backup", "a backup reads every relation"),
    ("GRANT DELETE ON app.units TO keystead_backup", "a backup reads every relation"),
    ("REVOKE USAGE ON SCHEMA identity FROM keystead_backup", "a backup reads every relation"),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE keystead_owner REVOKE SELECT ON TABLES FROM keystead_backup",
        "a backup reads what is made tomorrow",
    ),
    ("REVOKE SELECT ON app.contract_counters FROM keystead_app", "can read every table of the tenant"),
];

#[tokio::test]
async fn every_broken_rule_is_noticed() {
    let client = catalogue().await;
    let (proof, mut unnoticed) = (Proof::of("T5"), 0);
    let planted =
        "CREATE TABLE app.planted (tenant_id uuid NOT NULL, secret text); CREATE TABLE ctx.planted (pads bytea);";
    for (sabotage, noticed_as) in SABOTAGE {
        let planted = if sabotage.contains("app.planted") || sabotage.contains("ctx.planted") { planted } else { "" };
        // Roles are the cluster's: other tests must never see this, so nothing is ever committed.
        client
            .batch_execute(&format!("BEGIN; {planted} {sabotage}"))
            .await
            .unwrap_or_else(|error| panic!("{sabotage}: {error:?}"));
        let found = differences(&client).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        if !found.iter().any(|what| what.contains(noticed_as)) {
            println!("{sabotage} was not noticed as {noticed_as:?}: {found:#?}");
            unnoticed += 1;
        }
    }
    proof.note("rules-broken-on-purpose", SABOTAGE.len());
    proof.zero("broken-rules-unnoticed", unnoticed);
    assert!(differences(&client).await.is_empty());
}

/// The permissions that the database's policies and triggers ask for, by name.
async fn permissions_in_policies(client: &Client) -> BTreeSet<String> {
    let sql = "SELECT coalesce(condition, '') || ' ' || coalesce(check_condition, '') FROM policies
        UNION ALL SELECT prosrc FROM functions WHERE prosrc ~ 'ctx\\.can'";
    let name = Regex::new(r"[a-z]+\.[a-z]+").unwrap();
    let quoted = Regex::new(r"'(?:\{)?([a-z]+\.[a-z]+(?:,[a-z]+\.[a-z]+)*)\}?'").unwrap();
    let rows = client.query(sql, &[]).await.unwrap();
    let texts = rows.iter().map(|row| row.get::<_, String>(0));
    texts
        .flat_map(|text| quoted.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .flat_map(|list| name.find_iter(&list).map(|found| found.as_str().to_owned()).collect::<Vec<_>>())
        .collect()
}

/// What operations ask for: permissions, or `public`, `session` and `operator`.
fn permissions_in_document() -> BTreeSet<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    operations.filter_map(|operation| operation["x-permission"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn policies_operations_and_code_name_the_same_permissions() {
    let client = catalogue().await;
    let catalogue: BTreeSet<String> = Permission::ALL.iter().map(|permission| permission.name().to_owned()).collect();
    let policies = permissions_in_policies(&client).await;
    let operations = permissions_in_document();
    let others = ["public", "session", "operator"].map(str::to_owned).into();
    assert!(policies.is_subset(&catalogue), "unknown in policies: {:?}", policies.difference(&catalogue));
    assert!(
        operations.is_subset(&catalogue.union(&others).cloned().collect()),
        "unknown in operations: {operations:?}"
    );
    let used: BTreeSet<String> = policies.union(&operations).cloned().collect();
    assert!(catalogue.is_subset(&used), "never asked for: {:?}", catalogue.difference(&used));
    assert!(policies.len() > 10 && operations.len() > 10, "{policies:?} {operations:?}");
}
