//! The edge as the Cloudflare worker, in workerd: what `edge/build` built, run by `tests/edge`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use keystead_server::config::Serve;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::config_for;
use crate::{Site, database::service, world::client};

/// A worker in a process of its own. That ends, and workerd with it, when its standard input does: with this, or with the test.
#[derive(Debug)]
pub struct WorkerEdge {
    /// Where people come in: at the platform's own name.
    pub url: String,
    http: reqwest::Client,
    _process: Child,
}

impl Site for WorkerEdge {
    fn url(&self) -> &str {
        &self.url
    }

    fn http(&self) -> &reqwest::Client {
        &self.http
    }

    fn mailbox(&self) -> String {
        service("KEYSTEAD_MAILBOX_URL")
    }
}

/// Where the harness is that runs the worker.
#[must_use]
pub fn harness() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("edge")
}

/// That `make edge` was run in this checkout: the worker is built, and what runs it is installed.
pub fn assert_built() {
    for made in ["../../edge/worker/build/index_bg.wasm", "node_modules/.package-lock.json"] {
        assert!(harness().join(made).exists(), "{made} is missing; `make edge` makes it");
    }
}

impl WorkerEdge {
    /// Before the server of this configuration.
    pub async fn before(config: &Serve, per_address: u32) -> Self {
        let cells = HashMap::from([(config.cell.clone(), format!("http://{}", config.listen))]);
        Self::start(&config_for(config, per_address), &cells).await
    }

    /// With this configuration, in front of these cells.
    pub async fn start(config: &Value, cells: &HashMap<String, String>) -> Self {
        assert_built();
        let edge = json!({ "config": config, "cells": cells }).to_string();
        let mut process = Command::new("node")
            .arg("serve.mjs")
            .current_dir(harness())
            .env("EDGE", edge)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let port = lines.next_line().await.expect("its output").expect("the worker serves");
        Self { url: format!("http://localhost:{port}"), http: client(), _process: process }
    }
}
