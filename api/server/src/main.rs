//! `keystead`: the API server and its operator's tools.

use clap::Parser;
use keystead_server::cli::Cli;
use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// Freed memory is wiped: bodies, JSON and whatever libraries copy leave nobody's data behind for a core dump to show.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Cli::parse().run().await
}
