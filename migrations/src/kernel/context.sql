-- The signed tenant context (docs/adr/0002). The API signs what a request may see; policies read it only through here.
-- v1|tenant|actor|actor kind|permissions|scope|projects|expiry|request|kid|mac      mac = HMAC-SHA-256 over all before it
CREATE TABLE ctx.keys (
    kid text PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9_-]{1,32}$'),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
    compare_salt bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid())),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TYPE ctx.verified_context AS (
    tenant uuid, actor uuid, actor_kind text, permissions text[], all_projects boolean, projects uuid[], request uuid
);

CREATE FUNCTION ctx.verified() RETURNS ctx.verified_context
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, ctx AS $$
DECLARE
    raw text := nullif(current_setting('app.ctx', true), '');
    part text[];
    key ctx.keys;
    mac bytea;
BEGIN
    IF raw IS NULL THEN
        RETURN NULL;
    END IF;
    part := string_to_array(raw, '|');
    IF cardinality(part) <> 11 OR part[1] <> 'v1' OR part[11] !~ '^[0-9a-f]{64}$' THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    SELECT * INTO key FROM ctx.keys WHERE kid = part[10];
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    mac := sha256(key.outer_pad || sha256(key.inner_pad || convert_to(left(raw, -64), 'UTF8')));
    -- Comparing salted hashes keeps the time of the comparison from telling how much of the MAC was right.
    IF sha256(key.compare_salt || mac) <> sha256(key.compare_salt || decode(part[11], 'hex')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context refused';
    END IF;
    IF to_timestamp(part[8]::double precision) NOT BETWEEN now() AND now() + interval '60 seconds' THEN
        RAISE insufficient_privilege USING MESSAGE = 'tenant context expired';
    END IF;
    RETURN (part[2]::uuid, part[3]::uuid, part[4], string_to_array(part[5], ','), part[6] = '*',
        string_to_array(part[7], ',')::uuid[], part[9]::uuid);
END $$;

CREATE FUNCTION ctx.tenant_id() RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN (ctx.verified()).tenant; END $$;

CREATE FUNCTION ctx.actor_id() RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN (ctx.verified()).actor; END $$;

CREATE FUNCTION ctx.can(permission text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN coalesce(permission = ANY ((ctx.verified()).permissions), false); END $$;

CREATE FUNCTION ctx.can_any(wanted text[]) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN coalesce(wanted && (ctx.verified()).permissions, false); END $$;

-- NULL unless the actor may act in every project.
CREATE FUNCTION ctx.all_projects() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN (ctx.verified()).all_projects; END $$;

CREATE FUNCTION ctx.project_ids() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ctx AS $$ BEGIN RETURN (ctx.verified()).projects; END $$;

GRANT USAGE ON SCHEMA ctx TO keystead_owner, keystead_app, keystead_worker, keystead_audit, keystead_derive, keystead_audit_ro;
GRANT EXECUTE ON FUNCTION ctx.tenant_id(), ctx.actor_id(), ctx.can(text), ctx.can_any(text[]), ctx.all_projects(), ctx.project_ids()
    TO keystead_app, keystead_worker, keystead_audit, keystead_derive, keystead_audit_ro;
GRANT EXECUTE ON FUNCTION ctx.verified() TO keystead_audit;
