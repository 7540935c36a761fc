-- What a hostile session tries that holds the API's role and a valid context of its own tenant (security rule T7).
--
-- `-- #` names a group, `-- ##` an attack; a statement ends with a semicolon at the end of a line. After the attack's name:
--   (oracle)       runs against the victim's ids and against ids that nobody has, and is undone: the two must not be told apart
--   (rolled back)  would change what all databases of the cluster share, so it is never committed
--   = 42501        the first statement must be refused with this SQLSTATE
-- {own} {own_project} {own_phase} {own_unit} {own_contact} {own_contract} {own_member} {own_role} {own_plan} are the attacker's;
-- {tenant} {project} {phase} {unit} {contact} {contract} {member} {role} {plan} {building} {file} {import} {email} the target's;
-- {ctx} is the attacker's signed context, {forged} the same with the victim's tenant; {table} is every tenant table, {relation}
-- everything that is ours.

-- # the context's setting
-- ## another tenant by set_config
SELECT set_config('backtrace_functions', '{forged}', true);
-- ## another tenant for the whole session
SELECT set_config('backtrace_functions', '{forged}', false);
-- ## another tenant by SET
SET backtrace_functions = '{forged}';
-- ## another tenant by SET LOCAL
SET LOCAL backtrace_functions = '{forged}';
-- ## replace within the value that is there
SELECT set_config('backtrace_functions', replace(current_setting('backtrace_functions', true), replace('{own}', '-', ''), replace('{tenant}', '-', '')), true);
-- ## only the tenant's id
SELECT set_config('backtrace_functions', '{tenant}', true);
-- ## empty
SET LOCAL backtrace_functions = '';
-- ## absent
RESET backtrace_functions;
-- ## to its default
SET backtrace_functions TO DEFAULT;
-- ## reset everything
RESET ALL;
-- ## forget everything
DISCARD ALL;
-- ## forget plans
DISCARD PLANS;
-- ## forget sequences
DISCARD SEQUENCES;
-- ## forget temporary objects
DISCARD TEMP;
-- ## read it
SELECT current_setting('backtrace_functions', true);
-- ## through the settings view
UPDATE pg_settings SET setting = '{forged}' WHERE name = 'backtrace_functions';
-- ## list every setting
SELECT name, setting, reset_val, boot_val FROM pg_settings;
-- ## show every setting
SHOW ALL;
-- ## settings of the file
SELECT * FROM pg_file_settings;
-- ## a context with an empty key = 42501
SELECT ctx.enter(regexp_replace('{forged}', '^([^|]*\|[^|]*)\|[^|]*\|', '\1||'));
-- ## a context with the tenant twice = 42501
SELECT ctx.enter(replace('{ctx}', replace('{own}', '-', ''), replace('{own}', '-', '') || E'\n' || replace('{tenant}', '-', '')));
-- ## a context with another tenant ahead of one's own = 42501
SELECT ctx.enter(replace('{ctx}', replace('{own}', '-', ''), replace('{tenant}', '-', '') || ',' || replace('{own}', '-', '')));
-- ## a context of another version = 42501
SELECT ctx.enter(regexp_replace('{ctx}', '^v2', 'v1'));
-- ## a context in capital letters = 42501
SELECT ctx.enter(upper('{ctx}'));
-- ## the parameter that keeps what was verified, by SET LOCAL = 42501
SET LOCAL backtrace_functions = '{tenant}';
-- ## the parameter that keeps what was verified, by SET = 42501
SET backtrace_functions = '{forged}';
-- ## the parameter that keeps what was verified, by set_config = 42501
SELECT set_config('backtrace_functions', '{tenant}', true);
-- ## the parameter that keeps what was verified, for the session = 42501
SELECT set_config('backtrace_functions', '{forged}', false);
-- ## the parameter that keeps what was verified, through the view = 42501
UPDATE pg_settings SET setting = '{tenant}' WHERE name = 'backtrace_functions';
-- ## the parameter that keeps what was verified, for the role = 42501 (rolled back)
ALTER ROLE keystead_app SET backtrace_functions = '{tenant}';
-- ## the parameter that keeps what was verified, for all roles = 42501 (rolled back)
ALTER ROLE ALL SET backtrace_functions = '{tenant}';
-- ## the parameter that keeps what was verified, for the role here = 42501 (rolled back)
ALTER ROLE keystead_app IN DATABASE template1 SET backtrace_functions = '{tenant}';
-- ## the parameter that keeps what was verified, for a function = 42501
CREATE FUNCTION app.stained() RETURNS integer LANGUAGE sql SET backtrace_functions = '{tenant}' AS 'SELECT 1';
-- ## the parameter that keeps what was verified, granted
GRANT SET ON PARAMETER backtrace_functions TO keystead_app;
-- ## the parameter that keeps what was verified, of the cluster
ALTER SYSTEM SET backtrace_functions = '{tenant}';
-- ## the parameter that keeps what was verified, reset
RESET backtrace_functions;
-- ## the parameter that keeps what was verified, read
SELECT current_setting('backtrace_functions', true);
-- ## the parameter that keeps what was verified, shown
SHOW backtrace_functions;
-- ## another tenant after a savepoint
SAVEPOINT here;
SELECT set_config('backtrace_functions', '{forged}', true);
ROLLBACK TO SAVEPOINT here;
SELECT t::text FROM app.units t;
-- ## another tenant in a transaction of its own
COMMIT;
BEGIN;
SET LOCAL backtrace_functions = '{forged}';
SELECT t::text FROM app.units t;
-- ## no context at all
COMMIT;
SELECT t::text FROM app.units t;
-- ## one's own context after the transaction
COMMIT;
SELECT count(*), current_setting('backtrace_functions', true) FROM app.units;
-- ## prepared transactions
PREPARE TRANSACTION 'attack';
-- ## a context inside a read-only transaction
SET TRANSACTION READ ONLY;
SELECT set_config('backtrace_functions', '{forged}', true), (SELECT count(*) FROM app.units);
-- ## a context set by the query that reads
SELECT set_config('backtrace_functions', '{forged}', true), t::text FROM app.units t;
-- ## a context set by a common table expression
WITH c AS MATERIALIZED (SELECT set_config('backtrace_functions', '{forged}', true)) SELECT t::text FROM c, app.units t;
-- ## a context set row by row
SELECT t::text FROM app.units t WHERE set_config('backtrace_functions', '{forged}', true) <> '';
-- ## a context set in ORDER BY
SELECT t::text FROM app.units t ORDER BY set_config('backtrace_functions', '{forged}', true);
-- ## a context set in LIMIT
SELECT t::text FROM app.units t LIMIT length(set_config('backtrace_functions', '{forged}', true));
-- ## a context set in a lateral join
SELECT t::text FROM (SELECT set_config('backtrace_functions', '{forged}', true)) c, LATERAL (SELECT * FROM app.units WHERE c IS NOT NULL) t;
-- ## a context set in a DO block
DO $$ DECLARE r record; BEGIN PERFORM set_config('backtrace_functions', '{forged}', true); FOR r IN SELECT t::text FROM app.units t LOOP RAISE NOTICE '%', r; END LOOP; END $$;

