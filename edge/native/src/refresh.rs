//! Fetching what the edge has to know: once at a time, ahead of need, and at once when a request waits for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::join_all;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::StatusCode;
use keystead_edge::{Fetched, Refresh, signed::MAX_DOCUMENT_BYTES};
use keystead_ids::TenantId;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::host::{Host, moment, now};

/// How often to look for what is due.
const LOOK: Duration = Duration::from_millis(200);
/// A cell that has not answered by then counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who fetches what, and when it was done last.
#[derive(Default)]
pub(crate) struct Flights(std::sync::Mutex<HashMap<String, Arc<Mutex<Option<Instant>>>>>);

/// Refreshes ahead of need until `stopping`.
pub(crate) async fn run(host: Arc<Host>, stopping: CancellationToken) {
    loop {
        join_all(host.edge.due(now()).iter().map(|refresh| host.refresh(refresh))).await;
        // The recorder keeps every observation by itself until it is read, or told to count it: /metrics may never be read.
        host.figures.run_upkeep();
        tokio::select! {
            () = stopping.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}

impl Host {
    /// Fetches what is named and tells the edge. Who asks while it is being fetched waits for that.
    pub(crate) async fn refresh(&self, refresh: &Refresh) {
        if let Refresh::Lease(ask) = refresh {
            let granted = self.authority(ask.tenant, |authority| authority.grant(ask, now()));
            self.edge.learn_lease(ask, Some(&granted), now());
            return;
        }
        let Some((cell, target)) = refresh.request() else { return };
        let asked = Instant::now();
        let path = target.split('?').next().unwrap_or_default();
        let flight = self.flights.of(&format!("{cell}{path}"));
        let mut done = flight.lock().await;
        if done.is_some_and(|at| at >= asked) {
            return;
        }
        let began = now();
        let fetched = timeout(PATIENCE, self.fetch(refresh)).await.ok().flatten();
        let at = if fetched.is_some() { began } else { now() };
        let answer = fetched.as_deref().map(|document| Fetched { document, as_of: Some(began) });
        if let Err(error) = self.edge.learn(refresh, answer, at) {
            tracing::warn!(%cell, path, %error, "what a cell sent is refused");
        }
        metrics::counter!("keystead_edge_refreshes", "path" => path.to_owned(), "ok" => fetched.is_some().to_string())
            .increment(1);
        *done = Some(Instant::now());
    }

    async fn fetch(&self, refresh: &Refresh) -> Option<Bytes> {
        let (cell, target) = refresh.request()?;
        let fields = self.edge.fetch_headers(cell, &target, &moment()).ok()?;
        let fields = fields.into_iter().map(|(name, value)| (name, value.into_bytes()));
        let body = Empty::new().map_err(|never| match never {}).boxed();
        let response = self.upstream.send(cell, "GET", &target, "edge", fields, body).await?;
        match response.status() {
            StatusCode::OK => {
                let body = Limited::new(response.into_body(), MAX_DOCUMENT_BYTES);
                Some(body.collect().await.ok()?.to_bytes())
            }
            StatusCode::NO_CONTENT => Some(Bytes::new()),
            status => {
                tracing::warn!(%cell, status = status.as_u16(), "a cell refuses");
                None
            }
        }
    }

    /// The counter of a tenant: in this process, so exact as long as there is one edge.
    fn authority<T>(&self, tenant: TenantId, ask: impl FnOnce(&mut keystead_edge::authority::Authority) -> T) -> T {
        let mut authorities = self.authorities.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        ask(authorities.entry(tenant).or_default())
    }
}

impl Flights {
    fn of(&self, name: &str) -> Arc<Mutex<Option<Instant>>> {
        let mut flights = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(flights.entry(name.to_owned()).or_default())
    }
}
