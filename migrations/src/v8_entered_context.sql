-- A context is verified once, when it enters (docs/adr/0005). What was verified is kept for the transaction in a setting that
-- only keystead_ctx has the right to set (backtrace_functions, GRANT SET ON PARAMETER in bootstrap): the roles that log in can
-- neither set nor reset it, so policies read it without verifying again.
--
-- One field a line: tenant, actor, kind, request, scope (all or listed), projects, permissions (`,contacts__read,units__read,`).
-- The setting takes letters, digits, underscores, commas and line feeds; UUIDs stand without hyphens.
CREATE FUNCTION ctx.enter(signed text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, ctx AS $$
DECLARE
    part text[] := string_to_array(signed, '|');
    key ctx.keys;
    mac bytea;
    plain text;
BEGIN
    IF cardinality(part) IS DISTINCT FROM 11 OR part[1] <> 'v1' OR part[11] !~ '^[0-9a-f]{64}$' THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    SELECT * INTO key FROM ctx.keys WHERE kid = part[10];
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    mac := sha256(key.outer_pad || sha256(key.inner_pad || convert_to(left(signed, -64), 'UTF8')));
    -- Comparing salted hashes keeps the time of the comparison from telling how much of the MAC was right.
    IF sha256(key.compare_salt || mac) <> sha256(key.compare_salt || decode(part[11], 'hex')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    IF to_timestamp(part[8]::double precision) NOT BETWEEN now() AND now() + interval '60 seconds' THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context expired';
    END IF;
    plain := concat_ws(E'\n', replace(part[2], '-', ''), replace(part[3], '-', ''), part[4], replace(part[9], '-', ''),
        CASE part[6] WHEN '*' THEN 'all' ELSE 'listed' END, replace(part[7], '-', ''),
        ',' || replace(part[5], '.', '__') || ',');
    -- Lists must not be able to grow into the next field, whoever signed them.
    IF plain !~ '^[0-9a-f]{32}\n[0-9a-f]{32}\n[a-z_]+\n[0-9a-f]{32}\n(all|listed)\n[0-9a-f,]*\n[a-z_,]*$' THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    PERFORM set_config('backtrace_functions', plain, true);
END $$;

-- A field of the entered context; NULL where none was entered.
CREATE FUNCTION ctx.field(number integer) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(split_part(current_setting('backtrace_functions'), E'\n', number), '');

-- The bodies are parsed here and inlined into the policies: no search_path of a session changes what they mean.
CREATE OR REPLACE FUNCTION ctx.tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE RETURN ctx.field(1)::uuid;

CREATE OR REPLACE FUNCTION ctx.actor_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE RETURN ctx.field(2)::uuid;

-- NULL unless the actor may act in every project.
CREATE OR REPLACE FUNCTION ctx.all_projects() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN ctx.field(5) = 'all' THEN true END;

CREATE OR REPLACE FUNCTION ctx.project_ids() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(ctx.field(6), ',')::uuid[];

CREATE OR REPLACE FUNCTION ctx.can(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(strpos(ctx.field(7), ',' || replace(permission, '.', '__') || ',') > 0, false);

CREATE OR REPLACE FUNCTION ctx.can_any(wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(string_to_array(replace(ctx.field(7), '__', '.'), ',') && wanted, false);

CREATE OR REPLACE FUNCTION ctx.verified() RETURNS ctx.verified_context LANGUAGE sql STABLE PARALLEL SAFE
RETURN ROW(ctx.field(1)::uuid, ctx.field(2)::uuid, ctx.field(3),
    string_to_array(trim(BOTH ',' FROM replace(ctx.field(7), '__', '.')), ','),
    ctx.field(5) = 'all', ctx.project_ids(), ctx.field(4)::uuid)::ctx.verified_context;

GRANT EXECUTE ON FUNCTION ctx.enter(text) TO keystead_app, keystead_worker;
GRANT EXECUTE ON FUNCTION ctx.field(integer) TO keystead_app, keystead_worker, keystead_audit, keystead_derive, keystead_audit_ro;
