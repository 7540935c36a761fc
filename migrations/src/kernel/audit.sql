-- The audit trail. Written by triggers of keystead_audit in the transaction of the change; nobody else can write here.
CREATE TABLE audit.events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL,
    actor_id uuid NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid NOT NULL,
    project_id uuid,
    request_id uuid NOT NULL,
    before jsonb,
    after jsonb,
    n bigint,
    hash bytea,
    PRIMARY KEY (tenant_id, id),
    CHECK ((n IS NULL) = (hash IS NULL))
);
CREATE UNIQUE INDEX events_in_order ON audit.events (tenant_id, n);
CREATE INDEX events_of_object ON audit.events (tenant_id, object_id, id);
CREATE INDEX events_unsequenced ON audit.events (tenant_id, id) WHERE n IS NULL;

CREATE TABLE audit.heads (
    tenant_id uuid PRIMARY KEY,
    n bigint NOT NULL,
    hash bytea NOT NULL
);

ALTER TABLE audit.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.events FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.heads FORCE ROW LEVEL SECURITY;
CREATE POLICY events_tenant ON audit.events AS RESTRICTIVE FOR ALL TO keystead_app, keystead_worker
    USING (tenant_id = (SELECT ctx.tenant_id())) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE POLICY heads_tenant ON audit.heads AS RESTRICTIVE FOR ALL TO keystead_app, keystead_worker
    USING (tenant_id = (SELECT ctx.tenant_id())) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE POLICY events_select ON audit.events FOR SELECT TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('audit.read'))
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
CREATE POLICY heads_select ON audit.heads FOR SELECT TO keystead_app, keystead_worker USING ((SELECT ctx.can('audit.read')));
CREATE POLICY events_writer ON audit.events FOR ALL TO keystead_audit USING (true) WITH CHECK (true);
CREATE POLICY heads_writer ON audit.heads FOR ALL TO keystead_audit USING (true) WITH CHECK (true);
CREATE POLICY events_verifier ON audit.events FOR SELECT TO keystead_audit_ro USING (true);
CREATE POLICY heads_verifier ON audit.heads FOR SELECT TO keystead_audit_ro USING (true);
GRANT USAGE ON SCHEMA audit TO keystead_app, keystead_worker, keystead_audit_ro, keystead_owner;
GRANT SELECT ON audit.events, audit.heads TO keystead_app, keystead_worker, keystead_audit_ro;

-- A time-ordered UUID, version 7 of RFC 9562.
CREATE FUNCTION audit.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE SET search_path = pg_catalog AS $$
    SELECT encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid()) PLACING
            substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- An image of a row that may be kept: sealed columns become a fingerprint of their ciphertext, so that a change shows and
