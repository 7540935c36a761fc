//! What every move of a contract has in common.

use std::slice;

use futures::try_join;
use keystead_entities::contract;
use keystead_ids::ContractId;
use keystead_tenants::orm::{Set, Unchanged};

use super::{
    ContractOut,
    rules::{self, Move},
    store, view,
};
use crate::{
    app::App,
    http::{Needs, OrNotFound, Problem, Tx, Versioned},
    vault,
};

/// Moves a contract and answers with it as it then stands. `changes` are the columns that the move writes besides the state.
pub(super) async fn run<P: Needs>(
    tx: Tx<P>,
    app: &App,
    id: ContractId,
    step: Move,
    changes: contract::ActiveModel,
) -> Result<Versioned<ContractOut>, Problem> {
    let keys = vault::open_if_allowed(app, &tx).await?;
    let row = store::locked(&tx, id).await?.or_not_found()?;
    let state = rules::after(row.state.parse()?, step)?;
    let changes = contract::ActiveModel {
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        state: Set(state.name().to_owned()),
        ..changes
    };
    let row = store::update(&tx, changes).await?;
    let version = row.row_version;
    let unit = async { Ok(store::unit(&tx, row.unit_id).await?) };
    let (unit, parties) = try_join!(unit, view::parties(&tx, keys.as_ref(), slice::from_ref(&id)))?;
    let body = view::one((row, unit), parties)?;
    tx.commit().await?;
    Ok(Versioned { version, body })
}
