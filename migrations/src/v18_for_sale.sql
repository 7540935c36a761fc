-- A contract is drafted for a home that is for sale when it is written: V17 asked the home; its phase and its project say so, too.
GRANT SELECT (phase_id) ON app.units TO keystead_derive;
GRANT SELECT (tenant_id, id, state) ON app.projects TO keystead_derive;
GRANT SELECT (tenant_id, id, released_at) ON app.phases TO keystead_derive;
-- In the order in which a request looks at them, or each would wait for the other.
CREATE POLICY phases_for_sale ON app.phases FOR SELECT TO keystead_derive USING (true);
CREATE POLICY projects_for_sale ON app.projects FOR SELECT TO keystead_derive USING (true);
GRANT CREATE ON SCHEMA app TO keystead_derive;
RESET ROLE;
SET LOCAL ROLE keystead_derive;
CREATE OR REPLACE FUNCTION app.derive_sale_stage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app AS $$
DECLARE
    phase uuid;
    for_sale boolean;
BEGIN
    UPDATE app.units u SET sale_stage = CASE NEW.state
            WHEN 'draft' THEN 'offer' WHEN 'submitted' THEN 'offer' WHEN 'approved' THEN 'pending_signature' END
    WHERE u.tenant_id = NEW.tenant_id AND u.id = NEW.unit_id
        AND (TG_OP = 'UPDATE' OR u.not_for_sale_reason IS NULL AND u.price_minor = NEW.list_price_minor)
    RETURNING u.phase_id INTO phase;
    for_sale := FOUND;
    IF for_sale AND TG_OP = 'INSERT' THEN
        -- A statement of its own, which sees what was committed while the home was waited for. It takes no lock: whoever archives the
        -- project or takes the release back asks for no contracts, so theirs comes after this one.
        for_sale := EXISTS (SELECT FROM app.projects p JOIN app.phases h ON h.tenant_id = p.tenant_id
            WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.project_id AND p.state = 'active'
                AND h.id = phase AND h.released_at <= CURRENT_TIMESTAMP);
    END IF;
    IF NOT for_sale THEN
        RAISE check_violation USING MESSAGE = 'the home is not for sale at this price', CONSTRAINT = 'contracts_home_as_seen';
    END IF;
    RETURN NULL;
END $$;
RESET ROLE;
SET LOCAL ROLE keystead_owner;
REVOKE CREATE ON SCHEMA app FROM keystead_derive;
