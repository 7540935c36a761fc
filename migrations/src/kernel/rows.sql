-- What every tenant table's triggers call.
GRANT USAGE ON SCHEMA app TO keystead_app, keystead_worker, keystead_platform, keystead_derive;

CREATE FUNCTION app.next_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.row_version := OLD.row_version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION app.next_version() TO keystead_app, keystead_worker;
