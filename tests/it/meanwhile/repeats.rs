//! A request that is repeated while it is being served.

use keystead_tests::Call;
use serde_json::json;

use super::{Held, world};

/// It would find the code taken: by itself.
#[tokio::test]
async fn nobody_stumbles_over_what_the_same_request_is_writing() {
    let world = world().await;
    let acme = world.tenant("acme").await;
    let fusion = json!({ "code": "FUSION", "name": "Fusion", "time_zone": "America/Los_Angeles", "currency": "USD" });
    let made = || -> Call { acme.admin.post("/v1/projects", &fusion).header("idempotency-key", "fusion") };
    let held = Held::at(&world, "AFTER INSERT ON app.projects").await;
    let first = held.stops(made()).await;
    made().refused(409, "in-progress", "").await;
    held.lets_go().await;
    let first = first.await.unwrap();
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(made().expect(201).await.json, first.json);
}
