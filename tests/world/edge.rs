//! Edges in front of cells, and a cell that is none: it writes down what reaches it.

pub mod cell;
pub mod mint;
pub mod worker;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use keystead_edge_native::{Settings, serve};
use keystead_server::config::Serve;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use crate::world::client;

/// An edge that has no directory by then will not get one.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// An edge of ours in this process.
#[derive(Debug)]
pub struct NativeEdge {
    /// Where people come in: at the platform's own name.
    pub url: String,
    /// The same with the address for a name, for raw connections.
    pub address: String,
    /// Where its figures are.
    pub probe: String,
    stop: Option<oneshot::Sender<()>>,
}

/// What an edge before `config`'s server is configured with.
pub fn config_for(config: &Serve, per_address: u32) -> Value {
    let root = config.shared.root().unwrap();
    let mut edge = keystead_api::edge::edge_config(&root, &config.cell, config.edge_generation);
    edge["insecure"] = json!(true);
    let quota = |limit: u32| json!({ "limit": limit, "window": 60 });
    edge["shield"] = json!({ "per_address": quota(per_address.saturating_mul(12)), "anonymous": quota(per_address),
        "auth": quota(per_address), "renewals": quota(per_address), "operator": quota(per_address), "alone": quota(50) });
    edge
}

impl NativeEdge {
    /// Before the server of this configuration.
    pub async fn before(config: &Serve, per_address: u32) -> Self {
        let cell = format!("{}=http://{}", config.cell, config.listen);
        Self::start(&config_for(config, per_address), vec![cell], None).await
    }

    /// With this configuration, in front of these cells. Ready when it has a directory.
    pub async fn start(config: &Value, cells: Vec<String>, ui: Option<PathBuf>) -> Self {
        let edge = Self::begin(config, cells, ui).await;
        let http = client();
        let deadline = Instant::now() + READY_WITHIN;
        let probe = format!("{}/health/ready", edge.probe);
        while !http.get(&probe).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(Instant::now() < deadline, "the edge does not get ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        edge
    }

    /// The same, ready or not.
    pub async fn begin(config: &Value, cells: Vec<String>, ui: Option<PathBuf>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let probes = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (listen, probe_listen) = (listener.local_addr().unwrap(), probes.local_addr().unwrap());
        let settings = Settings {
            listen,
            probe_listen,
            config: config.to_string().into(),
            cells,
            ui,
            client_seconds: 10,
            drain_seconds: 5,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let served = serve(&settings, listener, probes, async move { drop(stopped.await) }).await;
            served.expect("the edge serves");
        });
        Self {
            url: format!("http://localhost:{}", listen.port()),
            address: listen.to_string(),
            probe: format!("http://{probe_listen}"),
            stop: Some(stop),
        }
    }

    /// Asks it to stop; it drains.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }
}
