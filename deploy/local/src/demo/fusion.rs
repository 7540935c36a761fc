//! The demo's project: Fusion, with buildings, plans, elevations, 120 homes and the drawing of one plan.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Api, id};

const LAYOUT: &str = include_str!("../../../demo/fusion-plans.json");
const HOMES: &str = include_str!("../../../demo/fusion-homes.csv");
const FLOORPLAN: &[u8] = include_bytes!("../../../demo/floorplan-a.pdf");

/// What `fusion-plans.json` holds. Phases come from the spreadsheet, whose import releases them.
#[derive(Deserialize)]
struct Layout {
    project: Value,
    buildings: Vec<Value>,
    plans: Vec<PlanWithElevations>,
}

#[derive(Deserialize)]
struct PlanWithElevations {
    elevations: Vec<Value>,
    #[serde(flatten)]
    plan: serde_json::Map<String, Value>,
}

/// Makes whatever is missing of the project; returns its id.
pub(super) async fn project(admin: &Api) -> Result<String> {
    let layout: Layout = serde_json::from_str(LAYOUT).context("fusion-plans.json does not read")?;
    let known = admin.list("/v1/projects", &[]).await?;
    let project = match known.iter().find(|known| known["code"] == layout.project["code"]) {
        Some(project) => id(project)?,
        None => id(&admin.post("/v1/projects", &layout.project).await?)?,
    };
    buildings(admin, &project, layout.buildings).await?;
    let plans = plans(admin, &project, layout.plans).await?;
    homes(admin, &project).await?;
    floorplan(admin, &project, plans.get("A").context("there is no plan A")?).await?;
    Ok(project)
}

async fn buildings(admin: &Api, project: &str, wanted: Vec<Value>) -> Result<()> {
    let known = admin.list("/v1/buildings", &[("project_id", project)]).await?;
    let known: HashSet<&str> = known.iter().filter_map(|building| building["name"].as_str()).collect();
    for mut building in wanted {
        if !building["name"].as_str().is_some_and(|name| known.contains(name)) {
            building["project_id"] = project.into();
            admin.post("/v1/buildings", &building).await?;
        }
    }
    Ok(())
}

/// The plans' ids by their codes.
async fn plans(admin: &Api, project: &str, wanted: Vec<PlanWithElevations>) -> Result<HashMap<String, String>> {
    let known = admin.list("/v1/plans", &[("project_id", project)]).await?;
    let elevations = admin.list("/v1/elevations", &[("project_id", project)]).await?;
    let mut ids = HashMap::new();
    for PlanWithElevations { elevations: facades, mut plan } in wanted {
        let code = plan["code"].as_str().context("a plan without a code")?.to_owned();
        let plan = match known.iter().find(|known| known["code"] == code.as_str()) {
            Some(plan) => id(plan)?,
            None => {
                plan.insert("project_id".to_owned(), project.into());
                id(&admin.post("/v1/plans", &plan.into()).await?)?
            }
        };
        for mut facade in facades {
            let exists = |known: &Value| known["plan_id"] == plan.as_str() && known["code"] == facade["code"];
            if !elevations.iter().any(exists) {
                facade["project_id"] = project.into();
                facade["plan_id"] = plan.as_str().into();
                admin.post("/v1/elevations", &facade).await?;
            }
        }
        ids.insert(code, plan);
    }
    Ok(ids)
}

/// Imports the spreadsheet when homes are missing: rows whose home exists are refused, and the others go in.
async fn homes(admin: &Api, project: &str) -> Result<()> {
    let wanted = HOMES.lines().count() - 1;
    let present = async || anyhow::Ok(admin.list("/v1/units", &[("project_id", project)]).await?.len());
    if present().await? >= wanted {
        return Ok(());
    }
    let query = [("project_id", project), ("release_phases", "true"), ("file_name", "fusion-homes.csv")];
    let report = admin.post_csv("/v1/imports", &query, HOMES).await?;
    ensure!(present().await? >= wanted, "the import left homes out: {}", report["errors"]);
    Ok(())
}

async fn floorplan(admin: &Api, project: &str, plan: &str) -> Result<()> {
    let files = admin.list("/v1/files", &[("project_id", project), ("plan_id", plan)]).await?;
    let in_state = |state: &str| files.iter().find(|file| file["state"] == state);
    if in_state("ready").is_some() {
        return Ok(());
    }
    let (file, upload) = match in_state("quarantined") {
        Some(file) => {
            let file = id(file)?;
            let upload = admin.post(&format!("/v1/files/{file}/upload"), &json!({})).await?;
            (file, upload)
        }
        None => {
            let sha256 = hex::encode(digest(&SHA256, FLOORPLAN));
            let declared = json!({ "project_id": project, "plan_id": plan, "kind": "floorplan", "name": "Plan A.pdf",
                "content_type": "application/pdf", "length": FLOORPLAN.len(), "sha256": sha256 });
            let mut created = admin.post("/v1/files", &declared).await?;
            (id(&created)?, created["upload"].take())
        }
    };
    admin.upload(&upload, FLOORPLAN).await?;
    admin.post(&format!("/v1/files/{file}/confirm"), &json!({})).await?;
    Ok(())
}
