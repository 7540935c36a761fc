//! Read a contract.

use std::slice;

use axum::extract::State;
use futures::try_join;
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
    let row = async { store::find(&tx, id).await?.or_not_found() };
    let (row, parties) = try_join!(row, view::parties(&tx, keys.as_ref(), slice::from_ref(&id)))?;
    Ok(Versioned { version: row.0.row_version, body: view::one(row, parties)? })
}
