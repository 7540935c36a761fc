//! `keystead`: the API server and its operator's tools.

use clap::Parser;
use keystead_server::cli::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Cli::parse().run().await
}
