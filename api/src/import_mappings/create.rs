//! Save a mapping.

use keystead_entities::import_mapping;
use keystead_tenants::{
    Refused,
    orm::{DbErr, Set},
};

use super::{MappingIn, MappingOut, store};
use crate::http::{Body, Created, Fresh, ManageUnits, Problem, Problems, Tx};

/// Save an import mapping.
///
/// Fails with `mapping-name-taken` when another mapping of the tenant has the name. An import keeps the mapping that it
/// began with, whatever becomes of the saved one.
#[utoipa::path(post, path = "/", tag = "imports", operation_id = "create_import_mapping", request_body = MappingIn,
    responses((status = 201, body = MappingOut), Problems), extensions(("x-permission" = json!("units.manage"))))]
pub(super) async fn create(
    tx: Tx<ManageUnits>,
    fresh: Fresh,
    Body { input, once }: Body<MappingIn>,
) -> Result<Created<MappingOut>, Problem> {
    if let Some(earlier) = once.replay(&tx).await? {
        return Ok(earlier);
    }
    let row = import_mapping::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        mapping: Set(input.checked()?),
        name: Set(input.name.into_string()),
        ..Default::default()
    };
    let out = MappingOut::from(store::insert(&tx, row).await.map_err(name_taken)?);
    once.keep(&tx, &fresh, &out).await?;
    tx.commit().await?;
    Ok(Created(out))
}

fn name_taken(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.is_duplicate() => {
            Problem::conflict("mapping-name-taken", "Another mapping has this name")
        }
        _ => error.into(),
    }
}
