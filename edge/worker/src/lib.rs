//! The edge on Cloudflare: `keystead-edge` decides, this does what waits.
//!
//! | Binding | What |
//! |---|---|
//! | `EDGE_CONFIG`, `EDGE_KEYS` | the configuration, and the secrets that sign requests to cells ([`settings`]) |
//! | `CELLS` | where each cell is |
//! | `EDGE_KV` | the newest directory and the cells' keys, for when a cell does not answer; the cron trigger fills it ([`publish`]) |
//! | `TENANT_LIMITER` | Durable Object, one per tenant: the exact counter ([`limiter`]) |
//! | `CELL_FEED` | Durable Object, one per cell: asks the cell for all isolates ([`feed`]) |
//! | `SHIELD` | rate-limit binding: approximate, for callers without a token ([`serve`]) |
//! | `ASSETS` | the files of the admin UI ([`files`]) |
//!
//! An isolate has one [`Edge`] in memory, which all its requests share. A request never waits on another's promise, which this runtime
//! does not allow: who finds something being fetched looks again a moment later ([`refresh`]).

use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event, web_sys};

mod feed;
mod files;
mod forward;
mod host;
mod limiter;
mod publish;
pub mod quick;
mod refresh;
mod serve;
mod settings;

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let edge = settings::edge(&env)?;
    let response = serve::serve(edge, &env, &request).await?;
    for wanted in edge.edge.due(host::now()) {
        context.wait_until(refresh::ahead(edge, env.clone(), wanted));
    }
    Ok(response)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = publish::publish(&env).await {
        worker::console_error!("nothing published: {error}");
    }
}
