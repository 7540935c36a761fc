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
