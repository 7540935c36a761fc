//! A database that is large enough for the time of its restore to mean something.

use std::time::Duration;

use keystead_proofs::{Proof, full};
use keystead_tests::{count, uuid_of};
use tokio_postgres::Client;

/// Homes that the deep tier adds: with their indexes well beyond [`LEAST_MB`].
const HOMES: usize = 400_000;

/// In a smaller database, making it and starting a server take most of the time.
const LEAST_MB: f64 = 200.0;

/// What may be restored in fifteen minutes, at least.
const TEN_GB: f64 = 10e9;

/// In the deep tier, copies a tenant's first home by SQL until the database is large. As the homes are the tenant's,
/// they are in its export, too.
pub(super) async fn enlarge(database: &Client, tenant: &str) {
    if !full() {
        return;
    }
    let tenant = uuid_of(tenant);
    let insert = format!(
        "BEGIN;
        SET LOCAL session_replication_role = replica;
        INSERT INTO app.units (tenant_id, id, project_id, phase_id, building_id, plan_id, elevation_id, number, floor,
                address, parcel, bedrooms, square_feet, price_minor, currency)
            SELECT u.tenant_id, (lpad(to_hex(n), 8, '0') || substr(gen_random_uuid()::text, 9))::uuid, u.project_id,
                u.phase_id, u.building_id, u.plan_id, u.elevation_id, 'B' || lpad(n::text, 8, '0'), 1 + n % 6,
                n || ' Harvest Lane, The Orchards, Sacramento, CA 95814', 'P-' || n, 1 + n % 4, 900 + n % 1400,
                u.price_minor, u.currency
            FROM (SELECT * FROM app.units WHERE tenant_id = '{tenant}' ORDER BY id LIMIT 1) u,
                generate_series(1, {HOMES}) n;
        COMMIT"
    );
    database.batch_execute(&insert).await.unwrap();
}

/// Reports how long it `took` until this database was back, and in the deep tier what that comes to for ten gigabytes.
pub(super) async fn report(proof: &Proof, name: &str, restored: &Client, took: Duration) {
    let bytes = count(restored, "SELECT pg_database_size(current_database())", &[]).await as f64;
    proof.note(&format!("{name}-rto-seconds"), took.as_secs_f64());
    if full() {
        proof.at_least(&format!("{name}-restored-mb"), bytes / 1e6, LEAST_MB);
        let minutes = took.as_secs_f64() / 60.0 * TEN_GB / bytes;
        proof.at_most(&format!("{name}-rto-minutes-per-10-gb"), minutes, 15);
    } else {
        proof.note(&format!("{name}-restored-mb"), bytes / 1e6);
    }
}
