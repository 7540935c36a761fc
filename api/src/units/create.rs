//! Create a home.

use keystead_entities::unit;
use keystead_ids::ProjectId;
use keystead_tenants::orm::Set;

use super::{UnitIn, UnitOut, store, wire::elevation_has_plan};
use crate::{
    http::{Body, Created, Fresh, ManageUnits, OrNotFound, Problem, Problems, Text, Tx, Whole},
    projects,
};

/// Create a home.
///
/// Fails with `unit-number-taken` when another home of the project has the number.
#[utoipa::path(post, path = "/", tag = "units", operation_id = "create_unit", request_body = UnitIn,
    responses((status = 201, body = UnitOut), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageUnits>,
    fresh: Fresh,
    Body { input, once }: Body<UnitIn>,
) -> Result<Created<UnitOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let project = projects::named(&tx, input.project_id, "/project_id").await?;
    let price = input.price.in_currency(&project.currency, "/price")?;
    elevation_has_plan(input.elevation_id, input.plan_id)?;
    let row = unit::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        price_minor: Set(price),
        currency: Set(project.currency),
        ..described(input, project.id)
    };
    let home = store::insert(&tx, row).await.map_err(store::refused)?;
    // Where it stands depends on its phase.
    let out = UnitOut::from(store::find(&tx, home.id).await?.or_not_found()?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

fn described(input: UnitIn, project: ProjectId) -> unit::ActiveModel {
    unit::ActiveModel {
        project_id: Set(project),
        phase_id: Set(input.phase_id),
        building_id: Set(input.building_id),
        plan_id: Set(input.plan_id),
        elevation_id: Set(input.elevation_id),
        number: Set(input.number.into_string()),
        floor: Set(input.floor.map(Whole::get)),
        address: Set(input.address.map(Text::into_string)),
        parcel: Set(input.parcel.map(Text::into_string)),
        bedrooms: Set(input.bedrooms.map(Whole::get)),
        square_feet: Set(input.square_feet.map(Whole::get)),
        not_for_sale_reason: Set(input.not_for_sale_reason.map(Text::into_string)),
        ..Default::default()
    }
}
