//! Every query of the slice.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures::try_join;
use keystead_entities::{
    invitation::{ActiveModel, COLUMN, Column, Entity, Model},
    outbox_mail,
};
use keystead_ids::{InvitationId, RoleId};
use keystead_tenants::{
    TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, Find, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
    },
};

use crate::{
    http::Paging,
    members,
    roles::{self, RoleRef},
};

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Accepted,
    Revoked,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }

    pub(super) fn of(row: &Model) -> Self {
        match row.state.as_str() {
            "open" => Self::Open,
            "accepted" => Self::Accepted,
            // The column has no fourth value; and what is unknown must not let anybody in.
            _ => Self::Revoked,
        }
    }
}

/// Locks the row: of two who redeem it at once, the second sees what the first did.
pub(super) async fn locked(tx: &TenantTx, id: InvitationId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Newest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find();
    if let Some(after) = paging.after {
        query = query.filter(COLUMN.id.lt(InvitationId(after)));
    }
    query.order_by_desc(COLUMN.id).limit(paging.fetch()).rows(tx).await
}

/// The roles that the invitations give, in one query.
pub(super) async fn roles_of(tx: &TenantTx, rows: &[Model]) -> Result<HashMap<RoleId, RoleRef>, DbErr> {
    let wanted: BTreeSet<RoleId> = rows.iter().map(|row| row.role_id).collect();
    Ok(roles::all(tx, wanted).await?.iter().map(|role| (role.id, role.into())).collect())
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

/// Writes several at once.
pub(super) async fn insert_all(tx: &TenantTx, rows: Vec<ActiveModel>) -> Result<Vec<Model>, DbErr> {
    Entity::insert_many(rows).exec_with_returning(tx).await
}

/// Revokes what is open for addresses that are invited anew, and gives it. It waits for whoever is accepting one of them, who is a
/// member after that, so members are asked for after it.
pub(super) async fn revoke_for(tx: &TenantTx, emails: &[&str]) -> Result<Vec<Model>, DbErr> {
    // Whoever invites takes these locks first: two invitations to one address at once leave one open, not two.
    let administrators = members::store::locked_administrators(tx);
    let (_, open) = try_join!(administrators, open_for(tx, emails.iter().copied()))?;
    revoke(tx, &open).await?;
    Ok(open)
}

/// Open invitations to these addresses, expired ones too.
async fn open_for(tx: &TenantTx, emails: impl Iterator<Item = &str>) -> Result<Vec<Model>, DbErr> {
    let emails = emails.map(str::to_owned);
    Entity::find().filter(Column::Email.eq_any(emails)).filter(COLUMN.state.eq(State::Open.name())).rows(tx).await
}

/// How many of them can still be accepted.
pub(super) fn acceptable(open: &[Model], now: DateTime<Utc>) -> u64 {
    open.iter().filter(|row| row.expires_at > now).count() as u64
}

/// Revokes those of these that are open still.
async fn revoke(tx: &TenantTx, open: &[Model]) -> Result<(), DbErr> {
    if open.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .set(ActiveModel { state: Set(State::Revoked.name().to_owned()), ..Default::default() })
        .filter(Column::Id.eq_any(open.iter().map(|row| row.id)))
        .filter(COLUMN.state.eq(State::Open.name()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the invitation its final state.
pub(super) async fn end(tx: &TenantTx, row: &Model, state: State) -> Result<(), DbErr> {
    let ended = ActiveModel {
        state: Set(state.name().to_owned()),
        tenant_id: Unchanged(row.tenant_id),
        id: Unchanged(row.id),
        ..Default::default()
    };
    ended.update(tx).await?;
    Ok(())
}

/// Without RETURNING: a tenant may put mail in the outbox and not look at it.
pub(super) async fn queue_mail(tx: &TenantTx, mails: Vec<outbox_mail::ActiveModel>) -> Result<(), DbErr> {
    outbox_mail::Entity::insert_many(mails).exec_without_returning(tx).await?;
    Ok(())
}
