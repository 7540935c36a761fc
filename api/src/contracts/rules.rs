//! The state machine of contracts (home-sales 5.6, the part up to approval). The database enforces the same moves.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::http::Problem;

/// Where a contract stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContractState)]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Approved; the home waits for signatures.
    Approved,
    /// Over; the home is free for another contract.
    Cancelled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Approved, Self::Cancelled];

    /// The name in rows and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for State {
    type Err = Problem;

    fn from_str(name: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Problem::internal("a contract's state does not read"))
    }
}

/// What is done to a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Submit,
    Return,
    Approve,
    Cancel,
}

impl Move {
    const fn done(self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::Return => "returned",
            Self::Approve => "approved",
            Self::Cancel => "cancelled",
        }
    }
}

/// The contract stands where this move is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the contract is {}: it cannot be {}", .from.name(), .step.done())]
pub(super) struct RuleError {
    from: State,
    step: Move,
}

/// Where a move leads.
pub(super) const fn after(from: State, step: Move) -> Result<State, RuleError> {
    match (from, step) {
        (State::Draft, Move::Submit) => Ok(State::Submitted),
        (State::Submitted, Move::Return) => Ok(State::Draft),
        (State::Submitted, Move::Approve) => Ok(State::Approved),
        (State::Draft | State::Submitted | State::Approved, Move::Cancel) => Ok(State::Cancelled),
        _ => Err(RuleError { from, step }),
    }
}

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        Self::conflict("contract-state", "The contract is in another state").detail(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_from_every_state() {
        use State::{Approved, Cancelled, Draft, Submitted};
        let table = [
            (Move::Submit, [Some(Submitted), None, None, None]),
            (Move::Return, [None, Some(Draft), None, None]),
            (Move::Approve, [None, Some(Approved), None, None]),
            (Move::Cancel, [Some(Cancelled), Some(Cancelled), Some(Cancelled), None]),
        ];
        for (step, expected) in table {
            for (from, expected) in State::ALL.into_iter().zip(expected) {
                assert_eq!(after(from, step), expected.ok_or(RuleError { from, step }), "{from:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_where_the_contract_stands() {
        let refused = after(State::Cancelled, Move::Approve).expect_err("no way back");
        assert_eq!(refused.to_string(), "the contract is cancelled: it cannot be approved");
    }

    #[test]
    fn state_names_are_those_of_the_wire() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).expect("JSON"), state.name());
            assert_eq!(state.name().parse::<State>().ok(), Some(state));
        }
        assert!("closed".parse::<State>().is_err());
    }
}
