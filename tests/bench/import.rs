//! 100,000 homes from a spreadsheet.

use std::time::Instant;

use anyhow::ensure;
use serde_json::json;

use crate::{bench::Bench, seed::sheet, server::Server};

const ROWS: usize = 100_000;

/// Imports a large sheet and watches the server's memory.
pub async fn measure(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    let tenant = bench.data.tenants[0].clone();
    let body = json!({ "code": "LARGE", "name": "Large", "time_zone": "America/Denver", "currency": "USD" });
    let made = server.post("/v1/projects", &tenant.token, &body).await?;
    let project = made["id"].as_str().unwrap_or_default();
    let before = server.resident_mib();
    let begun = Instant::now();
    let url = server.url(&format!("/v1/imports?project_id={project}&dry_run=false&file_name=large.csv"));
    let request =
        server.http.post(url).bearer_auth(&tenant.token).header("content-type", "text/csv").body(sheet(ROWS, "L"));
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "the import is refused: {status} {text}");
    let imported = serde_json::from_str::<serde_json::Value>(&text)?["rows_imported"].as_u64().unwrap_or_default();
    ensure!(imported == ROWS as u64, "{imported} of {ROWS} rows were imported");
    bench.figures.add("import of 100,000 homes", ROWS as f64 / begun.elapsed().as_secs_f64(), "rows/s");
    bench.figures.add("server memory added by the import (VmRSS)", server.resident_mib() - before, "MiB");
    Ok(())
}
