//! `keystead migrate` on a cluster that has other databases.

use futures::future::join_all;
use keystead_server::database::prepare;
use keystead_tests::{Options, World, server_config};
use uuid::Uuid;

/// Roles belong to the cluster, so every database that is prepared writes the same rows of its catalogue.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn databases_of_one_cluster_are_prepared_at_once() {
    let world = World::new().await;
    let root =
        server_config(&world.database, &Options::default(), "127.0.0.1:1".parse().unwrap()).shared.root().unwrap();
    let admin_url = std::env::var("DATABASE_ADMIN_URL").unwrap();
    let names: Vec<String> = (0..8).map(|_| format!("t_{}", Uuid::new_v4().simple())).collect();
    for prepared in join_all(names.iter().map(|name| prepare(&admin_url, name, &root))).await {
        assert!(!prepared.unwrap().is_empty());
    }
}
