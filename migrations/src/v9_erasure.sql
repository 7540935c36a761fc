-- Erasing a person reaches backups (docs/adr/0006). What wraps a person's key needs their share of the tenant's tree, which is in
-- no database; what is erased loses key, values, digests and tokens in one transaction.
SET LOCAL ROLE keystead_owner;

-- Where the tenant's tree is, once there was one.
ALTER TABLE app.tenant_keys ADD COLUMN shares text CHECK (shares IS NULL OR purpose = 'pii');
CREATE POLICY tenant_keys_shares ON app.tenant_keys FOR UPDATE TO keystead_app
    USING ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND purpose = 'pii')
    WITH CHECK ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND purpose = 'pii');
GRANT UPDATE (shares) ON app.tenant_keys TO keystead_app;

-- What wraps the key: nothing any more (0), the tenant's key alone (1, as before), or together with the share (2).
ALTER TABLE app.subject_keys ADD COLUMN wrapping smallint NOT NULL DEFAULT 1 CHECK (wrapping BETWEEN 0 AND 2);
ALTER TABLE app.subject_keys ALTER COLUMN wrapping DROP DEFAULT, ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE app.subject_keys ADD CONSTRAINT subject_keys_erased CHECK ((wrapping = 0) = (wrapped IS NULL));
CREATE INDEX subject_keys_to_wrap ON app.subject_keys (tenant_id, id) WHERE wrapping = 1;
CREATE POLICY subject_keys_erase ON app.subject_keys FOR UPDATE TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('contacts.erase')) AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])))
    WITH CHECK ((SELECT ctx.can('contacts.erase')) AND wrapping = 0
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
CREATE POLICY subject_keys_wrap ON app.subject_keys FOR UPDATE TO keystead_app, keystead_worker
    USING ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND wrapping = 1
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])))
    WITH CHECK ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND wrapping = 2
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
GRANT UPDATE (key_version, wrapping, wrapped) ON app.subject_keys TO keystead_app, keystead_worker;

-- An erased contact stays as what contracts refer to, and is nobody.
ALTER TABLE app.contacts ADD COLUMN erased_at timestamptz, ADD COLUMN backups_closed_at timestamptz,
    ALTER COLUMN name DROP NOT NULL;
ALTER TABLE app.contacts ADD CONSTRAINT contacts_erased CHECK (CASE WHEN erased_at IS NULL
    THEN name IS NOT NULL AND backups_closed_at IS NULL
    ELSE num_nonnulls(name, email, phone, address, date_of_birth, email_bidx, phone_bidx) = 0 END);
CREATE INDEX contacts_to_close ON app.contacts (tenant_id, id) WHERE erased_at IS NOT NULL AND backups_closed_at IS NULL;
DROP POLICY contacts_update ON app.contacts;
CREATE POLICY contacts_update ON app.contacts FOR UPDATE TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('contacts.manage')) AND erased_at IS NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])))
    WITH CHECK ((SELECT ctx.can('contacts.manage')) AND erased_at IS NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
-- Whoever cannot see contracts cannot know that none stands in the way.
CREATE POLICY contacts_erase ON app.contacts FOR UPDATE TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('contacts.erase')) AND (SELECT ctx.can('contracts.read')) AND erased_at IS NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])))
    WITH CHECK ((SELECT ctx.can('contacts.erase')) AND (SELECT ctx.can('contracts.read'))
        AND erased_at IS NOT NULL AND backups_closed_at IS NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
CREATE POLICY contacts_close ON app.contacts FOR UPDATE TO keystead_app, keystead_worker
    USING ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND erased_at IS NOT NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])))
    WITH CHECK ((SELECT ctx.actor_id()) = '00000000-0000-0000-0000-000000000000' AND erased_at IS NOT NULL
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));
GRANT UPDATE (erased_at, backups_closed_at) ON app.contacts TO keystead_app, keystead_worker;

CREATE POLICY search_tokens_erase ON app.search_tokens FOR DELETE TO keystead_app, keystead_worker
    USING ((SELECT ctx.can('contacts.erase'))
        AND ((SELECT ctx.all_projects()) OR project_id = ANY ((SELECT ctx.project_ids())::uuid[])));

-- Nobody who is erased becomes a party. The reference was checked first and holds the contact's row, so an erasure at the same
-- moment has either happened, and is seen here, or waits, and then sees the party.
CREATE FUNCTION app.refuse_erased_party() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT FROM app.contacts c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.contact_id AND c.erased_at IS NOT NULL) THEN
        RAISE check_violation USING MESSAGE = 'an erased contact is no party', CONSTRAINT = 'contract_parties_not_erased';
    END IF;
    RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION app.refuse_erased_party() TO keystead_app, keystead_worker;
CREATE TRIGGER contract_parties_not_erased AFTER INSERT ON app.contract_parties
    FOR EACH ROW EXECUTE FUNCTION app.refuse_erased_party();

-- Tenants whose shares have something to do: keys to wrap anew, an erasure to take out of the tree.
CREATE TABLE platform.share_tasks (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL
);
CREATE INDEX share_tasks_due ON platform.share_tasks (next_at);
GRANT SELECT, UPDATE, DELETE ON platform.share_tasks TO keystead_worker;
-- A tenant may ask, as itself; it can neither see nor change what is asked.
ALTER TABLE platform.share_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.share_tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY share_tasks_tenant ON platform.share_tasks AS RESTRICTIVE FOR ALL TO keystead_app
    USING (false) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE POLICY share_tasks_insert ON platform.share_tasks FOR INSERT TO keystead_app WITH CHECK (true);
CREATE POLICY share_tasks_worker ON platform.share_tasks FOR ALL TO keystead_worker, keystead_owner USING (true) WITH CHECK (true);
GRANT INSERT ON platform.share_tasks TO keystead_app;
INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at)
    SELECT gen_random_uuid(), id, now(), now() FROM platform.tenants WHERE state IN ('active', 'suspended');
