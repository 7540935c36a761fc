//! Contracts on the wire.

use chrono::{DateTime, Utc};
use keystead_entities::contract;
use keystead_ids::{ContactId, ContractId, MemberId, ProjectId, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{BuyerIn, State, buyers};
use crate::http::{Money, Text};

/// A contract to draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractIn {
    /// The home.
    pub unit_id: UnitId,
    /// Who buys it; the first is the buyer.
    #[serde(deserialize_with = "buyers::read")]
    #[schema(min_items = 1, max_items = 10)]
    pub buyers: Vec<BuyerIn>,
    /// The agreed price; the home's list price unless told. Later changes of the list price do not reach the contract.
    #[serde(default)]
    pub price: Option<Money>,
}

/// Which contracts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ContractFilters {
    /// Of this project.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// Of this home.
    #[serde(default)]
    pub unit_id: Option<UnitId>,
    /// In this state.
    #[serde(default)]
    pub state: Option<State>,
    /// Drafted by this member.
    #[serde(default)]
    pub created_by: Option<MemberId>,
    /// With this number, or on a home with it; or with a party whom this finds: a whole e-mail address or phone number, or
    /// the beginnings of the words of a name.
    #[serde(default)]
    #[param(inline, example = "101")]
    pub q: Option<Text<1, 200>>,
    /// In which order; newest first unless told.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
}

/// An order of contracts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContractSort)]
pub enum Sort {
    /// Drafted last, first.
    #[default]
    Newest,
    /// Drafted first, first.
    Oldest,
    /// Changed last, first. One that changes while pages are turned may be shown twice or not at all.
    LastChanged,
    /// By agreed price, down.
    HighestPrice,
    /// By agreed price, up.
    LowestPrice,
}

/// A contract.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContractOut {
    /// Its id.
    pub id: ContractId,
    /// The project.
    pub project_id: ProjectId,
    /// Its number, unique in the project.
    pub number: i32,
    /// Where it stands.
    pub state: State,
    /// The home.
    pub unit: ContractUnit,
    /// The agreed price.
    pub price: Money,
    /// The home's list price when the contract was drafted.
    pub list_price: Money,
    /// The parties, the buyer first.
    pub buyers: Vec<BuyerOut>,
    /// Who drafted it.
    pub created_by: MemberId,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// Who submitted it.
    #[schema(required)]
    pub submitted_by: Option<MemberId>,
    /// When it was submitted.
    #[schema(required)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// Who approved it.
    #[schema(required)]
    pub approved_by: Option<MemberId>,
    /// When it was approved.
    #[schema(required)]
    pub approved_at: Option<DateTime<Utc>>,
    /// Who cancelled it.
    #[schema(required)]
    pub cancelled_by: Option<MemberId>,
    /// When it was cancelled.
    #[schema(required)]
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    #[schema(required)]
    pub cancel_reason: Option<String>,
    /// What there is to say about the cancellation.
    #[schema(required)]
    pub cancel_note: Option<String>,
}

/// A contract's home.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContractUnit {
    /// Its id.
    pub id: UnitId,
    /// Its number; null for who may not see homes.
    #[schema(required)]
    pub number: Option<String>,
}

/// A contract's party.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BuyerOut {
    /// The contact.
    pub contact_id: ContactId,
    /// `buyer`, `co_buyer` or `guarantor`.
    pub role: String,
    /// The place in the contract, from 1.
    pub position: i16,
    /// Initials, or `Erased`; null for who may not see contacts.
    #[schema(required, example = "J. D.")]
    pub name: Option<String>,
}

impl ContractOut {
    /// The contract with what other tables say about it.
    pub(super) fn new(row: contract::Model, state: State, unit_number: Option<String>, buyers: Vec<BuyerOut>) -> Self {
        let money = |amount_minor| Money { amount_minor, currency: row.currency.clone() };
        Self {
            id: row.id,
            project_id: row.project_id,
            number: row.number,
            state,
            unit: ContractUnit { id: row.unit_id, number: unit_number },
            price: money(row.price_minor),
            list_price: money(row.list_price_minor),
            buyers,
            created_by: row.created_by,
            created_at: row.created_at,
            submitted_by: row.submitted_by,
            submitted_at: row.submitted_at,
            approved_by: row.approved_by,
            approved_at: row.approved_at,
            cancelled_by: row.cancelled_by,
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason,
            cancel_note: row.cancel_note,
        }
    }
}
