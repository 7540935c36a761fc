//! Runs the KMS double until it is interrupted.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use keystead_kms_double::KmsDouble;
use tokio::signal::unix::{SignalKind, signal};

/// A key management service for one machine, speaking the AWS KMS protocol.
#[derive(Parser)]
struct Options {
    /// Loopback address to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// Folder that keeps the keys.
    #[arg(long)]
    state: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let running = KmsDouble::start(options.state, options.listen).await?;
    println!("listening on {}", running.endpoint());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}