-- # entering
-- ## another's context under one's own MAC = 42501
SELECT ctx.enter('{forged}');
-- ## another's context after one's own = 42501
SELECT ctx.enter(replace('{ctx}', replace('{own}', '-', ''), replace('{tenant}', '-', '')));
-- ## another's context without a MAC = 42501
SELECT ctx.enter(regexp_replace('{forged}', '[0-9a-f]{64}$', ''));
-- ## another's context with a MAC of zeros = 42501
SELECT ctx.enter(regexp_replace('{forged}', '[0-9a-f]{64}$', repeat('0', 64)));
-- ## more permissions than were signed = 42501
SELECT ctx.enter(replace('{ctx}', 'units__read', 'units__read,everything'));
-- ## a longer life = 42501
SELECT ctx.enter(regexp_replace('{ctx}', '\|[0-9]{10}\|', '|4000000000|'));
-- ## a line feed within = 42501
SELECT ctx.enter(replace('{ctx}', E'\nmember\n', E'\nmember\n{tenant}\n'));
-- ## a line feed behind = 42501
SELECT ctx.enter('{ctx}' || E'\n{tenant}');
-- ## nothing = 42501
SELECT ctx.enter('');
-- ## NULL = 42501
SELECT ctx.enter(NULL);
-- ## one's own again
SELECT ctx.enter('{ctx}');
SELECT t::text FROM app.units t;
-- ## one's own for the next transaction
SELECT ctx.enter('{ctx}');
COMMIT;
SELECT t::text FROM app.units t;
-- ## a savepoint that is undone
SAVEPOINT here;
SELECT ctx.enter('{forged}');
ROLLBACK TO SAVEPOINT here;
SELECT t::text FROM app.units t;
-- ## row by row
SELECT t::text FROM app.units t, LATERAL ctx.enter('{forged}');
-- ## beneath another search path
SET LOCAL search_path = pg_temp, public, pg_catalog;
SELECT ctx.enter('{forged}');
-- ## in a block that forgives
DO $$ BEGIN PERFORM ctx.enter('{forged}'); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLERRM, (SELECT count(*) FROM app.units); END $$;
-- ## every field
SELECT n, CASE WHEN n <> 0 THEN ctx.field(n) END FROM generate_series(-8, 8) n;
-- ## forgotten while a cursor is open
DECLARE c CURSOR FOR SELECT t::text FROM app.units t;
RESET ALL;
FETCH ALL FROM c;
-- ## forgotten while a plan is kept
PREPARE stale AS SELECT t::text FROM app.units t;
EXECUTE stale;
RESET ALL;
EXECUTE stale;
-- ## replaced for everybody = 42501
CREATE OR REPLACE FUNCTION ctx.field(number integer) RETURNS text LANGUAGE sql AS $$ SELECT replace('{tenant}', '-', '') $$;
-- ## a function that has the right
CREATE FUNCTION app.enter() RETURNS void LANGUAGE sql SET backtrace_functions FROM CURRENT AS 'SELECT';
-- ## who may set it
SELECT * FROM pg_parameter_acl;

-- # the verifier
-- ## who am I
SELECT ctx.tenant_id(), ctx.actor_id(), ctx.all_projects(), ctx.project_ids();
-- ## the whole verified context = 42501
SELECT ctx.verified();
-- ## the key that signs = 42501
SELECT * FROM ctx.keys;
-- ## the key that signs, counted = 42501
SELECT count(*) FROM ctx.keys;
-- ## the key that signs, as it was changed = 42501
UPDATE ctx.keys SET kid = kid;
-- ## a key of one's own = 42501
INSERT INTO ctx.keys (kid, inner_pad, outer_pad) VALUES ('mine', decode(repeat('36', 64), 'hex'), decode(repeat('5c', 64), 'hex'));
-- ## no key = 42501
DELETE FROM ctx.keys;
-- ## the key's statistics
SELECT * FROM pg_stats WHERE schemaname = 'ctx';
-- ## the key's file
SELECT pg_relation_filepath('ctx.keys');
-- ## the verifier's text
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('ctx', 'audit', 'app');
-- ## the verifier replaced = 42501
CREATE OR REPLACE FUNCTION ctx.tenant_id() RETURNS uuid LANGUAGE sql AS $$ SELECT '{tenant}'::uuid $$;
-- ## the verifier altered
ALTER FUNCTION ctx.tenant_id() RESET ALL;
-- ## the verifier's search path
ALTER FUNCTION ctx.tenant_id() SET search_path = public;
-- ## the verifier's rights
ALTER FUNCTION ctx.tenant_id() SECURITY INVOKER;
-- ## the verifier's owner
ALTER FUNCTION ctx.tenant_id() OWNER TO keystead_app;
-- ## the verifier dropped
DROP FUNCTION ctx.tenant_id() CASCADE;
-- ## the verifier renamed
ALTER FUNCTION ctx.tenant_id() RENAME TO tenant_id_2;
-- ## the verifier's execution granted
GRANT EXECUTE ON FUNCTION ctx.verified() TO keystead_app;
-- ## another context's type
SELECT ROW('{tenant}', NULL, 'member', NULL, true, NULL, NULL)::ctx.verified_context;
-- ## the audit trigger by hand
SELECT audit.record();
-- ## the audit chain by hand
SELECT audit.sequence(1000);
-- ## somebody else's leaf
SELECT audit.leaf(e) FROM audit.events e;
-- ## a made-up leaf
SELECT audit.leaf(ROW('{tenant}', gen_random_uuid(), now(), 'member', gen_random_uuid(), 'a.b', 'a', gen_random_uuid(), NULL, gen_random_uuid(), NULL, NULL, NULL, NULL)::audit.events);
-- ## canonical JSON that is deep
SELECT audit.canonical((repeat('[', 200) || repeat(']', 200))::jsonb);
-- ## the version trigger by hand
SELECT app.next_version();
-- ## the state machine by hand
SELECT app.contract_moves();
-- ## a permission nobody has
SELECT ctx.can('everything'), ctx.can(NULL), ctx.can_any('{}');

