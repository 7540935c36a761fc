//! Contracts as they are shown: with their home's number and their parties, masked.

use std::collections::HashMap;

use keystead_ids::{ContactId, ContractId};
use keystead_keys::TenantKeys;
use keystead_tenants::TenantTx;

use super::{BuyerOut, ContractOut, store};
use crate::{contacts, http::Problem};

/// Completes rows of contracts: two queries, however many they are. Without keys, names stay out.
pub(super) async fn complete(
    tx: &TenantTx,
    keys: Option<&TenantKeys>,
    rows: Vec<store::Row>,
) -> Result<Vec<ContractOut>, Problem> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ContractId> = rows.iter().map(|(contract, _)| contract.id).collect();
    let parties = store::parties(tx, &ids).await?;
    let names = match keys {
        Some(keys) => {
            let mut people: Vec<ContactId> = parties.iter().map(|party| party.contact_id).collect();
            people.sort_unstable();
            people.dedup();
            contacts::known(tx, keys, &people).await?
        }
        None => HashMap::new(),
    };
    let mut buyers: HashMap<ContractId, Vec<BuyerOut>> = HashMap::new();
    for party in parties {
        let name = names.get(&party.contact_id).and_then(|known| known.name.clone());
        let buyer = BuyerOut { contact_id: party.contact_id, role: party.role, position: party.position, name };
        buyers.entry(party.contract_id).or_default().push(buyer);
    }
    let outs = rows.into_iter().map(|(contract, unit)| {
        let state = contract.state.parse()?;
        let buyers = buyers.remove(&contract.id).unwrap_or_default();
        Ok(ContractOut::new(contract, state, unit.map(|unit| unit.number), buyers))
    });
    outs.collect()
}

/// The same for one contract.
pub(super) async fn complete_one(
    tx: &TenantTx,
    keys: Option<&TenantKeys>,
    row: store::Row,
) -> Result<ContractOut, Problem> {
    let only = complete(tx, keys, vec![row]).await?.pop();
    only.ok_or_else(|| Problem::internal("a contract was lost while it was shown"))
}
