//! The edge: who gets through, and what of them. Against the native host, in front of a real cell and of one that only writes
//! down. `edge/vectors` has the cases that the worker is tried with, too; [`worker`] runs those.

mod domains;
mod hosts;
mod limits;
mod origin;
mod outages;
mod pass_through;
mod public;
mod revocation;
mod smuggling;
mod tokens;
mod ui;
mod worker;

use keystead_ids::SessionId;
use keystead_tests::{
    Answer, Call,
    edge::{NativeEdge, cell::TENANTS},
};
use uuid::Uuid;

/// The first tenant's id.
const ACME: &str = TENANTS[0].1;
/// The other tenant's id.
const GLOBEX: &str = TENANTS[1].1;
/// A member.
const MEMBER: &str = "mem_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";

fn session() -> SessionId {
    SessionId(Uuid::new_v4())
}

/// A request at a tenant's host.
fn at(edge: &NativeEdge, slug: &str, method: &str, path: &str) -> Call {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let port = edge.url.rsplit(':').next().unwrap();
    // Not every system's resolver knows names below localhost.
    Call::new(&http, method, &format!("{}{path}", edge.url)).header("host", &format!("{slug}.localhost:{port}"))
}

/// A request at a tenant's host, with a token.
async fn get_as(edge: &NativeEdge, slug: &str, token: &str) -> Answer {
    at(edge, slug, "GET", "/v1/units").bearer(token).send().await
}