-- # roles
-- ## the owner = 42501
SET ROLE keystead_owner;
-- ## the context's owner = 42501
SET ROLE keystead_ctx;
-- ## the trail's owner = 42501
SET ROLE keystead_audit;
-- ## the one who derives = 42501
SET ROLE keystead_derive;
-- ## the migration = 42501
SET ROLE keystead_migrate;
-- ## the platform = 42501
SET ROLE keystead_platform;
-- ## the worker = 42501
SET ROLE keystead_worker;
-- ## the backup = 42501
SET ROLE keystead_backup;
-- ## the auditor = 42501
SET ROLE keystead_audit_ro;
-- ## the superuser
SET ROLE postgres;
-- ## nobody
SET ROLE NONE;
-- ## back to whoever it was
RESET ROLE;
-- ## by a setting = 42501
SELECT set_config('role', 'keystead_owner', true);
-- ## another session user = 42501
SET SESSION AUTHORIZATION keystead_owner;
-- ## the default session user
SET SESSION AUTHORIZATION DEFAULT;
-- ## another session user by a setting = 42501
SELECT set_config('session_authorization', 'keystead_backup', false);
-- ## membership = 42501 (rolled back)
GRANT keystead_owner TO keystead_app;
-- ## membership of the server's own roles (rolled back)
GRANT pg_read_all_data TO keystead_app;
-- ## bypassing policies (rolled back) = 42501
ALTER ROLE keystead_app BYPASSRLS;
-- ## superuser (rolled back) = 42501
ALTER ROLE keystead_app SUPERUSER;
-- ## creating roles (rolled back) = 42501
CREATE ROLE intruder LOGIN SUPERUSER;
-- ## a weaker default for the next sessions (rolled back)
ALTER ROLE keystead_app SET row_security = off;
-- ## a context for the next sessions (rolled back)
ALTER ROLE keystead_app SET backtrace_functions = '{forged}';
-- ## another role's defaults (rolled back) = 42501
ALTER ROLE keystead_backup SET backtrace_functions = '{forged}';
-- ## dropping a role (rolled back) = 42501
DROP ROLE keystead_owner;
-- ## taking over what another owns = 42501
REASSIGN OWNED BY keystead_owner TO keystead_app;
-- ## default privileges = 42501
ALTER DEFAULT PRIVILEGES FOR ROLE keystead_owner GRANT ALL ON TABLES TO keystead_app;
-- ## passwords = 42501
SELECT * FROM pg_authid;
-- ## passwords of logins = 42501
SELECT * FROM pg_shadow;
-- ## who there is
SELECT * FROM pg_roles;
-- ## defaults of roles
SELECT * FROM pg_db_role_setting;
-- ## who may log in from where
SELECT * FROM pg_hba_file_rules;

-- # row security
-- ## off
SET row_security = off;
SELECT t::text FROM {table} t;
-- ## off for the transaction
SET LOCAL row_security = off;
SELECT count(*) FROM {table};
-- ## off by a setting
SELECT set_config('row_security', 'off', false);
SELECT t::text FROM {table} t;
-- ## disabled
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
-- ## not forced
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
-- ## a policy that lets everything through = 42501
CREATE POLICY stray ON {table} USING (true);
-- ## the tenant's policy dropped
DROP POLICY units_tenant ON app.units;
-- ## the tenant's policy altered
ALTER POLICY units_tenant ON app.units USING (true);
-- ## the tenant's policy for another role
ALTER POLICY units_tenant ON app.units TO keystead_worker;
-- ## the text of policies
SELECT * FROM pg_policies;
-- ## policies by their expression
SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy;
-- ## is it active
SELECT relname, row_security_active(oid) FROM pg_class WHERE relkind = 'r';
-- ## the replica's role
SET session_replication_role = replica;
-- ## triggers off
ALTER TABLE {table} DISABLE TRIGGER ALL;
-- ## a rule instead
CREATE RULE leak AS ON SELECT TO app.units DO INSTEAD SELECT * FROM app.contacts;
-- ## owner's rights on a table
ALTER TABLE {table} OWNER TO keystead_app;

-- # plain reading
-- ## everything
SELECT t::text FROM {table} t;
-- ## by tenant (oracle)
SELECT t::text FROM {table} t WHERE tenant_id = '{tenant}';
-- ## by tenant, without an index (oracle)
SELECT t::text FROM {table} t WHERE tenant_id::text = '{tenant}';
-- ## as JSON
SELECT to_jsonb(t), row_to_json(t), hstore_to_json FROM {table} t, (SELECT NULL AS hstore_to_json) x;
-- ## only the table itself
SELECT t::text FROM ONLY {table} t;
-- ## sampled by blocks
SELECT t::text FROM {table} t TABLESAMPLE SYSTEM (100);
-- ## sampled by rows
SELECT t::text FROM {table} t TABLESAMPLE BERNOULLI (100) REPEATABLE (1);
-- ## system columns
SELECT ctid, xmin, xmax, cmin, cmax, tableoid, t::text FROM {table} t;
-- ## by place
SELECT t::text FROM {table} t WHERE ctid = ANY (ARRAY(SELECT format('(%s,%s)', b, i)::tid FROM generate_series(0, 3) b, generate_series(1, 60) i));
-- ## by a range of places
SELECT t::text FROM {table} t WHERE ctid >= '(0,0)' AND ctid < '(1000,0)';
-- ## by the transaction that wrote it
SELECT count(*), min(xmin::text::bigint) FROM {table};
-- ## the reverse condition
SELECT t::text FROM {table} t WHERE tenant_id <> ctx.tenant_id();
-- ## three-valued logic
SELECT t::text FROM {table} t WHERE tenant_id = '{tenant}' OR NULL;
-- ## joined with itself
SELECT a::text, b::text FROM {table} a FULL JOIN {table} b ON a.tenant_id <> b.tenant_id;
-- ## an outer join from the target (oracle)
SELECT x.id, t::text FROM (VALUES ('{tenant}'::uuid)) x(id) LEFT JOIN {table} t ON t.tenant_id = x.id;
-- ## in a common table expression
WITH t AS NOT MATERIALIZED (SELECT * FROM {table}) SELECT t::text FROM t WHERE tenant_id = '{tenant}';
-- ## recursively
WITH RECURSIVE r AS (SELECT tenant_id FROM {table} UNION SELECT t.tenant_id FROM {table} t JOIN r ON t.tenant_id > r.tenant_id) SELECT * FROM r;
-- ## aggregated
SELECT string_agg(t::text, ';'), count(*), max(tenant_id::text) FROM {table} t;
-- ## in windows
SELECT first_value(t::text) OVER (ORDER BY tenant_id), count(*) OVER (), rank() OVER (ORDER BY tenant_id) FROM {table} t;
-- ## grouped
SELECT tenant_id, count(*) FROM {table} GROUP BY ROLLUP (tenant_id);
-- ## in a set operation
SELECT tenant_id FROM {table} EXCEPT ALL SELECT ctx.tenant_id();
-- ## locked
SELECT t::text FROM {table} t FOR KEY SHARE;
-- ## locked without waiting
SELECT t::text FROM {table} t WHERE tenant_id = '{tenant}' FOR UPDATE SKIP LOCKED;
-- ## by TABLE
TABLE {table};
-- ## by query_to_xml
SELECT query_to_xml('SELECT * FROM {table}', true, false, '');
-- ## by table_to_xml
SELECT table_to_xml('{table}', true, false, '');
-- ## by schema_to_xml
SELECT schema_to_xml('app', true, false, '');
-- ## by database_to_xml
SELECT database_to_xml(true, false, '');
-- ## by cursor_to_xml
DECLARE c CURSOR FOR SELECT * FROM {table};
SELECT cursor_to_xml('c', 1000, true, false, '');
-- ## by ts_stat
SELECT * FROM ts_stat('SELECT to_tsvector(t::text) FROM {table} t');
-- ## by a rewritten text query
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, to_tsquery(''simple'', quote_literal(tenant_id::text)) FROM {table}');
-- ## what is nobody's but ours = 42501
SELECT * FROM identity.identities;
-- ## sessions = 42501
SELECT * FROM identity.sessions;
-- ## the directory of tenants = 42501
SELECT * FROM platform.tenants;
-- ## applications = 42501
SELECT * FROM platform.signups;
-- ## waiting mail = 42501
SELECT * FROM platform.outbox;
-- ## waiting work on shares = 42501
SELECT * FROM platform.share_tasks;
-- ## signing keys = 42501
SELECT * FROM platform.signing_keys;
-- ## the operators' trail = 42501
SELECT * FROM platform.events;
-- ## everything that is ours
SELECT t::text FROM {relation} t;
-- ## everything that is ours, counted
SELECT count(*) FROM {relation};

