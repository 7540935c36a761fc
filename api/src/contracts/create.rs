//! Draft a contract.

use axum::extract::State;
use keystead_entities::{contract, contract_party, unit};
use keystead_ids::{ContactId, Permission};
use keystead_keys::TenantKeys;
use keystead_tenants::{
    Refused, TenantTx,
    orm::{DbErr, Set},
};

use super::{
    BuyerOut, ContractIn, ContractOut, PartyRole,
    buyers::{Kind, Parties},
    store,
};
use crate::{
    app::App,
    contacts,
    http::{Body, Created, FieldCode, Fresh, Money, Problem, Problems, Tx, WriteContracts},
    projects,
    units::{self, Status},
    vault,
};

/// Draft a contract for a home.
///
/// Buyers that are not contacts yet can be given in full; they are created with the contract or not at all. Fails with
/// `unit-under-contract` when the home has a contract that is not cancelled, with `unit-not-available` when it is not for
/// sale for another reason, with `unit-changed` when it goes off sale or its price changes at the same moment, and with
/// `project-archived`.
#[utoipa::path(post, path = "/", tag = "contracts", operation_id = "create_contract", request_body = ContractIn,
    responses((status = 201, body = ContractOut), Problems), extensions(("x-permission" = json!("contracts.write"))))]
pub(super) async fn create(
    tx: Tx<WriteContracts>,
    State(app): State<App>,
    fresh: Fresh,
    Body { input, once }: Body<ContractIn>,
) -> Result<Created<ContractOut>, Problem> {
    let parties = Parties::checked(input.buyers, fresh.now())?;
    if !parties.new.is_empty() && !tx.grant().permissions().allows(Permission::ContactsManage) {
        return Err(Problem::forbidden().log("new buyers need contacts.manage"));
    }
    // Without contacts.read no contact can be seen, so none can be named either.
    let keys = vault::open(&app, &tx).await?;
    if let Some(Created(earlier)) = once.replay(&tx).await? {
        return Ok(Created(with_names(&tx, &keys, earlier).await?));
    }
    let found = units::find(&tx, input.unit_id).await?;
    let unit = for_sale(&tx, found).await?;
    let row = store::insert(&tx, draft(&tx, &fresh, &unit, input.price.as_ref())?).await.map_err(under_contract)?;
    let buyers = join(&tx, &keys, &fresh, &row, parties).await?;
    let state = row.state.parse()?;
    // Kept without names: masked or not, they would stand in plain and outlive the buyers' keys.
    let nameless = buyers.iter().map(|buyer| BuyerOut { name: None, ..buyer.clone() }).collect();
    let mut out = ContractOut::new(row, state, Some(unit.number), nameless);
    once.keep(&tx, &fresh, &out).await?;
    out.buyers = buyers;
    tx.commit().await?;
    Ok(Created(out))
}

/// A kept answer with its buyers' names, masked.
async fn with_names(tx: &TenantTx, keys: &TenantKeys, mut kept: ContractOut) -> Result<ContractOut, Problem> {
    let people: Vec<ContactId> = kept.buyers.iter().map(|buyer| buyer.contact_id).collect();
    let mut known = contacts::known(tx, keys, &people).await?;
    for buyer in &mut kept.buyers {
        buyer.name = known.remove(&buyer.contact_id).and_then(|contact| contact.name);
    }
    Ok(kept)
}

/// The home, if it may be sold now.
async fn for_sale(tx: &TenantTx, found: Option<units::UnitRow>) -> Result<unit::Model, Problem> {
    let unseen = || Problem::field("/unit_id", FieldCode::Unknown, "must be a home that you can see");
    let units::UnitRow { unit, status } = found.ok_or_else(unseen)?;
    let project = projects::find(tx, unit.project_id).await?.ok_or_else(unseen)?;
    if project.state != "active" {
        return Err(Problem::conflict("project-archived", "The project is archived and takes no new contracts"));
    }
    if unit.sale_stage.is_some() {
        return Err(taken().detail(format!("the home's status is {}", status.name())));
    }
    if status != Status::Available {
        let problem = Problem::conflict("unit-not-available", "The home is not for sale");
        return Err(problem.detail(format!("the home's status is {}", status.name())));
    }
    Ok(unit)
}

