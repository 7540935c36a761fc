//! Contracts as they are shown: with their home's number and their parties, masked.

use std::collections::HashMap;

use keystead_entities::contract_party;
use keystead_ids::{ContactId, ContractId};
use keystead_keys::{TenantKeys, without_traces};
use keystead_tenants::TenantTx;

use super::{BuyerOut, ContractOut, store};
use crate::{contacts::Known, http::Problem};

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

/// A party with the contract that it belongs to.
pub(super) type Party = (ContractId, BuyerOut);

/// The parties of contracts with their masked names, in one query however many they are. Without keys, names stay out.
pub(super) async fn parties(
    tx: &TenantTx,
    keys: Option<&TenantKeys>,
    contracts: &[ContractId],
) -> Result<Vec<Party>, Problem> {
    let rows = store::parties(tx, contracts).await?;
    let named = rows.into_iter().map(|(party, contact, key)| {
        let known = keys.zip(contact).map(|(keys, contact)| Known::of(keys, &contact, key.as_ref())).transpose()?;
        let name = known.and_then(|known| known.name);
        let contract_party::Model { contract_id, contact_id, role, position, .. } = party;
        Ok((contract_id, BuyerOut { contact_id, role, position, name }))
    });
    without_traces(|| named.collect())
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
    let mut buyers: HashMap<ContractId, Vec<BuyerOut>> = HashMap::new();
    for (contract, buyer) in parties(tx, keys, &ids).await? {
        buyers.entry(contract).or_default().push(buyer);
    }
    let outs = rows.into_iter().map(|(contract, unit)| {
        let buyers = buyers.remove(&contract.id).unwrap_or_default();
        shown((contract, unit), buyers)
    });
    outs.collect()
}

/// One contract whose parties are known.
pub(super) fn one(row: store::Row, parties: Vec<Party>) -> Result<ContractOut, Problem> {
    shown(row, parties.into_iter().map(|(_, buyer)| buyer).collect())
}

fn shown((contract, unit): store::Row, buyers: Vec<BuyerOut>) -> Result<ContractOut, Problem> {
    let state = contract.state.parse()?;
    Ok(ContractOut::new(contract, state, unit.map(|unit| unit.number), buyers))
}