-- # conditions that see rows before the policy
-- ## a cast that fails on the value
SELECT count(*) FROM {table} t WHERE (t::text)::integer > 0;
-- ## a division by what is there (oracle)
SELECT count(*) FROM {table} WHERE 1 / (CASE WHEN tenant_id = '{tenant}' THEN 0 ELSE 1 END) > 0;
-- ## a function that tells (oracle)
SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}' AND set_config('a.seen', tenant_id::text, true) <> '';
SELECT current_setting('a.seen', true);
-- ## a notice for each row
SELECT count(*) FROM {table} t WHERE query_to_xml(format('SELECT %L', t::text), true, false, '')::text LIKE '%{guess}%';
-- ## a lock for each row
SELECT count(*) FROM {table} WHERE pg_try_advisory_xact_lock(hashtext(tenant_id::text));
SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory';
-- ## a regular expression
SELECT count(*) FROM {table} t WHERE t::text ~ '({guess})\1{0}';
-- ## LIKE
SELECT count(*) FROM {table} t WHERE t::text LIKE '%{guess}%';
-- ## a JSON path
SELECT count(*) FROM {table} t WHERE to_jsonb(t) @? '$.** ? (@ starts with "{guess}")';
-- ## a subquery in the condition (oracle)
SELECT EXISTS (SELECT FROM {table} WHERE tenant_id = '{tenant}');
-- ## the plan's rows
EXPLAIN SELECT * FROM {table} WHERE tenant_id = '{tenant}';
-- ## the plan as it ran
EXPLAIN (ANALYZE, VERBOSE, BUFFERS, FORMAT JSON) SELECT * FROM {table};
-- ## the plan's rows for a value (oracle)
EXPLAIN (COSTS OFF) SELECT * FROM app.units WHERE number = (SELECT '{unit}');
-- ## how rows were filtered
EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM {table} t WHERE t::text LIKE '%{guess}%';
-- ## how an insert would go
EXPLAIN (ANALYZE) INSERT INTO app.import_mappings (tenant_id, id, name, mapping) VALUES ('{tenant}', gen_random_uuid(), 'x', '{}');
-- ## with costs that favour the policy last
SET LOCAL enable_seqscan = off;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT count(*) FROM {table} t WHERE t::text LIKE '%{guess}%';
-- ## with another planner
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL from_collapse_limit = 1;
SELECT count(*) FROM {table} a JOIN {table} b USING (tenant_id) WHERE a::text LIKE '%{guess}%';
-- ## with parallel workers
SET LOCAL force_parallel_mode = on;
SET LOCAL parallel_setup_cost = 0;
SELECT t::text FROM {table} t;
-- ## with debugging
SET LOCAL debug_print_plan = on;
SET LOCAL client_min_messages = debug5;
SELECT t::text FROM {table} t;
-- ## with every statement echoed
SET LOCAL log_statement = 'all';
SET LOCAL client_min_messages = log;
SELECT count(*) FROM {table};

