//! What a deployment gives its workers, and the isolate's one edge.

use std::{collections::HashMap, sync::OnceLock};

use keystead_edge::{Config, Edge, directory::Cell, sign::EdgeKey};
use serde::Deserialize;
use worker::{Env, Error, Result};

/// Where a cell is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Scheme and authority, without a final slash.
    pub url: String,
    /// The binding to send through: a client certificate or a service. Without one, over the network.
    pub binding: Option<String>,
}

/// An isolate's edge, and what it needs of its surroundings.
pub struct Isolate {
    pub edge: Edge,
    pub keys: Vec<EdgeKey>,
    pub cells: HashMap<Cell, Place>,
    pub flights: crate::refresh::Flights,
}

static ISOLATE: OnceLock<Isolate> = OnceLock::new();

/// The isolate's edge, made when the first request comes.
///
/// # Errors
/// When a setting is missing or does not read.
pub fn edge(env: &Env) -> Result<&'static Isolate> {
    if let Some(isolate) = ISOLATE.get() {
        return Ok(isolate);
    }
    let made = Isolate::new(env)?;
    Ok(ISOLATE.get_or_init(|| made))
}

impl Isolate {
    fn new(env: &Env) -> Result<Self> {
        let mut config: Config = read(env, "EDGE_CONFIG")?;
        config.keys = read(env, "EDGE_KEYS")?;
        let keys = config.keys.clone();
        Ok(Self { edge: Edge::new(config), keys, cells: read(env, "CELLS")?, flights: Default::default() })
    }

    /// The cell that answers for the whole platform: it has the directory.
    pub fn any_cell(&self) -> Option<Cell> {
        let known = self.edge.directory().map(|directory| directory.default_cell().clone());
        known.filter(|cell| self.cells.contains_key(cell)).or_else(|| self.cells.keys().min().cloned())
    }
}

fn read<T: serde::de::DeserializeOwned>(env: &Env, name: &str) -> Result<T> {
    let text = env.var(name)?.to_string();
    // The message of a parser may quote what it read, and some of it is secret.
    serde_json::from_str(&text).map_err(|_| Error::RustError(format!("{name} does not read")))
}
