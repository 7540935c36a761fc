-- What every transaction and every audited change pays, made cheaper; what they promise stays (docs/adr/0005).

SET LOCAL ROLE keystead_ctx;
-- v2|expiry|kid|fields|mac      mac = HMAC-SHA-256 over all before it; fields as ctx.field reads them, one a line.
-- The fields travel as they are kept, so that nothing is left to take apart; and all is one statement, since PL/pgSQL prepares
-- every expression anew in every transaction.
CREATE OR REPLACE FUNCTION ctx.enter(signed text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, ctx AS $$
BEGIN
    PERFORM set_config('backtrace_functions', split_part(signed, '|', 4), true)
    FROM ctx.keys k
    WHERE k.kid = split_part(signed, '|', 3)
    -- CASE keeps the order: nothing is read of a text before its MAC was right. Comparing salted hashes keeps the time of the
    -- comparison from telling how much of the MAC was.
    AND CASE WHEN sha256(k.compare_salt || convert_to(right(signed, 64), 'UTF8')) = sha256(k.compare_salt || convert_to(encode(
            sha256(k.outer_pad || sha256(k.inner_pad || convert_to(left(signed, -64), 'UTF8'))), 'hex'), 'UTF8'))
        THEN split_part(signed, '|', 1) = 'v2'
            AND to_timestamp(split_part(signed, '|', 2)::double precision) BETWEEN now() AND now() + interval '60 seconds'
            -- Lists must not be able to grow into the next field, whoever signed them.
            AND cardinality(string_to_array(split_part(signed, '|', 4), E'\n')) = 7
        END;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = CASE
            WHEN split_part(signed, '|', 2) !~ '^[0-9]{1,10}$' THEN 'tenant context refused'
            WHEN to_timestamp(split_part(signed, '|', 2)::double precision) BETWEEN now() AND now() + interval '60 seconds'
                THEN 'tenant context refused'
            ELSE 'tenant context expired' END;
    END IF;
END $$;

-- A permission and its projects in two look-ups a table, where there were three. Without a context both are NULL: no row.
CREATE FUNCTION ctx.anywhere(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN strpos(ctx.field(7), ',' || replace(permission, '.', '__') || ',') > 0 AND ctx.field(5) = 'all';

-- The projects that are listed for who has the permission.
CREATE FUNCTION ctx.projects(permission text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN strpos(ctx.field(7), ',' || replace(permission, '.', '__') || ',') > 0
    THEN string_to_array(ctx.field(6), ',')::uuid[] END;

GRANT EXECUTE ON FUNCTION ctx.anywhere(text), ctx.projects(text)
    TO keystead_app, keystead_worker, keystead_audit, keystead_derive, keystead_audit_ro;

SET LOCAL ROLE keystead_owner;
DO $$
DECLARE
    -- As PostgreSQL spells the condition that tables had so far.
    three text := '\( SELECT ctx\.can\((''[a-z_.]+''::text)\) AS can\) AND \(\( SELECT ctx\.all_projects\(\) AS all_projects\) '
        'OR \((\w+) = ANY \(\( SELECT ctx\.project_ids\(\) AS project_ids\)::uuid\[\]\)\)\)';
    two text := '((SELECT ctx.anywhere(\1)) OR \2 = ANY ((SELECT ctx.projects(\1))::uuid[]))';
    policy record;
BEGIN
    FOR policy IN
        SELECT p.polname AS name, p.polrelid::regclass AS relation,
            ' USING (' || regexp_replace(pg_get_expr(p.polqual, p.polrelid), three, two, 'g') || ')' AS reads,
            ' WITH CHECK (' || regexp_replace(pg_get_expr(p.polwithcheck, p.polrelid), three, two, 'g') || ')' AS writes
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'app'::regnamespace
        AND concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ three
    LOOP
        EXECUTE format('ALTER POLICY %I ON %s', policy.name, policy.relation) || concat(policy.reads, policy.writes);
    END LOOP;
END $$;

SET LOCAL ROLE keystead_audit;
ALTER POLICY events_select ON audit.events
    USING ((SELECT ctx.anywhere('audit.read')) OR project_id = ANY ((SELECT ctx.projects('audit.read'))::uuid[]));

-- In PL/pgSQL a session keeps the plan; a function in SQL that cannot be inlined is parsed and planned in every transaction.
CREATE OR REPLACE FUNCTION audit.image(row_image jsonb, sealed text[], hidden text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN key = ANY (sealed) AND value <> 'null'::jsonb
                THEN to_jsonb('sealed:' || left(encode(sha256(convert_to(value #>> '{}', 'UTF8')), 'hex'), 16))
            ELSE value END), '{}')
        FROM jsonb_each(row_image) WHERE key <> ALL (hidden || ARRAY['tenant_id', 'updated_at']));
END $$;

-- Parsed here and inlined where they are called: no search path of a session changes what they mean.
CREATE OR REPLACE FUNCTION audit.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE
RETURN encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid;

CREATE OR REPLACE FUNCTION audit.leaf(e audit.events) RETURNS text LANGUAGE sql STABLE
RETURN audit.canonical(jsonb_build_object(
    'tenant', 'tnt_' || replace(e.tenant_id::text, '-', ''), 'id', 'evt_' || replace(e.id::text, '-', ''),
    'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor_kind', e.actor_kind, 'actor_id', e.actor_id, 'action', e.action, 'object_kind', e.object_kind,
    'object_id', e.object_id, 'project_id', e.project_id, 'request_id', e.request_id,
    'before', e.before, 'after', e.after));
RESET ROLE;