-- # errors that talk
-- ## a violated check
INSERT INTO app.import_mappings (tenant_id, id, name, mapping) SELECT tenant_id, id, '', mapping FROM app.import_mappings;
-- ## a violated key (oracle)
INSERT INTO app.import_mappings (tenant_id, id, name, mapping) VALUES ('{tenant}', '{import}', 'x', '{}');
-- ## a violated unique name (oracle)
INSERT INTO app.projects (tenant_id, id, code, name, time_zone, currency) VALUES ('{own}', '{project}', upper(left(md5('{project}'), 8)), 'x', 'UTC', 'USD');
-- ## another's primary key in one's own tenant (oracle)
INSERT INTO app.phases (tenant_id, id, project_id, name) VALUES ('{own}', '{phase}', '{own_project}', 'x {phase}');
-- ## another's unit in one's own tenant (oracle)
INSERT INTO app.units (tenant_id, id, project_id, phase_id, number, price_minor, currency) VALUES ('{own}', '{unit}', '{own_project}', '{own_phase}', '{unit}', 1, 'USD');
-- ## another's mail address (oracle)
INSERT INTO app.members (tenant_id, id, identity_id, name, email, role_id) VALUES ('{own}', gen_random_uuid(), gen_random_uuid(), 'x', '{email}', '{own_role}');
-- ## another's role (oracle)
INSERT INTO app.members (tenant_id, id, identity_id, name, email, role_id) VALUES ('{own}', gen_random_uuid(), gen_random_uuid(), 'x', 'x@example.com', '{role}');
-- ## another's project (oracle)
INSERT INTO app.phases (tenant_id, id, project_id, name) VALUES ('{own}', gen_random_uuid(), '{project}', 'x');
-- ## another's phase (oracle)
INSERT INTO app.units (tenant_id, id, project_id, phase_id, number, price_minor, currency) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{phase}', 'x1', 1, 'USD');
-- ## another's building (oracle)
INSERT INTO app.units (tenant_id, id, project_id, phase_id, building_id, number, price_minor, currency) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{own_phase}', '{building}', 'x2', 1, 'USD');
-- ## another's plan (oracle)
INSERT INTO app.elevations (tenant_id, id, project_id, plan_id, code, name) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{plan}', 'x', 'x');
-- ## another's home in a contract (oracle)
INSERT INTO app.contracts (tenant_id, id, project_id, unit_id, list_price_minor, price_minor, currency, created_by) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{unit}', 1, 1, 'USD', '{own_member}');
-- ## another's buyer in a contract (oracle)
INSERT INTO app.contract_parties (tenant_id, id, project_id, contract_id, contact_id, role, position) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{own_contract}', '{contact}', 'buyer', 9);
-- ## another's contract (oracle)
INSERT INTO app.contract_parties (tenant_id, id, project_id, contract_id, contact_id, role, position) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{contract}', '{own_contact}', 'buyer', 9);
-- ## another's buyer disclosed (oracle)
INSERT INTO app.reveals (tenant_id, id, project_id, contact_id, fields, purpose) VALUES ('{own}', gen_random_uuid(), '{own_project}', '{contact}', '{name}', 'an oracle');
-- ## another's buyer in the index (oracle)
INSERT INTO app.search_tokens (tenant_id, project_id, contact_id, field, token) VALUES ('{own}', '{own_project}', '{contact}', 1, 1);
-- ## another's member in a project (oracle)
INSERT INTO app.member_projects (tenant_id, id, member_id, project_id) VALUES ('{own}', gen_random_uuid(), '{member}', '{own_project}');
-- ## moved to another's phase (oracle)
UPDATE app.units SET phase_id = '{phase}' WHERE id = '{own_unit}';
-- ## moved to another's plan (oracle)
UPDATE app.units SET plan_id = '{plan}' WHERE id = '{own_unit}';
-- ## given to another's role (oracle)
UPDATE app.members SET role_id = '{role}' WHERE id = '{own_member}';
-- ## a conflict that does nothing (oracle)
INSERT INTO app.import_mappings (tenant_id, id, name, mapping) VALUES ('{tenant}', gen_random_uuid(), 'VOLTA', '{}') ON CONFLICT DO NOTHING;
-- ## a conflict that updates (oracle)
INSERT INTO app.plans AS p (tenant_id, id, project_id, code, name) VALUES ('{own}', '{plan}', '{own_project}', left(md5('{plan}'), 8), 'zz') ON CONFLICT (tenant_id, id) DO UPDATE SET name = p.name || excluded.name;
-- ## a conflict on a name (oracle)
INSERT INTO app.buildings AS b (tenant_id, id, project_id, name) VALUES ('{own}', '{building}', '{own_project}', 'Oracle {building}') ON CONFLICT DO NOTHING;
-- ## a merge (oracle)
MERGE INTO app.units u USING (SELECT '{unit}'::uuid AS id) s ON u.id = s.id WHEN MATCHED THEN UPDATE SET number = 'merged' WHEN NOT MATCHED THEN DO NOTHING;
-- ## a merge that deletes (oracle)
MERGE INTO app.import_mappings m USING (SELECT '{tenant}'::uuid AS t) s ON m.tenant_id = s.t WHEN MATCHED THEN DELETE;
-- ## a merge that inserts
MERGE INTO app.import_mappings m USING (SELECT '{tenant}'::uuid AS t) s ON m.tenant_id = s.t WHEN NOT MATCHED THEN INSERT (tenant_id, id, name, mapping) VALUES (s.t, gen_random_uuid(), 'x', '{}');
-- ## an update of another's row (oracle)
UPDATE app.units SET number = 'mine' WHERE id = '{unit}' RETURNING *;
-- ## an update of everything
UPDATE app.plans SET name = name RETURNING plans::text;
-- ## an update joined with another's (oracle)
UPDATE app.units u SET number = u.number || 'x' FROM app.units v WHERE v.id = '{unit}' RETURNING v::text;
-- ## a deletion of another's row (oracle)
DELETE FROM app.import_mappings WHERE tenant_id = '{tenant}' RETURNING *;
-- ## a deletion with another's (oracle)
DELETE FROM app.search_tokens USING app.contacts c WHERE c.id = '{contact}' RETURNING c::text;
-- ## a row moved to another tenant
UPDATE app.units SET tenant_id = '{tenant}' WHERE id = '{own_unit}';
-- ## a mail for another tenant = 42501
INSERT INTO platform.outbox (id, tenant_id, recipient, message, next_at, created_at) VALUES (gen_random_uuid(), '{tenant}', '{email}', '{}', now() + interval '1 day', now());
-- ## a mail for another tenant or for none that there is (oracle) = 42501
INSERT INTO platform.outbox (id, tenant_id, recipient, message, next_at, created_at) VALUES (gen_random_uuid(), '{tenant}', '{email}', '{}', now() + interval '1 day', now());
-- ## a mail of the platform's = 42501
INSERT INTO platform.outbox (id, tenant_id, recipient, message, next_at, created_at) VALUES (gen_random_uuid(), NULL, '{email}', '{}', now() + interval '1 day', now());
-- ## work on another tenant's shares = 42501
INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at) VALUES (gen_random_uuid(), '{tenant}', now() + interval '1 day', now());
-- ## work on the shares of another tenant or of none that there is (oracle) = 42501
INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at) VALUES (gen_random_uuid(), '{tenant}', now() + interval '1 day', now());
-- ## a forged event (oracle)
INSERT INTO audit.events (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, request_id) VALUES ('{tenant}', gen_random_uuid(), 'member', gen_random_uuid(), 'x', 'x', gen_random_uuid(), gen_random_uuid());
-- ## an edited event
UPDATE audit.events SET action = 'nothing';
-- ## a deleted event
DELETE FROM audit.events;
-- ## an edited head
UPDATE audit.heads SET n = 0;
-- ## a checkpoint without its signature
UPDATE audit.checkpoints SET note = NULL, path = NULL, position = NULL;
-- ## a signature of one's own
SELECT audit.sign(0, '', 'nothing', '{}');
-- ## everybody's heads
SELECT * FROM audit.unsigned();
-- ## an ambiguous error
SELECT tenant_id FROM app.units a, app.units b;
-- ## an error with a value
SELECT (tenant_id::text || number)::uuid FROM app.units;
-- ## an error with a row
SELECT json_populate_record(NULL::app.units, to_json(t::text)) FROM app.units t;
-- ## an error in an array
SELECT array_agg(t)::text::integer[] FROM app.contacts t;
-- ## an error in a date
SELECT to_timestamp(t::text, 'YYYY') FROM app.contacts t;
-- ## an error inside a DO block
DO $$ BEGIN RAISE EXCEPTION '%', (SELECT string_agg(t::text, ';') FROM {table} t); END $$;
-- ## an error with everything that can be said
DO $$ DECLARE m text; d text; c text; BEGIN INSERT INTO app.units (tenant_id, id) VALUES ('{tenant}', '{unit}'); EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, c = PG_EXCEPTION_CONTEXT; RAISE NOTICE '% % %', m, d, c; END $$;

