//! Cancel a contract.

use axum::extract::State;
use keystead_entities::contract;
use keystead_ids::ContractId;
use keystead_tenants::orm::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContractOut, rules::Move, transition};
use crate::{
    app::App,
    http::{Body, CancelContracts, Fresh, PathOf, Problem, Problems, Text, Tx, Versioned},
};

/// Why a contract is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// No lender finances the purchase.
    FinancingDenied,
    /// The buyer's present home did not sell.
    HomeDidNotSell,
    /// The buyer thought better of it.
    Remorse,
    /// The buyer's work changed.
    JobChange,
    /// The home was valued below its price.
    Appraisal,
    /// The builder is late.
    BuilderDelay,
    /// A death or a divorce.
    DeathOrDivorce,
    /// The buyer found a better offer.
    BetterOffer,
    /// The buyer broke the contract.
    Default,
    /// The buyer withdrew within the legal period.
    Rescission,
    /// Another reason; the note says which.
    Other,
}

impl CancelReason {
    const fn name(self) -> &'static str {
        match self {
            Self::FinancingDenied => "financing_denied",
            Self::HomeDidNotSell => "home_did_not_sell",
            Self::Remorse => "remorse",
            Self::JobChange => "job_change",
            Self::Appraisal => "appraisal",
            Self::BuilderDelay => "builder_delay",
            Self::DeathOrDivorce => "death_or_divorce",
            Self::BetterOffer => "better_offer",
            Self::Default => "default",
            Self::Rescission => "rescission",
            Self::Other => "other",
        }
    }
}

/// Why a contract is to be cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelIn {
    /// The reason.
    pub reason: CancelReason,
    /// What else there is to say; no personal data.
    #[serde(default)]
    pub note: Option<Text<1, 500>>,
}

/// Cancel a contract; its home can be sold again.
///
/// Fails with `contract-state` when it is cancelled already.
#[utoipa::path(post, path = "/{id}/cancel", tag = "contracts", operation_id = "cancel_contract",
    params(("id" = ContractId, Path)), request_body = CancelIn,
    responses((status = 200, body = ContractOut, headers(("ETag"))), Problems), extensions(("x-permission" = json!("contracts.cancel"))))]
pub(super) async fn cancel(
    tx: Tx<CancelContracts>,
    State(app): State<App>,
    fresh: Fresh,
    PathOf(id): PathOf<ContractId>,
    Body { input, .. }: Body<CancelIn>,
) -> Result<Versioned<ContractOut>, Problem> {
    let changes = contract::ActiveModel {
        cancelled_by: Set(Some(tx.member())),
        cancelled_at: Set(Some(fresh.now())),
        cancel_reason: Set(Some(input.reason.name().to_owned())),
        cancel_note: Set(input.note.map(Text::into_string)),
        ..Default::default()
    };
    transition::run(tx, &app, id, Move::Cancel, changes).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reasons_are_named_as_on_the_wire() {
        let reasons = [
            "financing_denied",
            "home_did_not_sell",
            "remorse",
            "job_change",
            "appraisal",
            "builder_delay",
            "death_or_divorce",
            "better_offer",
            "default",
            "rescission",
            "other",
        ];
        for name in reasons {
            let read: CancelIn = serde_json::from_value(json!({ "reason": name })).expect("a reason");
            assert_eq!(read.reason.name(), name);
        }
        assert!(serde_json::from_value::<CancelIn>(json!({"reason": "bored"})).is_err());
    }
}
