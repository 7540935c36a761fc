//! The edge in front of the server, as `make up` configures it.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::ports::Ports;
use crate::program::Program;
use crate::services::Services;
use crate::state::StateDir;

/// The edge's program.
pub(crate) const PROGRAM: &str = "keystead-edge";

/// Where the admin UI is built to; `KEYSTEAD_UI` names another folder.
const UI: &str = "admin-ui/dist";

/// What the edge has no use for.
const SECRETS: &[&str] = &["DATABASE_ADMIN_URL", "DATABASE_URL", "KEYSTEAD_SECRET", "AWS_SECRET_ACCESS_KEY"];

/// The edge. It gets a key of its own from the server's program, and none of the server's secrets.
pub(crate) async fn program(state: &StateDir, server: &Program, ports: Ports, services: &Services) -> Result<Program> {
    let mut config = keys(server).await?;
    config["insecure"] = json!(true);
    config["file_origins"] = json!([services.s3_url()]);
    if let Ok(shield) = std::env::var("KEYSTEAD_EDGE_SHIELD") {
        config["shield"] = serde_json::from_str(&shield).context("KEYSTEAD_EDGE_SHIELD does not read")?;
    }
    let mut env = vec![
        ("KEYSTEAD_EDGE_LISTEN", format!("127.0.0.1:{}", ports.edge)),
        ("KEYSTEAD_EDGE_PROBE_LISTEN", format!("127.0.0.1:{}", ports.edge_probe)),
        ("KEYSTEAD_EDGE_CELLS", format!("main=http://127.0.0.1:{}", ports.api)),
        ("KEYSTEAD_EDGE_CONFIG", config.to_string()),
    ];
    let ui = std::env::var("KEYSTEAD_UI").unwrap_or_else(|_| UI.to_owned());
    if Path::new(&ui).join("index.html").exists() {
        env.push(("KEYSTEAD_EDGE_UI", ui));
    }
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let health = format!("http://127.0.0.1:{}/health/ready", ports.edge_probe);
    Ok(Program::new("edge", PROGRAM, &[], state, env, health)?.without(SECRETS))
}

async fn keys(server: &Program) -> Result<Value> {
    let output = server.command(&["edge-config"])?.stdout(Stdio::piped()).output().await;
    let output = output.context("the server program cannot be started")?;
    ensure!(output.status.success(), "the edge's keys cannot be made; the end of the log:\n{}", server.tail());
    serde_json::from_slice(&output.stdout).context("the edge's keys do not read")
}
