//! `keystead-local`: the platform on one machine.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand};
use keystead_local::postgres::Durability;
use keystead_local::{Ports, StateDir, up, with};
use tracing_subscriber::EnvFilter;

/// Runs Keystead and everything it needs on this machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder for data, secrets and logs.
    #[arg(long, env = "KEYSTEAD_STATE", default_value = ".keystead")]
    state: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Start the platform and keep it running until Ctrl-C.
    Up {
        /// Leave the demo builder out.
        #[arg(long, env = "KEYSTEAD_NO_DEMO", value_parser = FalseyValueParser::new())]
        no_demo: bool,
    },
    /// Stop the platform that runs on the state folder.
    Down,
    /// Remove the state folder with all data.
    Reset,
    /// Run a command with fresh services of its own, on free ports, and remove them afterwards.
    With {
        /// Do not wait for the disk: quicker, and data is lost when the machine crashes.
        #[arg(long)]
        fast: bool,
        /// The command and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,keystead_local=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .without_time()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("keystead: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Two threads serve S3, KMS and mail; more would only cost memory.
#[tokio::main(worker_threads = 2)]
async fn run(arguments: Arguments) -> Result<ExitCode> {
    let Arguments { state, task } = arguments;
    match task {
        Task::Up { no_demo } => up::up(&StateDir::open(&state)?, Ports::from_env()?, !no_demo).await?,
        Task::Down if !state.exists() => println!("Keystead is not running."),
        Task::Down => up::down(&StateDir::open(&state)?).await?,
        Task::Reset if !state.exists() => println!("There is nothing to remove: {} does not exist.", state.display()),
        Task::Reset => up::reset(StateDir::open(&state)?)?,
        Task::With { fast, command } => {
            let durability = if fast { Durability::Fast } else { Durability::from_env() };
            return Ok(with::run(&command, durability).await?.into());
        }
    }
    Ok(ExitCode::SUCCESS)
}
