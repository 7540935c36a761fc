//! Approve a contract.

use axum::extract::State;
use keystead_entities::contract;
use keystead_ids::ContractId;
use keystead_tenants::orm::Set;

use super::{ContractOut, rules::Move, transition};
use crate::{
    app::App,
    http::{ApproveContracts, Fresh, PathOf, Problem, Problems, Tx, Versioned},
};

/// Approve a submitted contract.
///
/// Fails with `contract-state` unless the contract is submitted.
#[utoipa::path(post, path = "/{id}/approve", tag = "contracts", operation_id = "approve_contract",
    params(("id" = ContractId, Path)),
    responses((status = 200, body = ContractOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contracts.approve"))))]
pub(super) async fn approve(
    tx: Tx<ApproveContracts>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<ContractId>,
) -> Result<Versioned<ContractOut>, Problem> {
    let changes = contract::ActiveModel {
        approved_by: Set(Some(tx.member())),
        approved_at: Set(Some(fresh.now())),
        ..Default::default()
    };
    transition::run(tx, &app, id, Move::Approve, changes).await
}
