//! `keystead-edge`: the edge as a server of its own.

use clap::Parser;
use keystead_edge_native::{Settings, serve};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// The edge in front of Keystead's cells.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Cli { settings } = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).init();
    let listener = TcpListener::bind(settings.listen).await?;
    let probes = TcpListener::bind(settings.probe_listen).await?;
    tracing::info!(address = %settings.listen, "the edge is serving");
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    serve(&settings, listener, probes, stop).await
}
