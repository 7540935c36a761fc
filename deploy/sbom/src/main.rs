//! `make sbom`: writes what the server is made of to the file that it is given.

use std::{env, fs};

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let path = env::args().nth(1).context("give the file to write")?;
    let bill = keystead_sbom::bill(&env::current_dir()?)?;
    fs::write(&path, serde_json::to_string_pretty(&bill)? + "\n").with_context(|| format!("cannot write {path}"))?;
    println!("{path}: {} components", bill["components"].as_array().map_or(0, Vec::len));
    Ok(())
}
