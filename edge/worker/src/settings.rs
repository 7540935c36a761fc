//! What a deployment gives its workers, and the isolate's one edge.

use std::{collections::HashMap, sync::OnceLock};

use keystead_edge::{Config, Edge, directory::Cell, sign::EdgeKey};
use serde::Deserialize;
use serde_json::Value;
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
    pub home: Cell,
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

/// The isolate's edge, if a request has come to it before.
pub fn known() -> Option<&'static Isolate> {
    ISOLATE.get()
}

impl Isolate {
    fn new(env: &Env) -> Result<Self> {
        // Kept apart, because they are secret.
        let mut config: serde_json::Map<String, Value> = read(env, "EDGE_CONFIG")?;
        config.insert("keys".to_owned(), read(env, "EDGE_KEYS")?);
        let config = serde_json::from_value::<Config>(Value::Object(config)).map_err(|_| unread("EDGE_CONFIG"))?;
        let (keys, home) = (config.keys.clone(), config.home.clone());
        Ok(Self { edge: Edge::new(config), keys, home, cells: read(env, "CELLS")?, flights: Default::default() })
    }
}

fn read<T: serde::de::DeserializeOwned>(env: &Env, name: &str) -> Result<T> {
    let text = env.var(name)?.to_string();
    // The message of a parser may quote what it read, and some of it is secret.
    serde_json::from_str(&text).map_err(|_| unread(name))
}

fn unread(name: &str) -> Error {
    Error::RustError(format!("{name} does not read"))
}
