-- What was checked outside a transaction is asked again where it is written.

-- Which password a login was proven with: it moves when its owner chooses another one, not when the same one is hashed anew.
ALTER TABLE identity.identities ADD COLUMN password_version bigint NOT NULL DEFAULT 1;

-- A contract is drafted for a home that is for sale, at the price that it has. Whoever changes either first is waited for.
GRANT SELECT (not_for_sale_reason, price_minor) ON app.units TO keystead_derive;
GRANT CREATE ON SCHEMA app TO keystead_derive;
RESET ROLE;
SET LOCAL ROLE keystead_derive;
CREATE OR REPLACE FUNCTION app.derive_sale_stage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app AS $$
BEGIN
    UPDATE app.units u SET sale_stage = CASE NEW.state
            WHEN 'draft' THEN 'offer' WHEN 'submitted' THEN 'offer' WHEN 'approved' THEN 'pending_signature' END
    WHERE u.tenant_id = NEW.tenant_id AND u.id = NEW.unit_id
        AND (TG_OP = 'UPDATE' OR u.not_for_sale_reason IS NULL AND u.price_minor = NEW.list_price_minor);
    IF NOT FOUND THEN
        RAISE check_violation USING MESSAGE = 'the home is not for sale at this price', CONSTRAINT = 'contracts_home_as_seen';
    END IF;
    RETURN NULL;
END $$;
RESET ROLE;
SET LOCAL ROLE keystead_owner;
REVOKE CREATE ON SCHEMA app FROM keystead_derive;
