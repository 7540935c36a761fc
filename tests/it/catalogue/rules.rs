//! The rules of the catalogue, each as a query for what breaks it.

/// A rule.
pub struct Check {
    /// What it says.
    pub rule: &'static str,
    /// Yields one column: what breaks the rule.
    pub breaches: &'static str,
    /// What may, and why.
    pub reviewed: &'static [(&'static str, &'static str)],
}

const NOTHING: &[(&str, &str)] = &[];

/// What the checks select from. Everything that is not PostgreSQL's own is ours. Every table in `app` and `audit` is a
/// tenant table, whatever it looks like; elsewhere, whichever names a tenant and is open to the API or the worker.
pub const VIEWS: &str = r"
CREATE TEMP VIEW ours AS SELECT oid, nspname AS name, nspacl, nspowner FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';
CREATE TEMP VIEW relations AS SELECT c.*, s.name AS schema, s.name || '.' || c.relname AS name
    FROM pg_class c JOIN ours s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S');
CREATE TEMP VIEW all_grants AS
    SELECT g.*, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END AS role FROM (
        SELECT r.oid, r.name, r.schema, r.relispartition, a.grantee, a.privilege_type AS privilege
            FROM relations r, aclexplode(r.relacl) a WHERE a.grantee <> r.relowner
        UNION SELECT r.oid, r.name, r.schema, r.relispartition, a.grantee, a.privilege_type
            FROM relations r JOIN pg_attribute c ON c.attrelid = r.oid, aclexplode(c.attacl) a WHERE a.grantee <> r.relowner) g;
-- Backups have rules of their own: they read everything, policies or not.
CREATE TEMP VIEW grants AS SELECT * FROM all_grants WHERE role <> 'keystead_backup';
CREATE TEMP VIEW tenant_tables AS SELECT r.* FROM relations r WHERE r.relkind IN ('r', 'p') AND (
    r.schema IN ('app', 'audit')
    OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
    AND EXISTS (SELECT FROM grants g WHERE g.oid = r.oid AND g.role IN ('keystead_app', 'keystead_worker', 'PUBLIC')));
CREATE TEMP VIEW policies AS SELECT p.*, r.name, r.schema, r.relowner, r.name || ' ' || p.polname AS policy,
        pg_get_expr(polqual, polrelid) AS condition, pg_get_expr(polwithcheck, polrelid) AS check_condition
    FROM pg_policy p JOIN relations r ON r.oid = p.polrelid;
CREATE TEMP VIEW functions AS SELECT p.*, s.name || '.' || p.proname AS name, pg_get_userbyid(p.proowner) AS owner
    FROM pg_proc p JOIN ours s ON s.oid = p.pronamespace;
CREATE TEMP VIEW keystead_roles AS SELECT * FROM pg_roles WHERE rolname ~ '^keystead';
";

