//! What a deployment sets, through the environment or flags.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use hyper::http::uri::{Authority, Scheme, Uri};
use keystead_edge::{Config, directory::Cell};
use secrecy::{ExposeSecret, SecretString};

/// What the edge needs.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Where to listen.
    #[arg(long, env = "KEYSTEAD_EDGE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where figures and health are asked for, by machines of ours only.
    #[arg(long, env = "KEYSTEAD_EDGE_PROBE_LISTEN", default_value = "127.0.0.1:9080")]
    pub probe_listen: SocketAddr,
    /// What `keystead edge-config` prints, and whatever else of the edge's configuration is to differ, as JSON. It holds a key.
    #[arg(long, env = "KEYSTEAD_EDGE_CONFIG", hide_env_values = true)]
    pub config: SecretString,
    /// Where each cell answers: `main=http://10.0.0.5:8080,west=…`.
    #[arg(long, env = "KEYSTEAD_EDGE_CELLS", value_delimiter = ',', required = true)]
    pub cells: Vec<String>,
    /// The built admin UI, a folder with `index.html`.
    #[arg(long, env = "KEYSTEAD_EDGE_UI")]
    pub ui: Option<PathBuf>,
    /// Seconds that a client may take for a request's head, pause within a body, or take for a body that is read whole.
    #[arg(long, env = "KEYSTEAD_CLIENT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub client_seconds: u64,
    /// Seconds that open requests have when the edge is asked to stop.
    #[arg(long, env = "KEYSTEAD_DRAIN_SECONDS", default_value_t = 20)]
    pub drain_seconds: u64,
}

impl Settings {
    /// The configuration of the edge's logic.
    ///
    /// # Errors
    /// When the JSON does not read.
    pub fn config(&self) -> anyhow::Result<Config> {
        serde_json::from_str(self.config.expose_secret()).context("KEYSTEAD_EDGE_CONFIG does not read")
    }

    /// Where each cell answers.
    ///
    /// # Errors
    /// When one is not `name=http://host:port`.
    pub fn origins(&self) -> anyhow::Result<HashMap<Cell, Authority>> {
        self.cells.iter().map(|text| origin(text)).collect()
    }
}

fn origin(text: &str) -> anyhow::Result<(Cell, Authority)> {
    let (name, url) = text.split_once('=').with_context(|| format!("{text} is not name=http://host:port"))?;
    let url: Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
    let parts = url.into_parts();
    if parts.scheme != Some(Scheme::HTTP) {
        bail!(
            "cell {name}: the network between edge and cell carries HTTP, within a tunnel where it is not yours alone"
        );
    }
    Ok((Cell::from(name), parts.authority.with_context(|| format!("cell {name} has no host"))?))
}
