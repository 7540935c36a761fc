//! Each rule broken on purpose.

/// Ways to break the rules, each with what must notice.
pub const SABOTAGE: &[(&str, &str)] = &[
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
    (
        "ALTER TABLE app.search_tokens DROP CONSTRAINT search_tokens_tenant_id_project_id_contact_id_fkey",
        "lead to the directory of tenants",
    ),
    ("ALTER TABLE app.roles DROP CONSTRAINT roles_tenant_id_fkey", "lead to the directory of tenants"),
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
    // Tenants' rows that the platform keeps.
    (
        "CREATE TABLE platform.planted (tenant_id uuid NOT NULL, secret text);
        GRANT SELECT (secret) ON platform.planted TO keystead_worker",
        "row-level security is on, for the owner too: platform.planted",
    ),
    (
        "ALTER TABLE platform.outbox NO FORCE ROW LEVEL SECURITY",
        "row-level security is on, for the owner too: platform.outbox",
    ),
    (
        "ALTER TABLE platform.share_tasks DISABLE ROW LEVEL SECURITY",
        "row-level security is on, for the owner too: platform.share_tasks",
    ),
    ("DROP POLICY outbox_tenant ON platform.outbox", "one restrictive policy: platform.outbox"),
    ("DROP POLICY share_tasks_tenant ON platform.share_tasks", "one restrictive policy: platform.share_tasks"),
    ("ALTER POLICY outbox_tenant ON platform.outbox WITH CHECK (true)", "outbox_tenant writes by true"),
    ("ALTER POLICY share_tasks_tenant ON platform.share_tasks WITH CHECK (true)", "share_tasks_tenant writes by true"),
    ("ALTER POLICY outbox_tenant ON platform.outbox USING (true)", "outbox_tenant reads by true"),
    (
        "ALTER POLICY outbox_tenant ON platform.outbox TO keystead_worker",
        "binds everybody with a grant: platform.outbox keystead_app INSERT",
    ),
    (
        "GRANT SELECT ON platform.share_tasks TO keystead_app",
        "permitted by a policy: platform.share_tasks keystead_app SELECT",
    ),
    ("GRANT UPDATE (tenant_id) ON platform.share_tasks TO keystead_app", "no row can be moved"),
    (
        "CREATE UNIQUE INDEX planted_recipient ON platform.outbox (recipient)",
        "unique constraints start with the tenant: planted_recipient",
    ),
    ("CREATE INDEX planted_created ON platform.share_tasks (created_at)", "start with the tenant: planted_created"),
    (
        "ALTER TABLE platform.share_tasks ALTER COLUMN tenant_id DROP NOT NULL",
        "whose each row is: platform.share_tasks",
    ),
    (
        "ALTER TABLE platform.share_tasks DROP CONSTRAINT share_tasks_tenant_id_fkey",
        "lead to the directory of tenants: platform.share_tasks",
    ),
    // What no other rule looks at.
    (
        "GRANT DELETE ON platform.events TO keystead_platform",
        "every grant is one that was reviewed: keystead_platform DELETE platform.events",
    ),
    (
        "GRANT UPDATE (detail) ON platform.events TO keystead_platform",
        "every grant is one that was reviewed: keystead_platform UPDATE platform.events (detail)",
    ),
    (
        "GRANT SELECT ON identity.sessions TO keystead_audit_ro",
        "every grant is one that was reviewed: keystead_audit_ro SELECT identity.sessions",
    ),
    (
        "REVOKE INSERT ON platform.events FROM keystead_platform",
        "every grant is one that was reviewed: keystead_platform INSERT platform.events was reviewed and is gone",
    ),
];
