-- At most one live contract per home (home-sales 5.15, invariant 1). The race of two buyers ends here.
CREATE UNIQUE INDEX contracts_one_live_per_unit ON app.contracts (tenant_id, unit_id) WHERE state <> 'cancelled';
CREATE INDEX contracts_newest ON app.contracts (tenant_id, id);
CREATE INDEX contracts_of_project ON app.contracts (tenant_id, project_id, id);
CREATE INDEX contract_parties_of_contact ON app.contract_parties (tenant_id, contact_id);

-- A contract moves only along the state machine, and each move asks for its own permission, whatever the API thinks.
CREATE FUNCTION app.contract_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    needed text := CASE OLD.state || '>' || NEW.state
        WHEN 'draft>submitted' THEN 'contracts.write'
        WHEN 'submitted>draft' THEN 'contracts.approve'
        WHEN 'submitted>approved' THEN 'contracts.approve'
        WHEN 'draft>cancelled' THEN 'contracts.write'
        WHEN 'submitted>cancelled' THEN 'contracts.cancel'
        WHEN 'approved>cancelled' THEN 'contracts.cancel'
    END;
BEGIN
    IF needed IS NULL THEN
        RAISE check_violation USING MESSAGE = 'a contract cannot move this way', CONSTRAINT = 'contracts_state_machine';
    END IF;
    IF NOT (ctx.can(needed) OR ctx.can('contracts.cancel') AND NEW.state = 'cancelled') THEN
        RAISE insufficient_privilege USING MESSAGE = 'this move needs another permission';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_moves BEFORE UPDATE ON app.contracts FOR EACH ROW EXECUTE FUNCTION app.contract_moves();
GRANT EXECUTE ON FUNCTION app.contract_moves() TO keystead_app, keystead_worker;

GRANT SELECT, INSERT, UPDATE ON app.contract_counters TO keystead_derive;
CREATE POLICY contract_counters_derived ON app.contract_counters FOR ALL TO keystead_derive USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, id, sale_stage, row_version, updated_at), UPDATE (sale_stage) ON app.units TO keystead_derive;
CREATE POLICY units_stage ON app.units FOR ALL TO keystead_derive USING (true) WITH CHECK (true);
GRANT CREATE ON SCHEMA app TO keystead_derive;
RESET ROLE;
SET LOCAL ROLE keystead_derive;

-- A home's sale stage follows its live contract. Nobody can type it: only this trigger's owner may write the column.
CREATE FUNCTION app.derive_sale_stage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app AS $$
BEGIN
    UPDATE app.units u SET sale_stage = CASE NEW.state
            WHEN 'draft' THEN 'offer' WHEN 'submitted' THEN 'offer' WHEN 'approved' THEN 'pending_signature' END
    WHERE u.tenant_id = NEW.tenant_id AND u.id = NEW.unit_id;
    RETURN NULL;
END $$;

CREATE FUNCTION app.number_contract() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app AS $$
BEGIN
    INSERT INTO app.contract_counters AS c (tenant_id, id, project_id, last_number)
    VALUES (NEW.tenant_id, NEW.project_id, NEW.project_id, 1)
    ON CONFLICT (tenant_id, id) DO UPDATE SET last_number = c.last_number + 1
    RETURNING last_number INTO NEW.number;
    RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION app.derive_sale_stage(), app.number_contract() TO keystead_owner;
RESET ROLE;
SET LOCAL ROLE keystead_owner;
REVOKE CREATE ON SCHEMA app FROM keystead_derive;
CREATE TRIGGER contracts_stage AFTER INSERT OR UPDATE OF state ON app.contracts FOR EACH ROW EXECUTE FUNCTION app.derive_sale_stage();
CREATE TRIGGER contracts_number BEFORE INSERT ON app.contracts FOR EACH ROW EXECUTE FUNCTION app.number_contract();