/// The row of a draft: both prices are copies, which later changes of the home do not reach.
fn draft(
    tx: &Tx<WriteContracts>,
    fresh: &Fresh,
    unit: &unit::Model,
    price: Option<&Money>,
) -> Result<contract::ActiveModel, Problem> {
    let agreed = price.map(|price| price.in_currency(&unit.currency, "/price")).transpose()?;
    Ok(contract::ActiveModel {
        tenant_id: Set(tx.tenant()),
        id: Set(fresh.id()),
        project_id: Set(unit.project_id),
        unit_id: Set(unit.id),
        list_price_minor: Set(unit.price_minor),
        price_minor: Set(agreed.unwrap_or(unit.price_minor)),
        currency: Set(unit.currency.clone()),
        created_by: Set(tx.member()),
        ..Default::default()
    })
}

/// What is wrong with a buyer who was erased.
const NOBODY: &str = "must be a contact that was not erased";

fn taken() -> Problem {
    Problem::conflict("unit-under-contract", "The home has a contract already")
}

fn changed() -> Problem {
    Problem::conflict("unit-changed", "The home went off sale, or its price changed, at this very moment")
}

/// Where two buyers race for a home, this is where the second one loses.
fn under_contract(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.violates("contracts_one_live_per_unit") => taken(),
        Some(refusal) if refusal.violates("contracts_home_as_seen") => changed(),
        _ => error.into(),
    }
}

/// Writes the contract's parties, and those that are not contacts yet as contacts. It comes after the contract's own row: a
/// race for the home is lost before anything is sealed.
async fn join(
    tx: &TenantTx,
    keys: &TenantKeys,
    fresh: &Fresh,
    contract: &contract::Model,
    parties: Parties,
) -> Result<Vec<BuyerOut>, Problem> {
    let mut known = contacts::known(tx, keys, &parties.known).await?;
    known.retain(|_, contact| contact.project == contract.project_id);
    if let Some(missing) = parties.known.iter().find(|id| !known.contains_key(id)) {
        return Err(Problem::field(
            parties.pointer(*missing),
            FieldCode::Unknown,
            "must be a contact of the home's project",
        ));
    }
    if let Some(nobody) = parties.known.iter().find(|id| known.get(id).is_some_and(|contact| contact.erased)) {
        return Err(Problem::field(parties.pointer(*nobody), FieldCode::Unknown, NOBODY));
    }
    let new: Vec<_> = parties.new.iter().map(|person| (fresh.id(), person)).collect();
    let added = contacts::add(tx, keys, contract.project_id, &new).await?;
    let mut added = added.into_iter();
    let named = parties.order.into_iter().map(|(role, kind)| match kind {
        Kind::Known(id) => Some((role, id, known.remove(&id)?.name)),
        Kind::New => added.next().map(|contact| (role, contact.id, contact.name)),
    });
    let named: Option<Vec<_>> = named.collect();
    let named = named.ok_or_else(|| Problem::internal("a buyer was not written"))?;
    let buyers: Vec<BuyerOut> =
        (1..).zip(named).map(|(position, (role, contact_id, name))| buyer(role, contact_id, position, name)).collect();
    let rows = buyers.iter().map(|buyer| party(fresh, contract, buyer)).collect();
    store::insert_parties(tx, rows).await.map_err(erased_meanwhile)?;
    Ok(buyers)
}

/// An erasure at the same moment was faster.
fn erased_meanwhile(error: DbErr) -> Problem {
    match error.refusal() {
        Some(refusal) if refusal.violates("contract_parties_not_erased") => {
            Problem::field("/buyers", FieldCode::Unknown, NOBODY)
        }
        _ => error.into(),
    }
}

fn buyer(role: PartyRole, contact_id: ContactId, position: i16, name: Option<String>) -> BuyerOut {
    BuyerOut { contact_id, role: role.name().to_owned(), position, name }
}

fn party(fresh: &Fresh, contract: &contract::Model, buyer: &BuyerOut) -> contract_party::ActiveModel {
    contract_party::ActiveModel {
        tenant_id: Set(contract.tenant_id),
        id: Set(fresh.id()),
        project_id: Set(contract.project_id),
        contract_id: Set(contract.id),
        contact_id: Set(buyer.contact_id),
        role: Set(buyer.role.clone()),
        position: Set(buyer.position),
        ..Default::default()
    }
}
