//! Erase a contact.

use keystead_entities::{contact, erasure, share_task};
use keystead_ids::{ContactId, ErasureId, Permission};
use keystead_tenants::orm::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContactOut, store};
use crate::{
    contracts,
    http::{
        Blocker, Body, Created, EraseContacts, FieldCode, Fresh, OrNotFound, PathOf, Problem, Problems, Text, Tx,
        Versioned,
    },
};

/// What has to be typed.
const CONFIRMATION: &str = "ERASE";

/// Why a contact is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseIn {
    /// Why, without personal data; the audit trail keeps it.
    #[schema(example = "The buyer asked for it, letter of 3 May")]
    pub reason: Text<3, 300>,
    /// The word `ERASE`, typed by whoever decides: there is no way back.
    #[schema(value_type = String, pattern = "^ERASE$", example = "ERASE")]
    pub confirmation: Text<1, 20>,
}

/// Erase a contact for good.
///
/// Nothing personal is left of them, in the trail neither; contracts show `Erased` in their place. `backups_closed_at` follows
/// within moments: from then on, backups of before do not open this person. Fails with `contact-under-contract` while they are
/// party to a contract that is not cancelled, and with `contact-erased` when it was done before. Needs `contracts.read`, too.
#[utoipa::path(post, path = "/{id}/erase", tag = "contacts", operation_id = "erase_contact",
    params(("id" = ContactId, Path)), request_body = EraseIn,
    responses((status = 200, body = ContactOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("contacts.erase")), ("x-once" = json!(true))))]
pub(super) async fn erase(
    tx: Tx<EraseContacts>,
    fresh: Fresh,
    PathOf(id): PathOf<ContactId>,
    Body { input, once }: Body<EraseIn>,
) -> Result<Versioned<ContactOut>, Problem> {
    let EraseIn { reason, confirmation } = input;
    if confirmation.as_str() != CONFIRMATION {
        return Err(Problem::field("/confirmation", FieldCode::NotMatching, "must be the word ERASE"));
    }
    let held = tx.grant().permissions();
    if ![Permission::ContactsRead, Permission::ContractsRead].into_iter().all(|needed| held.allows(needed)) {
        return Err(Problem::forbidden().log("whoever cannot see contacts and contracts cannot tell what erasing does"));
    }
    if let Some(Created(Kept { id })) = once.replay(&tx).await? {
        return Ok(erased(&store::find(&tx, id).await?.or_not_found()?.0));
    }
    // The lock holds new contracts off until this is through.
    let Some(row) = store::locked(&tx, id).await? else { return Err(store::absent(&tx, id).await) };
    refuse_parties(&contracts::live_with(&tx, id).await?)?;
    let record = erasure::ActiveModel {
        tenant_id: Set(row.tenant_id),
        id: Set(fresh.id::<ErasureId>()),
        project_id: Set(row.project_id),
        contact_id: Set(id),
        reason: Set(reason.into_string()),
        confirmation: Set(confirmation.into_string()),
        ..Default::default()
    };
    let now = fresh.now();
    let task = share_task::ActiveModel {
        tenant_id: Set(row.tenant_id),
        id: Set(fresh.id()),
        next_at: Set(now),
        created_at: Set(now),
    };
    let row = store::erase(&tx, &row, record, task, now).await?;
    once.keep(&tx, &fresh, &Kept { id }).await?;
    tx.commit().await?;
    Ok(erased(&row))
}

/// What is kept for a repetition: what became of the backups is read afresh.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: ContactId,
}

fn erased(row: &contact::Model) -> Versioned<ContactOut> {
    Versioned { version: row.row_version, body: ContactOut::masked(row, None) }
}

/// A contract that lives needs its parties.
fn refuse_parties(live: &[contracts::Live]) -> Result<(), Problem> {
    if live.is_empty() {
        return Ok(());
    }
    let blocker = |contract: &contracts::Live| Blocker {
        id: contract.id.to_string(),
        name: format!("Contract {}", contract.number),
    };
    let problem =
        Problem::conflict("contact-under-contract", "The contact is party to a contract that is not cancelled");
    Err(problem.detail("cancel it first").blocked_by(live.iter().map(blocker).collect()))
}
