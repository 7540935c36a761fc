//! Submit a contract.

use axum::extract::State;
use keystead_entities::contract;
use keystead_ids::ContractId;
use keystead_tenants::orm::Set;

use super::{ContractOut, rules::Move, transition};
use crate::{
    app::App,
    http::{Fresh, PathOf, Problem, Problems, Tx, Versioned, WriteContracts},
};

/// Submit a draft for approval.
///
/// Fails with `contract-state` unless the contract is a draft.
#[utoipa::path(post, path = "/{id}/submit", tag = "contracts", operation_id = "submit_contract",
    params(("id" = ContractId, Path)),
    responses((status = 200, body = ContractOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contracts.write"))))]
pub(super) async fn submit(
    tx: Tx<WriteContracts>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<ContractId>,
) -> Result<Versioned<ContractOut>, Problem> {
    let changes = contract::ActiveModel {
        submitted_by: Set(Some(tx.member())),
        submitted_at: Set(Some(fresh.now())),
        ..Default::default()
    };
    transition::run(tx, &app, id, Move::Submit, changes).await
}
