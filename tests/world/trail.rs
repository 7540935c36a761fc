//! The audit trail, verified as an outsider would.

use std::time::{Duration, Instant};

use keystead_audit::{Expect, Head, verify};
use tokio_postgres::Client;

use crate::{Person, process::count, uuid_of};

/// Waits until every event of the tenant has its place in the chain, exports the trail as `auditor`, verifies it offline
/// against the head that the API tells, and returns how many events it has: all that there are.
pub async fn verified_trail(auditor: &Person, tenant: &str, database: &Client) -> i64 {
    let id = uuid_of(tenant);
    let deadline = Instant::now() + Duration::from_secs(30);
    while count(database, "SELECT count(*) FROM audit.events WHERE tenant_id = $1 AND n IS NULL", &[&id]).await > 0 {
        assert!(Instant::now() < deadline, "the events of {tenant} are not chained in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let head = auditor.get("/v1/audit/head").expect(200).await.json;
    let head = Head { n: head["n"].as_u64().unwrap(), hash: head["hash"].as_str().unwrap().parse().unwrap() };
    let export = auditor.get("/v1/audit/export").expect(200).await;
    let expected = Expect { tenant: Some(tenant.parse().unwrap()), head: Some(head), ..Expect::default() };
    let report = verify(export.text.as_bytes(), expected).expect("the trail verifies");
    let events = count(database, "SELECT count(*) FROM audit.events WHERE tenant_id = $1", &[&id]).await;
    assert_eq!(report.events, events.unsigned_abs(), "the export holds every event");
    events
}
