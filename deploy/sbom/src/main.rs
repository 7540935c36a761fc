//! `make sbom`: writes what each program, and the admin console, is made of into the folder that it is given.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result};
use keystead_sbom::{CONSOLE, PROGRAMS, bill, console};

fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("give the folder to write into")?);
    fs::create_dir_all(&folder)?;
    let top = env::current_dir()?;
    let programs = PROGRAMS.into_iter().map(|program| bill(&top, &program).map(|bill| (program.package, bill)));
    for made in programs.chain([console(&top).map(|bill| (CONSOLE, bill))]) {
        let (name, bill) = made?;
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, serde_json::to_string_pretty(&bill)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: {} components", path.display(), bill["components"].as_array().map_or(0, Vec::len));
    }
    Ok(())
}