-- # shadows and overloading
-- ## a search path of one's own
SET LOCAL search_path = pg_temp, public, app;
SELECT t::text FROM units t;
-- ## a search path for the verifier
SET search_path = public, pg_catalog;
SELECT ctx.tenant_id();
-- ## no search path
SET LOCAL search_path = '';
SELECT t::text FROM app.units t;
-- ## a temporary table = 42501
CREATE TEMP TABLE units AS SELECT * FROM app.units;
-- ## a temporary table that shadows the key
CREATE TEMP TABLE keys (kid text, inner_pad bytea, outer_pad bytea, compare_salt bytea);
-- ## a temporary view
CREATE TEMP VIEW v AS SELECT * FROM app.units;
-- ## a temporary function
CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\x00'::bytea $$;
-- ## a temporary function that is the verifier
CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT '{forged}' $$;
-- ## a function in public = 42501
CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\x00'::bytea $$;
-- ## a function in app = 42501
CREATE FUNCTION app.leak() RETURNS SETOF app.units LANGUAGE sql SECURITY DEFINER AS $$ SELECT * FROM app.units $$;
-- ## a function in the server's own schema = 42501
CREATE FUNCTION pg_catalog.sha256(text) RETURNS bytea LANGUAGE sql AS $$ SELECT '\x00'::bytea $$;
-- ## an operator of one's own
CREATE OPERATOR app.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_ne);
-- ## an operator in public
CREATE OPERATOR public.<> (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = byteaeq);
-- ## a cast
CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT;
-- ## a domain
CREATE DOMAIN public.uuid AS text;
-- ## a type
CREATE TYPE app.verified_context AS (tenant uuid);
-- ## a collation
CREATE COLLATION public."default" FROM "C";
-- ## a conversion
CREATE DEFAULT CONVERSION app.conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
-- ## an aggregate
CREATE AGGREGATE app.leak(text) (SFUNC = textcat, STYPE = text);
-- ## a schema = 42501
CREATE SCHEMA evil;
-- ## a schema named like oneself
CREATE SCHEMA AUTHORIZATION keystead_app;
-- ## an extension
CREATE EXTENSION dblink;
-- ## an extension that is trusted
CREATE EXTENSION hstore;
-- ## a language
CREATE LANGUAGE plperlu;
-- ## an index with a function of one's own
CREATE INDEX leak ON {table} ((set_config('a.seen', tenant_id::text, false)));
-- ## statistics
CREATE STATISTICS leak (mcv) ON tenant_id, id FROM {table};
-- ## a trigger
CREATE TRIGGER leak AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION app.next_version();
-- ## an event trigger
CREATE EVENT TRIGGER leak ON ddl_command_end EXECUTE FUNCTION app.next_version();
-- ## a publication
CREATE PUBLICATION leak FOR ALL TABLES;
-- ## a subscription
CREATE SUBSCRIPTION leak CONNECTION 'host=127.0.0.1' PUBLICATION leak;
-- ## a child that inherits
CREATE TABLE app.child () INHERITS (app.units);
-- ## a partition
ALTER TABLE app.units ATTACH PARTITION app.plans DEFAULT;
-- ## a column with a default
ALTER TABLE {table} ADD COLUMN leak text DEFAULT current_setting('backtrace_functions');
-- ## a constraint that tells
ALTER TABLE {table} ADD CONSTRAINT leak CHECK (tenant_id <> '{tenant}');
-- ## a foreign key that tells
ALTER TABLE app.import_mappings ADD FOREIGN KEY (id) REFERENCES app.units (id);
-- ## a view with its owner's rights
CREATE VIEW app.leak AS SELECT * FROM app.units;
-- ## a materialised view
CREATE MATERIALIZED VIEW app.leak AS SELECT * FROM app.units;
-- ## a table of one's own
CREATE TABLE app.leak AS SELECT * FROM app.units;
-- ## a table by SELECT INTO
SELECT * INTO app.leak FROM app.units;
-- ## a comment
COMMENT ON TABLE {table} IS 'leak';
-- ## a security label
SECURITY LABEL ON TABLE {table} IS 'leak';
-- ## a grant of what is not one's own
GRANT ALL ON {table} TO PUBLIC;
-- ## truncation = 42501
TRUNCATE {table} CASCADE;
-- ## a drop = 42501
DROP TABLE {table} CASCADE;
-- ## a lock on everything
LOCK TABLE {table} IN ACCESS SHARE MODE NOWAIT;
-- ## maintenance
ANALYZE {table};
-- ## reindexing
REINDEX TABLE {table};
-- ## clustering
CLUSTER {table} USING units_pkey;

