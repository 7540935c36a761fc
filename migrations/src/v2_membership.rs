//! A tenant's settings, roles, people and keys.

use crate::tenant_table::{Scope::Tenant, TenantTable};

pub(crate) fn sql() -> String {
    let settings = TenantTable::new(
        "settings",
        "settings",
        Tenant,
        "name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    time_zone text NOT NULL DEFAULT 'America/Los_Angeles',
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    locale text NOT NULL DEFAULT 'en-US',
    CHECK (id = tenant_id)",
    )
    .read(&["settings.read", "projects.read"])
    .insert(&["settings.manage"])
    .update(&["settings.manage"], "name, time_zone, currency, locale");

    let roles = TenantTable::new(
        "roles",
        "role",
        Tenant,
        "key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{1,39}$'),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    permissions text[] NOT NULL,
    UNIQUE (tenant_id, key)",
    )
    .read(&["settings.read", "members.read", "settings.manage"])
    .insert(&["settings.manage"])
    .update(&["settings.manage"], "title, permissions")
    .platform_reads();

    let members = TenantTable::new(
        "members",
        "member",
        Tenant,
        "identity_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role_id uuid NOT NULL,
    all_projects boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'removed')),
    UNIQUE (tenant_id, identity_id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES app.roles (tenant_id, id)",
    )
    .read(&["members.read"])
    .insert(&["members.manage"])
    .update(&["members.manage"], "role_id, all_projects, state, name")
    .platform_reads();

    let invitations = TenantTable::new(
        "invitations",
        "invitation",
        Tenant,
        "email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role_id uuid NOT NULL,
    all_projects boolean NOT NULL DEFAULT false,
    project_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(project_ids) <= 200),
    token_hash bytea NOT NULL,
    invited_by uuid NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'revoked')),
    expires_at timestamptz NOT NULL,
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, role_id) REFERENCES app.roles (tenant_id, id),
    FOREIGN KEY (tenant_id, invited_by) REFERENCES app.members (tenant_id, id)",
    )
    .read(&["members.read"])
    .insert(&["members.manage"])
    .update(&["members.manage"], "state")
    .hidden(&["token_hash"])
    .platform_reads();

    let tenant_keys = TenantTable::new(
        "tenant_keys",
        "tenant_key",
        Tenant,
        "purpose text NOT NULL CHECK (purpose ~ '^[a-z]{2,20}$'),
    version integer NOT NULL CHECK (version > 0),
    kms_key text NOT NULL,
    wrapped bytea NOT NULL,
    state text NOT NULL DEFAULT 'current' CHECK (state IN ('current', 'retired')),
    UNIQUE (tenant_id, purpose, version)",
    )
    .read(&["contacts.read", "settings.manage"])
    .insert(&["settings.manage"])
    .hidden(&["wrapped"]);

    let idempotency = TenantTable::new(
        "idempotency_keys",
        "idempotency_key",
        Tenant,
        "member_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    body jsonb NOT NULL,
    UNIQUE (tenant_id, member_id, key)",
    );
    // One's own keys only; no permission guards them.
    let idempotency = idempotency.unaudited().sql_before_v14()
        + "
CREATE POLICY idempotency_keys_select ON app.idempotency_keys FOR SELECT TO keystead_app USING (member_id = (SELECT ctx.actor_id()));
CREATE POLICY idempotency_keys_insert ON app.idempotency_keys FOR INSERT TO keystead_app WITH CHECK (member_id = (SELECT ctx.actor_id()));
GRANT SELECT, INSERT ON app.idempotency_keys TO keystead_app;
";

    let invitation_lookup = "CREATE INDEX invitations_by_token ON app.invitations (token_hash);
CREATE INDEX members_by_identity ON app.members (identity_id);";

    [
        settings.sql_before_v14(),
        roles.sql_before_v14(),
        members.sql_before_v14(),
        invitations.sql_before_v14(),
        tenant_keys.sql_before_v14(),
        idempotency,
        invitation_lookup.to_owned(),
    ]
    .concat()
}