-- the value does not; hidden ones (look-up hashes, wrapped keys) vanish.
CREATE FUNCTION audit.image(row_image jsonb, sealed text[], hidden text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE
        WHEN key = ANY (sealed) AND value <> 'null'::jsonb
            THEN to_jsonb('sealed:' || left(encode(sha256(convert_to(value #>> '{}', 'UTF8')), 'hex'), 16))
        ELSE value END), '{}')
    FROM jsonb_each(row_image) WHERE key <> ALL (hidden || ARRAY['tenant_id', 'updated_at'])
$$;

-- Trigger arguments: object kind, sealed columns, hidden columns, the column that names the project ('' for none).
CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, audit AS $$
DECLARE
    actor ctx.verified_context := ctx.verified();
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN audit.image(to_jsonb(OLD), TG_ARGV[1]::text[], TG_ARGV[2]::text[]) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN audit.image(to_jsonb(NEW), TG_ARGV[1]::text[], TG_ARGV[2]::text[]) END;
    known jsonb := coalesce(becomes, was);
    tenant uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
    verb text := CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'updated' END;
BEGIN
    IF actor.tenant IS DISTINCT FROM tenant THEN
        RAISE insufficient_privilege USING MESSAGE = 'no tenant context for this change';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF was ->> 'state' IS DISTINCT FROM becomes ->> 'state' THEN
            verb := becomes ->> 'state';
        END IF;
        -- Only what changed is kept.
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, becomes -> o.key) INTO was, becomes
        FROM jsonb_each(was) o WHERE o.value IS DISTINCT FROM becomes -> o.key AND o.key <> 'row_version';
        IF was IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit.events (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, project_id, request_id, before, after)
    VALUES (tenant, audit.uuid_v7(), actor.actor_kind, actor.actor, TG_ARGV[0] || '.' || verb, TG_ARGV[0],
        (known ->> 'id')::uuid, (known ->> nullif(TG_ARGV[3], ''))::uuid, actor.request, was, becomes);
    RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION audit.record() TO keystead_owner, keystead_app, keystead_worker;

-- RFC 8785 for what our images hold: sorted keys, no blanks. Numbers are integers.
-- Plain values take no call and no query of their own: that is nine tenths of the time that chaining takes.
CREATE FUNCTION audit.canonical(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, audit AS $$
BEGIN
    IF jsonb_typeof(value) = 'object' THEN
        RETURN '{' || coalesce((SELECT string_agg(to_json(e.key)::text || ':' || CASE WHEN jsonb_typeof(e.value) IN ('object', 'array')
                THEN audit.canonical(e.value) ELSE e.value::text END, ',' ORDER BY e.key COLLATE "C")
            FROM jsonb_each(value) e), '') || '}';
    ELSIF jsonb_typeof(value) = 'array' THEN
        RETURN '[' || coalesce((SELECT string_agg(audit.canonical(e.value), ',' ORDER BY e.ordinality)
            FROM jsonb_array_elements(value) WITH ORDINALITY e), '') || ']';
    END IF;
    RETURN value::text;
END $$;

-- The exact text of an event that its hash covers.
CREATE FUNCTION audit.leaf(e audit.events) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, audit AS $$
    SELECT audit.canonical(jsonb_build_object(
        'tenant', 'tnt_' || replace(e.tenant_id::text, '-', ''), 'id', 'evt_' || replace(e.id::text, '-', ''),
        'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'actor_kind', e.actor_kind, 'actor_id', e.actor_id, 'action', e.action, 'object_kind', e.object_kind,
        'object_id', e.object_id, 'project_id', e.project_id, 'request_id', e.request_id,
        'before', e.before, 'after', e.after))
$$;

-- Gives committed events their place in their tenant's chain. Returns how many; many callers may run at once.
-- h(0) = SHA-256("keystead-audit-v1" 0x00 tenant);  h(n) = SHA-256("keystead-audit-v1" tenant n h(n-1) SHA-256(leaf))
CREATE FUNCTION audit.sequence(at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, audit AS $$
DECLARE
    tag bytea := convert_to('keystead-audit-v1', 'UTF8');
    waiting record;
    head audit.heads;
    event audit.events;
    done integer := 0;
BEGIN
    FOR waiting IN SELECT DISTINCT u.tenant_id FROM
        (SELECT tenant_id FROM audit.events WHERE n IS NULL LIMIT at_most) u
    LOOP
        INSERT INTO audit.heads VALUES (waiting.tenant_id, 0, sha256(tag || '\x00'::bytea || uuid_send(waiting.tenant_id)))
        ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM audit.heads WHERE tenant_id = waiting.tenant_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        FOR event IN SELECT * FROM audit.events WHERE tenant_id = waiting.tenant_id AND n IS NULL ORDER BY id LIMIT at_most LOOP
            head.n := head.n + 1;
            head.hash := sha256(tag || uuid_send(waiting.tenant_id) || int8send(head.n) || head.hash
                || sha256(convert_to(audit.leaf(event), 'UTF8')));
            UPDATE audit.events SET n = head.n, hash = head.hash WHERE tenant_id = event.tenant_id AND id = event.id;
            done := done + 1;
        END LOOP;
        UPDATE audit.heads SET n = head.n, hash = head.hash WHERE tenant_id = head.tenant_id;
    END LOOP;
    RETURN done;
END $$;
GRANT EXECUTE ON FUNCTION audit.sequence(integer) TO keystead_worker;
GRANT EXECUTE ON FUNCTION audit.leaf(audit.events), audit.canonical(jsonb) TO keystead_app, keystead_worker, keystead_audit_ro;
