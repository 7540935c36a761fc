//! Read a contract.

use axum::extract::State;
use keystead_ids::ContractId;

use super::{ContractOut, store, view};
use crate::{
    app::App,
    http::{OrNotFound, PathOf, Problem, Problems, ReadContracts, Tx, Versioned},
    vault,
};

/// Read a contract, with its buyers masked.
#[utoipa::path(get, path = "/{id}", tag = "contracts", operation_id = "read_contract",
    params(("id" = ContractId, Path)),
    responses((status = 200, body = ContractOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contracts.read"))))]
pub(super) async fn read(
    tx: Tx<ReadContracts>,
    State(app): State<App>,
    PathOf(id): PathOf<ContractId>,
) -> Result<Versioned<ContractOut>, Problem> {
    let keys = vault::open_if_allowed(&app, &tx).await?;
    let row = store::find(&tx, id).await?.or_not_found()?;
    let version = row.0.row_version;
    Ok(Versioned { version, body: view::complete_one(&tx, keys.as_ref(), row).await? })
}