/// Every rule.
pub const CHECKS: &[Check] = &[
    Check {
        rule: "every relation belongs to a tenant",
        breaches: "SELECT name FROM relations WHERE schema NOT IN ('app', 'audit')
            AND oid NOT IN (SELECT oid FROM tenant_tables)",
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
            ("platform.events", "the operators' trail"),
            ("platform.operator_invitations", "who is asked to run the platform"),
            ("platform.directory", "the epoch of what edges route by"),
            ("platform.domains", "which host is whose, before a tenant is known"),
            ("platform.edge_nonces", "numbers of requests, for a minute"),
            ("platform.audit_log", "how many entries the cell's log has, and the hashes above them"),
        ],
    },
    Check {
        rule: "a tenant table says whose each row is",
        breaches: "SELECT name FROM tenant_tables t WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid
            AND a.attname = 'tenant_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull AND NOT a.attisdropped)",
        reviewed: &[("platform.outbox", "the platform's own mail is no tenant's")],
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
        breaches: "SELECT p.policy || w.does || coalesce(w.asked, 'nothing')
            FROM policies p,
                LATERAL (VALUES (' reads by ', p.condition), (' writes by ', p.check_condition)) w(does, asked)
            WHERE NOT p.polpermissive AND p.polrelid IN (SELECT oid FROM tenant_tables) AND (p.polcmd <> '*'
                OR w.asked IS DISTINCT FROM '(tenant_id = ( SELECT ctx.tenant_id() AS tenant_id))')",
        reviewed: &[
            ("platform.outbox outbox_tenant reads by false", "a tenant adds mail and sees none"),
            ("platform.share_tasks share_tasks_tenant reads by false", "a tenant adds tasks and sees none"),
        ],
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
            ("audit.checkpoints keystead_audit_ro SELECT", "the verifier reads every chain"),
            ("platform.outbox keystead_platform SELECT", "operators look after everybody's mail"),
            ("platform.outbox keystead_platform INSERT", "its own mail, and mail to who is no member yet"),
            ("platform.outbox keystead_platform UPDATE", "operators send again what was parked"),
            ("platform.outbox keystead_worker SELECT", "sends everybody's mail"),
            ("platform.outbox keystead_worker UPDATE", "sends everybody's mail"),
            ("platform.outbox keystead_worker DELETE", "sends everybody's mail"),
            ("platform.share_tasks keystead_worker SELECT", "settles everybody's shares"),
            ("platform.share_tasks keystead_worker UPDATE", "settles everybody's shares"),
            ("platform.share_tasks keystead_worker DELETE", "settles everybody's shares"),
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
            ("app.phases phases_for_sale", "the same trigger asks whether the home's phase is released"),
            ("app.projects projects_for_sale", "the same trigger asks whether the home's project is active"),
            ("app.contract_counters contract_counters_derived", "the trigger that numbers contracts, within the tenant"),
            ("audit.events events_writer", "triggers only; they check the tenant themselves"),
            ("audit.heads heads_writer", "the sequencer"),
            ("audit.checkpoints checkpoints_writer", "who states and signs heads"),
            ("audit.events events_verifier", "the verifier reads every chain"),
            ("audit.heads heads_verifier", "the verifier reads every chain"),
            ("audit.checkpoints checkpoints_verifier", "the verifier reads every chain"),
            ("platform.outbox outbox_insert", "the restrictive policy beside it checks the tenant"),
            ("platform.outbox outbox_platform", "the platform's own work"),
            ("platform.share_tasks share_tasks_insert", "the restrictive policy beside it checks the tenant"),
            ("platform.share_tasks share_tasks_worker", "the platform's own work"),
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
        reviewed: &[
            ("outbox_pkey", "some rows have no tenant; tells whether an id that one knows is that of a waiting mail"),
            ("share_tasks_pkey", "the worker names tasks by their ids, which are random and which nobody else is told"),
        ],
    },
    Check {
        rule: "other indexes start with the tenant",
        breaches: "SELECT c.relname::text FROM pg_index i JOIN tenant_tables t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT i.indisunique AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0]
                AND a.attname = 'tenant_id')",
        reviewed: &[
            ("invitations_by_token", "the platform finds an invitation by its token"),
            ("members_by_identity", "the platform finds a login's memberships"),
            ("outbox_due", "the worker takes what is due, whoever's it is"),
            ("outbox_parked", "operators look at what was parked, whoever's it is"),
            ("share_tasks_due", "the worker takes what is due, whoever's it is"),
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
        rule: "every row's tenant exists: its references lead to the directory of tenants",
        breaches: "WITH RECURSIVE vouched AS (
                SELECT 'platform.tenants'::regclass::oid AS oid
                UNION SELECT k.conrelid FROM vouched v JOIN pg_constraint k ON k.confrelid = v.oid AND k.contype = 'f'
                    AND NOT EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND NOT a.attnotnull))
            SELECT t.name FROM tenant_tables t WHERE t.oid NOT IN (SELECT oid FROM vouched)",
        reviewed: &[
            ("audit.events", "written by the triggers of rows whose tenant exists"),
            ("audit.heads", "written with the events"),
            ("audit.checkpoints", "written of the heads"),
            ("platform.outbox", "the platform's own mail names no tenant; what is named exists"),
        ],
    },
    Check {
        rule: "functions with their owner's rights are known",
        breaches: "SELECT name || ' as ' || owner FROM functions WHERE prosecdef",
        reviewed: &[
            ("ctx.enter as keystead_ctx", "reads the key that verifies contexts, keeps what it verified"),
            ("audit.record as keystead_audit", "the one writer of the trail"),
            ("audit.sequence as keystead_audit", "chains the trail, across tenants"),
            ("audit.state_heads as keystead_audit", "states how far chains have come, across tenants"),
            ("audit.unsigned as keystead_audit", "what of it waits for a signature"),
            ("audit.sign as keystead_audit", "keeps the signature"),
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
            ("keystead_app ctx.anywhere", "policies"),
            ("keystead_app ctx.projects", "policies"),
            ("keystead_app app.next_version", "trigger"),
            ("keystead_app app.contract_moves", "trigger"),
            ("keystead_app app.change_own_profile", "one's own name, language and time zone"),
            ("keystead_app app.refuse_erased_party", "trigger"),
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
            ("keystead_worker ctx.anywhere", "policies"),
            ("keystead_worker ctx.projects", "policies"),
            ("keystead_worker app.next_version", "trigger"),
            ("keystead_worker app.contract_moves", "trigger"),
            ("keystead_worker app.refuse_erased_party", "trigger"),
            ("keystead_worker audit.record", "trigger"),
            ("keystead_worker audit.canonical", "as for keystead_app"),
            ("keystead_worker audit.leaf", "as for keystead_app"),
            ("keystead_worker audit.sequence", "chains the trail"),
            ("keystead_worker audit.state_heads", "states how far chains have come"),
            ("keystead_worker audit.unsigned", "has it signed"),
            ("keystead_worker audit.sign", "has it signed"),
            ("keystead_platform platform.next_epoch", "what edges route by has changed"),
            ("keystead_audit_ro ctx.field", "policies"),
            ("keystead_audit_ro ctx.tenant_id", "policies"),
            ("keystead_audit_ro ctx.actor_id", "policies"),
            ("keystead_audit_ro ctx.can", "policies"),
            ("keystead_audit_ro ctx.can_any", "policies"),
            ("keystead_audit_ro ctx.all_projects", "policies"),
            ("keystead_audit_ro ctx.project_ids", "policies"),
            ("keystead_audit_ro ctx.anywhere", "policies"),
            ("keystead_audit_ro ctx.projects", "policies"),
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
            ("keystead_app INSERT platform.share_tasks", "that a tenant's shares have something to do, as the tenant"),
            ("keystead_worker SELECT platform.outbox", "sends mail"),
            ("keystead_worker UPDATE platform.outbox", "sends mail"),
            ("keystead_worker DELETE platform.outbox", "sends mail"),
            ("keystead_worker SELECT platform.share_tasks", "settles shares"),
            ("keystead_worker UPDATE platform.share_tasks", "settles shares"),
            ("keystead_worker DELETE platform.share_tasks", "settles shares"),
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
        reviewed: &[
            ("platform.outbox", "mail on its way is no part of what a tenant keeps"),
            ("platform.share_tasks", "work to do; who restores a tenant asks for it anew"),
        ],
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
        breaches: "SELECT name FROM tenant_tables t WHERE schema <> 'audit' AND NOT EXISTS (SELECT FROM pg_trigger g
            WHERE g.tgrelid = t.oid AND g.tgfoid = 'audit.record'::regproc AND g.tgenabled = 'O' AND g.tgtype = 29)",
        reviewed: &[
            ("app.idempotency_keys", "kept answers are no business"),
            ("app.import_errors", "part of the import's report"),
            ("app.subject_keys", "come and go with contacts"),
            ("app.search_tokens", "derived from contacts"),
            ("app.contract_counters", "derived from contracts"),
            ("platform.outbox", "what a mail tells of is on record"),
            ("platform.share_tasks", "what a task is about is on record"),
        ],
    },
    Check {
        rule: "changes raise the row's version",
        breaches: "SELECT name FROM tenant_tables t WHERE schema <> 'audit' AND NOT EXISTS (SELECT FROM pg_trigger g
            WHERE g.tgrelid = t.oid AND g.tgfoid = 'app.next_version'::regproc AND g.tgenabled = 'O')",
        reviewed: &[
            ("app.search_tokens", "never change: nobody has the right to"),
            ("platform.outbox", "no member reads or changes mail on its way"),
            ("platform.share_tasks", "no member reads or changes tasks"),
        ],
    },
    Check {
        rule: "the server has the fixes that policies depend on (CVE-2025-8713)",
        breaches: "SELECT v::text FROM (SELECT current_setting('server_version_num')::integer) s(v)
            WHERE v < CASE v / 10000 WHEN 15 THEN 150014 WHEN 16 THEN 160010 WHEN 17 THEN 170006 ELSE 180000 END",
        reviewed: NOTHING,
    },
];
