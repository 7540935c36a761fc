-- Backups read everything. Each owner grants what it has, and what it will have: a table of tomorrow is in tomorrow's dump.
-- pg_dump needs USAGE on every schema and SELECT on every table and sequence, and nothing else.
DO $$
DECLARE
    owner name;
    space name;
BEGIN
    FOREACH owner IN ARRAY ARRAY['keystead_owner', 'keystead_ctx', 'keystead_audit', 'keystead_migrate'] LOOP
        -- Only as the owner itself: its members do not inherit its rights.
        EXECUTE format('SET LOCAL ROLE %I', owner);
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT SELECT ON TABLES TO keystead_backup', owner);
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT SELECT ON SEQUENCES TO keystead_backup', owner);
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT USAGE ON SCHEMAS TO keystead_backup', owner);
        FOR space IN SELECT nspname FROM pg_namespace WHERE nspowner = owner::text::regrole LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO keystead_backup', space);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO keystead_backup', space);
            EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO keystead_backup', space);
        END LOOP;
    END LOOP;
END $$;
RESET ROLE;
SET LOCAL ROLE keystead_owner;

-- An export of one tenant holds every table, so the API's role has to be able to read every one: counters as contracts are
-- read, and kept answers, which are their member's alone, by the platform itself, whose actor is the nil id.
CREATE POLICY idempotency_keys_export ON app.idempotency_keys FOR SELECT TO keystead_app
    USING ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000');
CREATE POLICY contract_counters_select ON app.contract_counters FOR SELECT TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('contracts.read'))
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
GRANT SELECT ON app.contract_counters TO keystead_app, keystead_worker;

-- Offboarding: a tenant whose keys are destroyed. Only the platform itself may delete a tenant's keys, inside its context.
ALTER TABLE platform.tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE platform.tenants ADD CONSTRAINT tenants_state_check
    CHECK (state IN ('provisioning', 'active', 'suspended', 'offboarding', 'offboarded'));
ALTER TABLE platform.tenants ADD COLUMN offboarded_at timestamptz;
ALTER TABLE platform.tenants ADD CONSTRAINT tenants_offboarded_check CHECK ((state = 'offboarded') = (offboarded_at IS NOT NULL));
CREATE POLICY tenant_keys_shred ON app.tenant_keys FOR DELETE TO keystead_app
    USING ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000');
GRANT DELETE ON app.tenant_keys TO keystead_app;
