//! T19: what the server needs fails in every way, under load. Whatever was acknowledged stands, once; nobody sees another's
//! rows; nothing tells of a person; and when the fault is over, everybody is served again.

mod clients;
mod clocks;
mod network;
mod outages;
mod services;
mod stopping;

use std::time::Duration;

use futures::future::join_all;
use keystead_proofs::scale;
use keystead_tests::{
    Site, Tenant,
    history::{ANSWERED_WITHIN_MS, Loaded},
};

/// Recovery takes at most this long (security.md, T19).
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

/// A few tenants with a project each.
async fn tenants<S: Site>(site: &S) -> Vec<Loaded> {
    let slugs = ["acme", "bolt", "cove", "dune"].into_iter().take(scale(2, 4));
    join_all(slugs.map(|slug| async move { Loaded::of(&Tenant::sign_up(site, slug).await).await })).await
}
