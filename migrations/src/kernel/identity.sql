-- Logins, across tenants. No buyer ever stands here: names, e-mail addresses and authenticators of staff only.
CREATE TABLE identity.identities (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    password_hash text NOT NULL,
    is_operator boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

-- Failed logins by hash of the address, whether or not anybody has it: throttling tells nothing about who exists.
CREATE TABLE identity.login_attempts (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    retry_at timestamptz,
    at timestamptz NOT NULL
);

CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY,
    identity_id uuid NOT NULL REFERENCES identity.identities (id),
    tenant_id uuid REFERENCES platform.tenants (id),
    member_id uuid,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text,
    CHECK ((tenant_id IS NULL) = (member_id IS NULL))
);
CREATE INDEX sessions_of_member ON identity.sessions (tenant_id, member_id) WHERE revoked_at IS NULL;

-- One-time refresh tokens. A used one stays, so that its reuse is recognised and kills the session.
CREATE TABLE identity.refresh_tokens (
    hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES identity.sessions (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_of_session ON identity.refresh_tokens (session_id);

GRANT USAGE ON SCHEMA identity TO keystead_platform;
GRANT SELECT, INSERT, UPDATE ON identity.identities, identity.sessions, identity.refresh_tokens TO keystead_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.login_attempts TO keystead_platform;
GRANT DELETE ON identity.refresh_tokens TO keystead_platform;
