-- What the edge routes by: tenants' plans and moves, their own domains, and an epoch that rises with every change.
CREATE TABLE platform.directory (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL
);
INSERT INTO platform.directory (epoch) VALUES (1);

ALTER TABLE platform.tenants
    ADD COLUMN plan text NOT NULL DEFAULT 'standard' CHECK (plan IN ('trial', 'standard', 'scale')),
    -- On its way to another cell: nothing is read or written meanwhile.
    ADD COLUMN moving boolean NOT NULL DEFAULT false,
    -- The directory's epoch at the last change: requests that were routed by an older one are refused.
    ADD COLUMN route_epoch bigint NOT NULL DEFAULT 1,
    -- Tokens that were issued before are void.
    ADD COLUMN tokens_void_before timestamptz;

-- A builder's own domain. Many may claim a name; the one whose DNS says so has it.
CREATE TABLE platform.domains (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
    host text NOT NULL CHECK (host = lower(host) AND length(host) BETWEEN 4 AND 253),
    challenge text NOT NULL CHECK (length(challenge) BETWEEN 20 AND 100),
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    UNIQUE (tenant_id, host)
);
CREATE UNIQUE INDEX domains_verified ON platform.domains (host) WHERE verified_at IS NOT NULL;

-- Runs as the role that changes a tenant or a domain; both tables are the platform's alone.
CREATE FUNCTION platform.next_epoch() RETURNS bigint LANGUAGE sql VOLATILE SET search_path = pg_catalog
BEGIN ATOMIC
    UPDATE platform.directory SET epoch = epoch + 1 RETURNING epoch;
END;

CREATE FUNCTION platform.tenant_rerouted() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.route_epoch := platform.next_epoch();
    IF TG_OP = 'UPDATE' AND OLD.state = 'active' AND NEW.state <> 'active' THEN
        NEW.tokens_void_before := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_routed BEFORE INSERT ON platform.tenants
    FOR EACH ROW EXECUTE FUNCTION platform.tenant_rerouted();
CREATE TRIGGER tenants_rerouted BEFORE UPDATE OF slug, state, plan, moving ON platform.tenants
    FOR EACH ROW WHEN ((OLD.slug, OLD.state, OLD.plan, OLD.moving) IS DISTINCT FROM (NEW.slug, NEW.state, NEW.plan, NEW.moving))
    EXECUTE FUNCTION platform.tenant_rerouted();

CREATE FUNCTION platform.domain_rerouted() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM platform.next_epoch();
    RETURN NULL;
END $$;
CREATE TRIGGER domains_verified AFTER UPDATE OF verified_at ON platform.domains
    FOR EACH ROW EXECUTE FUNCTION platform.domain_rerouted();
CREATE TRIGGER domains_removed AFTER DELETE ON platform.domains
    FOR EACH ROW WHEN (OLD.verified_at IS NOT NULL) EXECUTE FUNCTION platform.domain_rerouted();

-- Numbers that an edge used once, for writes: every server of a cell sees them. They matter for a minute, so a crash may
-- forget them: by then their time is over.
CREATE UNLOGGED TABLE platform.edge_nonces (
    nonce bytea PRIMARY KEY CHECK (length(nonce) = 16),
    seen_at timestamptz NOT NULL
);

CREATE INDEX sessions_revoked ON identity.sessions (revoked_at) WHERE revoked_at IS NOT NULL;

REVOKE EXECUTE ON FUNCTION platform.next_epoch(), platform.tenant_rerouted(), platform.domain_rerouted() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.next_epoch() TO keystead_platform;
GRANT SELECT, UPDATE ON platform.directory TO keystead_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.domains TO keystead_platform;
GRANT SELECT, INSERT, DELETE ON platform.edge_nonces TO keystead_platform;
