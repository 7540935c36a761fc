//! List contracts.

use axum::{Json, extract::State};

use super::{ContractFilters, ContractOut, store, view};
use crate::{
    app::App,
    contacts,
    http::{Page, PageParams, Paging, Problem, Problems, ReadContracts, Tx},
    vault,
};

/// List contracts, with their buyers masked.
#[utoipa::path(get, path = "/", tag = "contracts", operation_id = "list_contracts", params(PageParams, ContractFilters),
    responses((status = 200, body = Page<ContractOut>), Problems), extensions(("x-permission" = json!("contracts.read"))))]
pub(super) async fn list(
    tx: Tx<ReadContracts>,
    State(app): State<App>,
    paging: Paging<ContractFilters>,
) -> Result<Json<Page<ContractOut>>, Problem> {
    let keys = vault::open_if_allowed(&app, &tx).await?;
    let people = match (&paging.filters.q, &keys) {
        (Some(q), Some(keys)) => contacts::found_by(keys, q.as_str())?,
        _ => None,
    };
    let rows = store::page(&tx, &paging, people).await?;
    let Page { items, next_cursor } = paging.page(rows, |(contract, _)| contract.id.uuid(), |row| row);
    let items = view::complete(&tx, keys.as_ref(), items).await?;
    Ok(Json(Page { items, next_cursor }))
}
