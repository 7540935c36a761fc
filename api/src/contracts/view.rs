//! Contracts as they are shown: with their home's number and their parties, masked.

use std::collections::HashMap;

use futures::try_join;
use keystead_entities::contract_party;
use keystead_ids::{ContactId, ContractId};
use keystead_keys::TenantKeys;
use keystead_tenants::TenantTx;

use super::{BuyerOut, ContractOut, store};
use crate::{
    contacts::{self, Known},
    http::Problem,
};

/// A contract that is not cancelled, as another resource names it.
#[derive(Debug)]
pub(crate) struct Live {
    /// Its id.
    pub(crate) id: ContractId,
    /// Its number in its project.
    pub(crate) number: i32,
}

/// The contracts of a contact that are not cancelled, for who sees contracts.
pub(crate) async fn live_with(tx: &TenantTx, contact: ContactId) -> Result<Vec<Live>, Problem> {
    let rows = store::live_with(tx, contact).await?;
    Ok(rows.into_iter().map(|row| Live { id: row.id, number: row.number }).collect())
}

/// The parties of some contracts and what is known of them.
pub(super) struct Parties {
    rows: Vec<contract_party::Model>,
    known: HashMap<ContactId, Known>,
}

/// The parties of contracts: two queries in one round trip, however many they are. Without keys, names stay out.
pub(super) async fn parties(
    tx: &TenantTx,
    keys: Option<&TenantKeys>,
    contracts: &[ContractId],
) -> Result<Parties, Problem> {
    let known = async {
        match keys {
            Some(keys) => contacts::known_among(tx, keys, store::people(contracts)).await,
            None => Ok(HashMap::new()),
        }
    };
    let rows = async { Ok(store::parties(tx, contracts).await?) };
    let (rows, known) = try_join!(rows, known)?;
    Ok(Parties { rows, known })
}

/// Contracts with their parties.
pub(super) async fn complete(
    tx: &TenantTx,
    keys: Option<&TenantKeys>,
    rows: Vec<store::Row>,
) -> Result<Vec<ContractOut>, Problem> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ContractId> = rows.iter().map(|(contract, _)| contract.id).collect();
    let Parties { rows: parties, known } = parties(tx, keys, &ids).await?;
    let mut buyers: HashMap<ContractId, Vec<BuyerOut>> = HashMap::new();
    for party in parties {
        buyers.entry(party.contract_id).or_default().push(buyer(party, &known));
    }
    let outs = rows.into_iter().map(|(contract, unit)| {
        let buyers = buyers.remove(&contract.id).unwrap_or_default();
        shown((contract, unit), buyers)
    });
    outs.collect()
}

/// One contract whose parties are known.
pub(super) fn one(row: store::Row, Parties { rows, known }: Parties) -> Result<ContractOut, Problem> {
    shown(row, rows.into_iter().map(|party| buyer(party, &known)).collect())
}

fn shown((contract, unit): store::Row, buyers: Vec<BuyerOut>) -> Result<ContractOut, Problem> {
    let state = contract.state.parse()?;
    Ok(ContractOut::new(contract, state, unit.map(|unit| unit.number), buyers))
}

fn buyer(party: contract_party::Model, known: &HashMap<ContactId, Known>) -> BuyerOut {
    let name = known.get(&party.contact_id).and_then(|known| known.name.clone());
    BuyerOut { contact_id: party.contact_id, role: party.role, position: party.position, name }
}
