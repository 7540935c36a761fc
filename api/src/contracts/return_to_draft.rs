//! Return a contract to its writer.

use axum::extract::State;
use keystead_entities::contract;
use keystead_ids::ContractId;
use keystead_tenants::orm::Set;

use super::{ContractOut, rules::Move, transition};
use crate::{
    app::App,
    http::{ApproveContracts, PathOf, Problem, Problems, Tx, Versioned},
};

/// Return a submitted contract: it is a draft again.
///
/// Fails with `contract-state` unless the contract is submitted.
#[utoipa::path(post, path = "/{id}/return", tag = "contracts", operation_id = "return_contract_to_draft",
    params(("id" = ContractId, Path)),
    responses((status = 200, body = ContractOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contracts.approve"))))]
pub(super) async fn return_to_draft(
    tx: Tx<ApproveContracts>,
    State(app): State<App>,
    PathOf(id): PathOf<ContractId>,
) -> Result<Versioned<ContractOut>, Problem> {
    // A draft has not been submitted; that it was once is for the audit trail to tell.
    let changes = contract::ActiveModel { submitted_by: Set(None), submitted_at: Set(None), ..Default::default() };
    transition::run(tx, &app, id, Move::Return, changes).await
}