-- # code blocks and dynamic SQL
-- ## a loop over everything
DO $$ DECLARE r record; t text; BEGIN FOR t IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('app', 'audit', 'platform', 'identity', 'ctx') LOOP BEGIN FOR r IN EXECUTE 'SELECT x::text FROM ' || t || ' x' LOOP RAISE NOTICE '%', r; END LOOP; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', t, SQLERRM; END; END LOOP; END $$;
-- ## a block that commits
DO $$ BEGIN COMMIT; PERFORM set_config('backtrace_functions', '{forged}', false); RAISE NOTICE '%', (SELECT string_agg(t::text, ';') FROM app.units t); END $$;
-- ## a block that becomes another role
DO $$ BEGIN EXECUTE 'SET LOCAL ROLE keystead_owner'; RAISE NOTICE '%', (SELECT string_agg(t::text, ';') FROM app.units t); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END $$;
-- ## a block that times rows
DO $$ DECLARE s timestamptz := clock_timestamp(); n integer; BEGIN SELECT count(*) INTO n FROM app.units WHERE id = '{unit}'; RAISE NOTICE '%', n; END $$;
-- ## a block in another language
DO LANGUAGE plpython3u $$ plpy.notice(plpy.execute("SELECT * FROM app.units")) $$;
-- ## a call
CALL audit.sequence(1);
-- ## a function without a name
SELECT * FROM xmltable('/x' PASSING '<x/>' COLUMNS a text PATH 'document("file:///etc/passwd")');
-- ## an entity of a file
SELECT xmlparse(document '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>');

-- # plans, cursors, sequences
-- ## a plan that outlives the context
PREPARE stale AS SELECT t::text FROM app.units t;
EXECUTE stale;
COMMIT;
EXECUTE stale;
-- ## a plan under a forged context
PREPARE stale AS SELECT t::text FROM app.contacts t WHERE tenant_id = $1;
EXECUTE stale('{tenant}');
SAVEPOINT forged;
SELECT set_config('backtrace_functions', '{forged}', true);
EXECUTE stale('{tenant}');
-- ## a generic plan
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE stale (uuid) AS SELECT t::text FROM app.contracts t WHERE tenant_id = $1;
EXECUTE stale('{own}');
EXECUTE stale('{tenant}');
-- ## what others prepared
SELECT * FROM pg_prepared_statements;
-- ## a cursor
DECLARE c CURSOR FOR SELECT t::text FROM {table} t;
FETCH ALL FROM c;
-- ## a cursor that scrolls
DECLARE c SCROLL CURSOR FOR SELECT t::text FROM {table} t;
FETCH LAST FROM c;
FETCH BACKWARD ALL FROM c;
-- ## a cursor that outlives the transaction
DECLARE held CURSOR WITH HOLD FOR SELECT t::text FROM {table} t;
COMMIT;
FETCH ALL FROM held;
CLOSE held;
-- ## a cursor opened under one context and read under none
DECLARE c CURSOR FOR SELECT t::text FROM app.units t;
SELECT set_config('backtrace_functions', '', true);
FETCH ALL FROM c;
-- ## a cursor opened under none and read under one's own
SELECT set_config('backtrace_functions', '', true);
DECLARE c CURSOR FOR SELECT t::text FROM app.units t WHERE tenant_id = '{tenant}';
SELECT set_config('backtrace_functions', '{ctx}', true);
FETCH ALL FROM c;
-- ## a binary cursor
DECLARE c BINARY CURSOR FOR SELECT * FROM {table};
FETCH ALL FROM c;
-- ## an update where the cursor stands
DECLARE c CURSOR FOR SELECT * FROM app.import_mappings FOR UPDATE;
FETCH 1 FROM c;
DELETE FROM app.import_mappings WHERE CURRENT OF c AND tenant_id = '{tenant}';
-- ## others' cursors
SELECT * FROM pg_cursors;
-- ## a shared counter
SELECT nextval(c.oid), currval(c.oid) FROM pg_class c WHERE relkind = 'S';
-- ## the last value of anything
SELECT lastval();
-- ## counters of contracts
SELECT t::text FROM app.contract_counters t;

-- # copying
-- ## a table to the client
COPY {table} TO STDOUT;
-- ## a query to the client
COPY (SELECT * FROM {table}) TO STDOUT;
-- ## a query to the client as CSV
COPY (SELECT t::text FROM {table} t WHERE tenant_id = '{tenant}') TO STDOUT (FORMAT csv);
-- ## a table to a file
COPY {table} TO '/tmp/keystead-leak';
-- ## a table to a program
COPY {table} TO PROGRAM 'cat';
-- ## a program to a table
COPY app.import_mappings FROM PROGRAM 'id';
-- ## a file to a table
COPY app.import_mappings FROM '/etc/passwd';
-- ## the client to a table
COPY app.import_mappings FROM STDIN;

-- # files and the outside
-- ## a file = 42501
SELECT pg_read_file('postgresql.conf');
-- ## a file's bytes = 42501
SELECT pg_read_binary_file('global/pg_control');
-- ## a folder = 42501
SELECT pg_ls_dir('base');
-- ## a file's state = 42501
SELECT pg_stat_file('postgresql.conf');
-- ## the log = 42501
SELECT pg_ls_logdir();
-- ## the write-ahead log = 42501
SELECT pg_ls_waldir();
-- ## the log's file
SELECT pg_current_logfile();
-- ## where files are
SHOW data_directory;
-- ## a large object made
SELECT lo_create(4711);
-- ## a large object from bytes
SELECT lo_from_bytea(4712, 'x');
-- ## a large object from a file
SELECT lo_import('/etc/passwd');
-- ## a large object to a file
SELECT lo_export(4711, '/tmp/keystead-leak');
-- ## large objects of others
SELECT loid, lo_get(loid) FROM (SELECT DISTINCT oid AS loid FROM pg_largeobject_metadata) o;
-- ## the pages of large objects
SELECT * FROM pg_largeobject;
-- ## a large object opened
SELECT loread(lo_open(4711, 262144), 1000);
-- ## a large object removed
SELECT lo_unlink(4711);
-- ## a connection to oneself
SELECT * FROM dblink('dbname=postgres', 'SELECT 1') AS t(x integer);
-- ## a foreign server
CREATE SERVER leak FOREIGN DATA WRAPPER postgres_fdw;
-- ## a foreign data wrapper
CREATE FOREIGN DATA WRAPPER leak;
-- ## a foreign table
CREATE FOREIGN TABLE app.leak (x text) SERVER leak;
-- ## a user's mapping
SELECT * FROM pg_user_mappings;
-- ## a library
LOAD 'dblink';
-- ## a library at the next session
SET session_preload_libraries = 'dblink';
-- ## a library's folder
SET dynamic_library_path = '/tmp';
-- ## the write-ahead log by function
SELECT * FROM pg_logical_slot_peek_changes('leak', NULL, NULL);
-- ## a replication slot
SELECT pg_create_logical_replication_slot('leak', 'test_decoding');
-- ## a message in the write-ahead log
SELECT pg_logical_emit_message(false, 'leak', 'x');
-- ## a page of a table
SELECT get_raw_page('app.units', 0);
-- ## rows of a page
SELECT * FROM pgrowlocks('app.units');
-- ## a setting of the cluster
ALTER SYSTEM SET row_security = off;
-- ## reloading settings = 42501
SELECT pg_reload_conf();
-- ## a new log file = 42501
SELECT pg_rotate_logfile();
-- ## a backup
SELECT pg_backup_start('leak');
-- ## promotion
SELECT pg_promote();
-- ## a database of one's own
CREATE DATABASE leak;
-- ## a tablespace
CREATE TABLESPACE leak LOCATION '/tmp';

