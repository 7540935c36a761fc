//! T20: whatever changes a tenant's rows leaves an event of the same transaction.
//!
//! A spy on every table of the catalogue notes what really changed. A day's work then performs every operation of the OpenAPI
//! document that may change something; one that is added to the document and not to the day is missed by name.

use std::collections::BTreeMap;

use keystead_api::routes::document;
use keystead_proofs::{Proof, scale};
use keystead_tests::{Options, World, count};
use tokio_postgres::Client;

use super::day::{Day, end};

/// Notes every row of tenants and of the platform that is added, changed or deleted, and every event, each with its
/// transaction. A change of the columns that the trail leaves out on purpose (its trigger's third argument) is none.
const SPY: &str = "
CREATE TABLE public.changes (place bigserial, tx bigint DEFAULT txid_current(), name text, object uuid, audited boolean, operation text);
CREATE TABLE public.traces (place bigserial, tx bigint DEFAULT txid_current(), object uuid, request uuid);
CREATE FUNCTION public.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    leaves_out text[] := TG_ARGV[1]::text[] || ARRAY['row_version', 'updated_at'];
BEGIN
    IF TG_OP <> 'UPDATE' OR was - leaves_out IS DISTINCT FROM becomes - leaves_out THEN
        INSERT INTO public.changes (name, object, audited, operation)
        VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, (coalesce(becomes, was) ->> 'id')::uuid, TG_ARGV[0]::boolean, TG_OP);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.note_trace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.traces (object, request) VALUES (NEW.object_id, NEW.request_id);
    RETURN NULL;
END $$;
CREATE TRIGGER spy AFTER INSERT ON audit.events FOR EACH ROW EXECUTE FUNCTION public.note_trace();
DO $$
DECLARE
    spied record;
BEGIN
    FOR spied IN SELECT c.oid::regclass AS name, t.tgargs FROM pg_class c
        LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgfoid = 'audit.record'::regproc
        WHERE c.relnamespace IN ('app'::regnamespace, 'platform'::regnamespace) AND c.relkind IN ('r', 'p')
            -- The operators' own trail, and what a job changes whenever it likes: mail, shares to settle, signed checkpoints.
            AND c.oid NOT IN ('platform.events'::regclass, 'platform.outbox'::regclass, 'platform.share_tasks'::regclass,
                'platform.audit_log'::regclass)
    LOOP
        EXECUTE format('CREATE TRIGGER spy AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.note_change(%L, %L)',
            spied.name, spied.tgargs IS NOT NULL,
            coalesce(split_part(encode(spied.tgargs, 'escape'), '\\000', 3), '{}'));
    END LOOP;
END $$;
";

/// Lets every statement that writes take its time, so that whoever does the same at once comes in the middle of it.
const DAWDLE: &str = "
CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN NULL; END $$;
DO $$
DECLARE
    written regclass;
BEGIN
    FOR written IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace IN ('app'::regnamespace, 'platform'::regnamespace, 'identity'::regnamespace)
    LOOP
        EXECUTE format('CREATE TRIGGER dawdle AFTER INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION public.dawdle()', written);
    END LOOP;
END $$;
";

/// Operations that may change something, with the permission that each needs.
fn mutating() -> BTreeMap<String, String> {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap());
    operations
        .filter(|(method, _)| *method != "get")
        .map(|(_, operation)| {
            let text = |name: &str| operation[name].as_str().unwrap().to_owned();
            (text("operationId"), text("x-permission"))
        })
        .collect()
}

#[tokio::test]
async fn whatever_changes_leaves_an_event_of_its_transaction() {
    let proof = Proof::of("T20");
    let world = World::with(Options { auto_approve: false, ..Default::default() }).await;
    let mut day = Day::begin(&world, SPY, 1).await;
    let acme = day.work(&world).await;
    // Before the end: search digests are destroyed batch by batch, and those batches are no events.
    rows_have_events(&proof, &day.superuser).await;
    end(&mut day, &world, &acme).await;

    let documented = mutating();
    let missed: Vec<&String> = documented.keys().filter(|name| !day.left.contains_key(*name)).collect();
    let unknown: Vec<&String> = day.left.keys().filter(|name| !documented.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "these are no operations: {unknown:?}");
    let silent: Vec<_> = day.left.iter().filter(|(_, left)| left.changes > 0 && left.events == 0).collect();
    let by_operators = day.left.iter().filter(|(name, _)| documented[*name] == "operator");
    let unnoted: Vec<_> = by_operators.filter(|(_, left)| left.platform > 0 && left.trail == 0).collect();
    proof.at_least("mutating-operations", documented.len(), 40);
    proof.zero("mutating-operations-not-performed", missed.len());
    proof.zero("mutations-without-event", silent.len());
    proof.zero("operator-actions-without-event", unnoted.len());
    proof.note(
        "operations-that-change-no-row",
        day.left.values().filter(|left| left.changes + left.platform == 0).count(),
    );
    assert!(missed.is_empty() && silent.is_empty() && unnoted.is_empty(), "{missed:?} {silent:?} {unnoted:?}");
}

/// People click twice, and networks repeat: whoever comes second is told why, and nothing of it is our failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_several_do_at_once_is_done_or_refused() {
    let proof = Proof::of("T20");
    let world = World::with(Options { auto_approve: false, ..Default::default() }).await;
    let at_once = scale(4, 12);
    let mut day = Day::begin(&world, &format!("{SPY}{DAWDLE}"), at_once).await;
    let acme = day.work(&world).await;
    rows_have_events(&proof, &day.superuser).await;
    end(&mut day, &world, &acme).await;
    proof.note("at-once", at_once);
    proof.at_least("operations-at-once", day.left.len(), 40);
    proof.zero("failures-at-once", day.failures.len());
    assert!(day.failures.is_empty(), "{:#?}", day.failures);
}

/// Row by row and transaction by transaction, over everything that happened.
async fn rows_have_events(proof: &Proof, superuser: &Client) {
    let of = async |sql: &str| count(superuser, sql, &[]).await;
    proof.at_least("rows-changed", of("SELECT count(*) FROM public.changes WHERE name LIKE 'app.%'").await, 100);
    let untouched = "SELECT count(*) FROM pg_class c WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM public.changes WHERE name = 'app.' || c.relname)";
    proof.zero("tables-never-written", of(untouched).await);
    let silent = "SELECT count(*) FROM public.changes c WHERE audited
        AND NOT EXISTS (SELECT FROM public.traces t WHERE t.tx = c.tx AND t.object = c.object)";
    proof.zero("row-changes-without-event", of(silent).await);
    let transactions = "SELECT count(DISTINCT tx) FROM public.changes c WHERE name LIKE 'app.%'
        AND NOT EXISTS (SELECT FROM public.traces t WHERE t.tx = c.tx)";
    proof.zero("transactions-without-event", of(transactions).await);
    let invented = "SELECT count(*) FROM public.traces t WHERE NOT EXISTS
        (SELECT FROM public.changes c WHERE c.tx = t.tx AND c.object = t.object)";
    proof.zero("events-without-change", of(invented).await);
}
