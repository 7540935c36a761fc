//! `make sbom`: writes what each program is made of into the folder that it is given.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("give the folder to write into")?);
    fs::create_dir_all(&folder)?;
    for program in keystead_sbom::PROGRAMS {
        let bill = keystead_sbom::bill(&env::current_dir()?, &program)?;
        let path = folder.join(format!("{}.json", program.package));
        fs::write(&path, serde_json::to_string_pretty(&bill)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: {} components", path.display(), bill["components"].as_array().map_or(0, Vec::len));
    }
    Ok(())
}
