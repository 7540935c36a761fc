-- What the workspace and the operators' console show.

-- Which device a session is: what it said of itself, and the network that it logged in from, never the whole address.
ALTER TABLE identity.sessions ADD COLUMN user_agent text CHECK (length(user_agent) <= 300);
ALTER TABLE identity.sessions ADD COLUMN network text CHECK (length(network) <= 60);
CREATE INDEX sessions_of_identity ON identity.sessions (identity_id) WHERE revoked_at IS NULL;

-- How a member likes things shown; null is as the tenant has it.
ALTER TABLE app.members ADD COLUMN locale text CHECK (length(locale) BETWEEN 2 AND 35);
ALTER TABLE app.members ADD COLUMN time_zone text CHECK (length(time_zone) BETWEEN 1 AND 60);

-- Members change these three of their own row, whatever their role: a policy cannot tell columns apart, so a function does it.
GRANT SELECT (tenant_id, id, name, locale, time_zone, row_version, updated_at), UPDATE (name, locale, time_zone)
    ON app.members TO keystead_derive;
CREATE POLICY members_own ON app.members FOR ALL TO keystead_derive
    USING (id = (SELECT ctx.actor_id())) WITH CHECK (id = (SELECT ctx.actor_id()));
GRANT CREATE ON SCHEMA app TO keystead_derive;
RESET ROLE;
SET LOCAL ROLE keystead_derive;
-- The row's new version; NULL when it is not `seen` any more.
CREATE FUNCTION app.change_own_profile(seen bigint, new_name text, new_locale text, new_time_zone text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app AS $$
    UPDATE app.members SET name = new_name, locale = new_locale, time_zone = new_time_zone
    WHERE tenant_id = ctx.tenant_id() AND id = ctx.actor_id() AND row_version = seen RETURNING row_version
$$;
GRANT EXECUTE ON FUNCTION app.change_own_profile(bigint, text, text, text) TO keystead_app;
RESET ROLE;
SET LOCAL ROLE keystead_owner;
REVOKE CREATE ON SCHEMA app FROM keystead_derive;

-- What operators decide about a tenant. A limit that is null is none.
ALTER TABLE platform.tenants
    ADD COLUMN IF NOT EXISTS plan text NOT NULL DEFAULT 'standard' CHECK (plan IN ('trial', 'standard', 'scale')),
    ADD COLUMN max_members bigint CHECK (max_members > 0),
    ADD COLUMN max_projects bigint CHECK (max_projects > 0),
    ADD COLUMN max_file_bytes bigint CHECK (max_file_bytes > 0),
    ADD COLUMN terms_version bigint NOT NULL DEFAULT 1,
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_because text CHECK (length(suspended_because) BETWEEN 3 AND 500),
    ADD CONSTRAINT tenants_suspended_check CHECK ((suspended_at IS NULL) = (suspended_because IS NULL));

ALTER TABLE platform.provisioning_steps ADD COLUMN started_at timestamptz;

CREATE INDEX events_of_object ON platform.events (object_id, id DESC);
CREATE INDEX outbox_parked ON platform.outbox (id) WHERE parked_at IS NOT NULL;
CREATE INDEX identities_operators ON identity.identities (id) WHERE is_operator;

-- Who is asked to become an operator. The token is in the mail and in nothing else.
CREATE TABLE platform.operator_invitations (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    invited_by uuid NOT NULL REFERENCES identity.identities (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz
);
CREATE UNIQUE INDEX operator_invitations_open ON platform.operator_invitations (email) WHERE accepted_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.operator_invitations TO keystead_platform;