-- # the server's own catalogue
-- ## statistics of columns
SELECT * FROM pg_stats WHERE schemaname IN ('app', 'audit', 'identity', 'platform', 'ctx');
-- ## statistics as they are stored = 42501
SELECT * FROM pg_statistic;
-- ## extended statistics = 42501
SELECT * FROM pg_statistic_ext_data;
-- ## extended statistics by the view
SELECT * FROM pg_stats_ext;
-- ## what sessions do
SELECT * FROM pg_stat_activity;
-- ## what sessions do, by function
SELECT * FROM pg_stat_get_activity(NULL);
-- ## what one session does
SELECT pg_stat_get_backend_activity(s) FROM pg_stat_get_backend_idset() s;
-- ## what statements were run
SELECT * FROM pg_stat_statements;
-- ## where sessions come from
SELECT pid, client_addr, application_name, query FROM pg_stat_activity WHERE usename = current_user;
-- ## use of tables
SELECT * FROM pg_stat_user_tables;
-- ## use of indexes
SELECT * FROM pg_statio_user_indexes;
-- ## use by this transaction
SELECT * FROM pg_stat_xact_user_tables;
-- ## locks
SELECT * FROM pg_locks;
-- ## sizes
SELECT relname, reltuples, relpages, pg_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'i');
-- ## snapshots of others
SELECT pg_export_snapshot();
-- ## a snapshot of another
SET TRANSACTION SNAPSHOT '00000003-00000001-1';
-- ## a transaction's state
SELECT txid_status(txid_current() - 1), pg_current_snapshot(), pg_xact_commit_timestamp(xmin) FROM app.units;
-- ## a policy's row edited = 42501
UPDATE pg_policy SET polqual = NULL;
-- ## a table's row edited = 42501
UPDATE pg_class SET relrowsecurity = false WHERE relname = 'units';
-- ## a role's row edited = 42501
UPDATE pg_authid SET rolsuper = true;
-- ## a function's row edited = 42501
UPDATE pg_proc SET proleakproof = true;
-- ## a dependency deleted = 42501
DELETE FROM pg_depend;
-- ## the text of views
SELECT pg_get_viewdef(c.oid) FROM pg_class c WHERE relkind = 'v' AND relnamespace = 'app'::regnamespace;
-- ## the text of constraints
SELECT pg_get_constraintdef(oid) FROM pg_constraint;
-- ## the text of triggers
SELECT pg_get_triggerdef(oid) FROM pg_trigger;
-- ## the text of indexes
SELECT pg_get_indexdef(indexrelid) FROM pg_index;
-- ## comments
SELECT * FROM pg_description d JOIN pg_class c ON c.oid = d.objoid;
-- ## databases
SELECT * FROM pg_database;
-- ## the schema of the standard
SELECT * FROM information_schema.columns WHERE table_schema IN ('app', 'audit', 'identity', 'platform', 'ctx');
-- ## privileges of others
SELECT * FROM information_schema.role_table_grants;
-- ## a name for an oid
SELECT oid::regclass, oid::regtype FROM pg_class;
-- ## an object's address
SELECT pg_describe_object('pg_class'::regclass, oid, 0), pg_identify_object('pg_class'::regclass, oid, 0) FROM pg_class;
-- ## memory = 42501
SELECT * FROM pg_shmem_allocations;
-- ## memory of this session = 42501
SELECT * FROM pg_backend_memory_contexts;
-- ## memory in the log = 42501
SELECT pg_log_backend_memory_contexts(pg_backend_pid());

-- # what sessions share
-- ## listening
LISTEN everything;
NOTIFY everything, 'here';
COMMIT;
BEGIN;
-- ## listening to what the product might say
LISTEN keystead;
LISTEN outbox;
LISTEN audit;
COMMIT;
SELECT pg_listening_channels();
-- ## notifying
SELECT pg_notify('everything', current_setting('backtrace_functions', true));
-- ## waiting notifications
SELECT pg_notification_queue_usage();
-- ## a lock for the whole session = 42501
SELECT pg_try_advisory_lock(1), pg_advisory_unlock_all();
-- ## a lock for the whole session that is waited for = 42501
SELECT pg_advisory_lock(1);
-- ## advisory locks of others (oracle)
SELECT pg_try_advisory_xact_lock(hashtextextended('{tenant}', 0));
-- ## a note left for the next = 42501
SELECT set_config('a.note', '{ctx}', false);
-- ## a time-out left for the next, through the view = 42501
UPDATE pg_settings SET setting = '1' WHERE name = 'statement_timeout';
-- ## an application name
SET application_name = 'keystead_owner';
-- ## sessions under the same role ended = 42501
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid();
-- ## statements under the same role interrupted = 42501
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid();
-- ## another's statement interrupted
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND datname = current_database();
-- ## the superuser's session ended
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND datname = current_database();
-- ## a random number that others share
SELECT setseed(0.5), random();
-- ## an encoding that splits quotes
SET client_encoding = 'SJIS';
SELECT t::text FROM app.units t;
-- ## bytes in another form
SET bytea_output = 'escape';
SELECT t::text FROM {table} t;
-- ## dates in another form
SET datestyle = 'German';
SET intervalstyle = 'iso_8601';
SELECT t::text FROM {table} t;
-- ## strings without the standard
SET standard_conforming_strings = off;
SELECT t::text FROM app.units t WHERE number = '\' OR 1=1';
-- ## no limits
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SELECT t::text FROM {table} t;
-- ## a subtransaction that fails
SAVEPOINT s;
SELECT 1 / 0;
ROLLBACK TO s;
SELECT t::text FROM {table} t;
-- ## a chained transaction
COMMIT AND CHAIN;
SELECT t::text FROM {table} t;
-- ## a rollback that chains
ROLLBACK AND CHAIN;
SELECT t::text FROM {table} t;
-- ## constraints deferred
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO app.phases (tenant_id, id, project_id, name) VALUES ('{own}', gen_random_uuid(), '{project}', 'x');
-- ## serialisable (oracle)
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM app.units WHERE id = '{unit}';
