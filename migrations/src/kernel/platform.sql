-- What belongs to the platform and to no tenant. Only keystead_platform reads or writes here.
CREATE TABLE platform.tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{2,39}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    state text NOT NULL CHECK (state IN ('provisioning', 'active', 'suspended')),
    kms_key text,
    key_epoch bigint NOT NULL DEFAULT 1,
    storage_prefix text UNIQUE,
    created_at timestamptz NOT NULL,
    activated_at timestamptz
);
CREATE INDEX tenants_by_state ON platform.tenants (state, created_at);

CREATE TABLE platform.signups (
    id uuid PRIMARY KEY,
    slug text NOT NULL CHECK (slug ~ '^[a-z][a-z0-9-]{2,39}$'),
    company_name text NOT NULL CHECK (length(company_name) BETWEEN 1 AND 200),
    admin_name text NOT NULL CHECK (length(admin_name) BETWEEN 1 AND 200),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    password_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('unverified', 'verified', 'approved', 'rejected')),
    token_hash bytea NOT NULL UNIQUE,
    tenant_id uuid REFERENCES platform.tenants (id),
    decided_by uuid,
    decision_note text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    verified_at timestamptz,
    decided_at timestamptz
);
-- A slug is promised to one applicant at a time; expired, unverified applications are removed before the next one.
CREATE UNIQUE INDEX signups_slug_promised ON platform.signups (slug) WHERE state <> 'rejected';
CREATE INDEX signups_by_state ON platform.signups (state, id);

CREATE TABLE platform.provisioning_steps (
    tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
    step text NOT NULL,
    position smallint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    error text,
    PRIMARY KEY (tenant_id, step)
);

CREATE TABLE platform.signing_keys (
    kid text PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed_key bytea NOT NULL,
    signs_from timestamptz NOT NULL,
    retires_at timestamptz,
    created_at timestamptz NOT NULL
);

-- Mail to send, written in the transaction that decides to send it.
CREATE TABLE platform.outbox (
    id uuid PRIMARY KEY,
    tenant_id uuid REFERENCES platform.tenants (id),
    recipient text NOT NULL,
    message jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    parked_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL
);
CREATE INDEX outbox_due ON platform.outbox (next_at) WHERE parked_at IS NULL;

-- The operators' own trail.
CREATE TABLE platform.events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    action text NOT NULL,
    object_id uuid,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX events_newest ON platform.events (id DESC);

GRANT USAGE ON SCHEMA platform TO keystead_platform, keystead_worker;
GRANT SELECT, INSERT, UPDATE ON platform.tenants, platform.provisioning_steps, platform.signing_keys TO keystead_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.signups, platform.outbox TO keystead_platform;
GRANT SELECT, INSERT ON platform.events TO keystead_platform;
GRANT SELECT, UPDATE, DELETE ON platform.outbox TO keystead_worker;
-- A tenant may put mail in the outbox, as itself; it can neither see nor change what is there.
ALTER TABLE platform.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_tenant ON platform.outbox AS RESTRICTIVE FOR ALL TO keystead_app
    USING (false) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE POLICY outbox_insert ON platform.outbox FOR INSERT TO keystead_app WITH CHECK (true);
CREATE POLICY outbox_platform ON platform.outbox FOR ALL TO keystead_platform, keystead_worker USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA platform TO keystead_app;
GRANT INSERT ON platform.outbox TO keystead_app;
