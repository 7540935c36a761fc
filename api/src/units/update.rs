//! Change a home.

use keystead_entities::unit;
use keystead_ids::UnitId;
use keystead_tenants::orm::{ActiveValue, NotSet, Set, Unchanged};

use super::{UnitOut, UnitPatch, store, wire::elevation_has_plan};
use crate::http::{
    Body, IfMatch, ManageUnits, Money, OrNotFound, Patch, PathOf, Problem, Problems, Text, Tx, Versioned, Whole, patch,
};

/// Change a home.
///
/// A contract keeps the price that it was made with, so the price may change under it. Fails with `version-conflict` when
/// the home changed since it was read, `unit-number-taken` when another home of the project has the number.
#[utoipa::path(patch, path = "/{id}", tag = "units", operation_id = "update_unit",
    params(("id" = UnitId, Path), ("If-Match" = String, Header)),
    request_body = UnitPatch, responses((status = 200, body = UnitOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn update(
    tx: Tx<ManageUnits>,
    PathOf(id): PathOf<UnitId>,
    seen: IfMatch,
    Body { input, .. }: Body<UnitPatch>,
) -> Result<Versioned<UnitOut>, Problem> {
    let home = store::locked(&tx, id).await?.or_not_found()?;
    seen.check(home.row_version)?;
    elevation_has_plan(after(&input.elevation_id, home.elevation_id), after(&input.plan_id, home.plan_id))?;
    let changes = unit::ActiveModel {
        price_minor: price(input.price.as_ref(), &home.currency)?,
        tenant_id: Unchanged(home.tenant_id),
        id: Unchanged(home.id),
        ..described(input)
    };
    store::update(&tx, changes).await.map_err(store::refused)?;
    // Where it stands depends on its phase.
    let row = store::find(&tx, id).await?.or_not_found()?;
    tx.commit().await?;
    Ok(Versioned { version: row.unit.row_version, body: row.into() })
}

fn price(price: Option<&Money>, currency: &str) -> Result<ActiveValue<i64>, Problem> {
    price.map_or(Ok(NotSet), |price| price.in_currency(currency, "/price").map(Set))
}

fn described(input: UnitPatch) -> unit::ActiveModel {
    unit::ActiveModel {
        phase_id: patch::set(input.phase_id, |phase| phase),
        building_id: input.building_id.nullable(|building| building),
        plan_id: input.plan_id.nullable(|plan| plan),
        elevation_id: input.elevation_id.nullable(|elevation| elevation),
        number: patch::set(input.number, Text::into_string),
        floor: input.floor.nullable(Whole::get),
        address: input.address.nullable(Text::into_string),
        parcel: input.parcel.nullable(Text::into_string),
        bedrooms: input.bedrooms.nullable(Whole::get),
        square_feet: input.square_feet.nullable(Whole::get),
        not_for_sale_reason: input.not_for_sale_reason.nullable(Text::into_string),
        ..Default::default()
    }
}

/// What a column will hold after the patch.
fn after<T: Copy>(patch: &Patch<T>, current: Option<T>) -> Option<T> {
    match patch {
        Patch::Absent => current,
        Patch::Null => None,
        Patch::Value(value) => Some(*value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_keeps_clears_or_sets() {
        assert_eq!(after(&Patch::Absent, Some(1)), Some(1));
        assert_eq!(after(&Patch::Null, Some(1)), None);
        assert_eq!(after(&Patch::Value(2), Some(1)), Some(2));
        assert_eq!(after(&Patch::Value(2), None), Some(2));
    }

    #[test]
    fn a_price_must_be_in_the_currency_of_the_project() {
        let dollars = Money { amount_minor: 65_000_000, currency: "USD".to_owned() };
        assert_eq!(price(Some(&dollars), "USD").expect("same currency"), Set(65_000_000));
        assert!(price(Some(&dollars), "CAD").is_err());
        assert_eq!(price(None, "CAD").expect("no price"), NotSet);
    }
}
