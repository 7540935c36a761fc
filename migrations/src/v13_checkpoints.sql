-- How far tenants' chains had come, as the cell's log states and KMS signs it (RFC 6962, c2sp.org/tlog-checkpoint).
SET LOCAL ROLE keystead_owner;
-- The log: its name among all logs, how many entries are signed, the roots of its whole subtrees, when entries were added last.
CREATE TABLE platform.audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    size bigint NOT NULL DEFAULT 0,
    frontier bytea NOT NULL DEFAULT '',
    stated_at timestamptz
);
CREATE UNIQUE INDEX one_audit_log ON platform.audit_log ((true));
INSERT INTO platform.audit_log DEFAULT VALUES;
GRANT USAGE ON SCHEMA platform TO keystead_audit;
GRANT SELECT, UPDATE ON platform.audit_log TO keystead_audit;

SET LOCAL ROLE keystead_audit;
-- An entry of the log; its place, proof and signature come together, when KMS has signed.
CREATE TABLE audit.checkpoints (
    tenant_id uuid NOT NULL,
    n bigint NOT NULL,
    hash bytea NOT NULL,
    at timestamptz NOT NULL,
    -- The leaf hash of the tenant's entry before this one; zeros for the first.
    previous bytea NOT NULL,
    position bigint,
    path bytea,
    note text,
    PRIMARY KEY (tenant_id, n),
    CHECK (num_nulls(position, path, note) IN (0, 3)),
    CHECK (length(path) % 32 = 0)
);
CREATE INDEX checkpoints_unsigned ON audit.checkpoints (tenant_id, n) WHERE note IS NULL;
ALTER TABLE audit.checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.checkpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY checkpoints_tenant ON audit.checkpoints AS RESTRICTIVE FOR ALL TO keystead_app, keystead_worker
    USING (tenant_id = (SELECT ctx.tenant_id())) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE POLICY checkpoints_select ON audit.checkpoints FOR SELECT TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('audit.read')));
CREATE POLICY checkpoints_writer ON audit.checkpoints FOR ALL TO keystead_audit USING (true) WITH CHECK (true);
CREATE POLICY checkpoints_verifier ON audit.checkpoints FOR SELECT TO keystead_audit_ro USING (true);
GRANT SELECT ON audit.checkpoints TO keystead_app, keystead_worker, keystead_audit_ro;

-- The exact text of an entry.
CREATE FUNCTION audit.statement(c audit.checkpoints) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT concat_ws(E'\n', 'keystead-audit-checkpoint-v1', 'tnt_' || replace(c.tenant_id::text, '-', ''), c.n,
        encode(c.hash, 'hex'), to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), encode(c.previous, 'hex'), '')
$$;

-- Adds an entry for every chain that has grown, once `pause` is over since the last time, or one of them has grown by `events` or
-- was never stated; says how many. Nothing while entries wait for their signature, so that what is to be signed does not change
-- under the signer.
CREATE FUNCTION audit.state_heads(events bigint, pause interval) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, audit AS $$
DECLARE
    log platform.audit_log;
    stated bigint;
BEGIN
    SELECT * INTO log FROM platform.audit_log FOR UPDATE;
    IF EXISTS (SELECT FROM audit.checkpoints WHERE note IS NULL) THEN
        RETURN 0;
    END IF;
    WITH grown AS (
        SELECT h.tenant_id, h.n, h.hash, last.n AS before
        FROM audit.heads h LEFT JOIN LATERAL
            (SELECT c.n, c.at FROM audit.checkpoints c WHERE c.tenant_id = h.tenant_id ORDER BY c.n DESC LIMIT 1) last ON true
        WHERE h.n > coalesce(last.n, 0)
        ORDER BY last.at NULLS FIRST LIMIT 10000
    )
    INSERT INTO audit.checkpoints (tenant_id, n, hash, at, previous)
    SELECT g.tenant_id, g.n, g.hash, clock_timestamp(), CASE WHEN g.before IS NULL THEN decode(repeat('00', 32), 'hex')
        ELSE sha256('\x00'::bytea || convert_to(audit.statement(c), 'UTF8')) END
    FROM grown g LEFT JOIN audit.checkpoints c ON c.tenant_id = g.tenant_id AND c.n = g.before
    -- A clock that was set back must not put statements off.
    WHERE log.stated_at IS NULL OR abs(extract(epoch FROM clock_timestamp() - log.stated_at)) >= extract(epoch FROM pause)
        OR EXISTS (SELECT FROM grown d WHERE d.before IS NULL OR d.n - d.before >= events);
    GET DIAGNOSTICS stated = ROW_COUNT;
    IF stated > 0 THEN
        UPDATE platform.audit_log SET stated_at = clock_timestamp();
    END IF;
    RETURN stated;
END $$;

-- What waits for a signature, in the order of its places, and the log as it was signed last.
CREATE FUNCTION audit.unsigned(OUT log uuid, OUT size bigint, OUT frontier bytea, OUT statements text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, audit AS $$
    SELECT l.id, l.size, l.frontier,
        (SELECT array_agg(audit.statement(c) ORDER BY c.tenant_id, c.n) FROM audit.checkpoints c WHERE c.note IS NULL)
    FROM platform.audit_log l
$$;

-- Gives what waited its places from `signed_size` on; false when somebody else was faster.
CREATE FUNCTION audit.sign(signed_size bigint, grown bytea, signed_note text, paths bytea[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, audit AS $$
DECLARE
    signed bigint;
BEGIN
    -- What does not read back would stop the log for good.
    IF cardinality(paths) = 0 OR length(grown) <> 32 * bit_count(int8send(signed_size + cardinality(paths))) THEN
        RAISE EXCEPTION 'this is not how the log looks with these entries';
    END IF;
    UPDATE platform.audit_log SET size = signed_size + cardinality(paths), frontier = grown WHERE size = signed_size;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE audit.checkpoints c SET position = signed_size + w.place - 1, path = paths[w.place], note = signed_note
    FROM (SELECT tenant_id, n, row_number() OVER (ORDER BY tenant_id, n) AS place FROM audit.checkpoints WHERE note IS NULL) w
    WHERE c.tenant_id = w.tenant_id AND c.n = w.n;
    GET DIAGNOSTICS signed = ROW_COUNT;
    IF signed <> cardinality(paths) THEN
        RAISE EXCEPTION 'the entries that were signed are not those that wait';
    END IF;
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION audit.state_heads(bigint, interval), audit.unsigned(), audit.sign(bigint, bytea, text, bytea[])
    TO keystead_worker;
RESET ROLE;
