//! The one query of the slice that is the tenant's.

use keystead_tenants::{
    TenantTx,
    orm::{ConnectionTrait, DbErr, Expr, Query, sea_query::Func},
    platform::Profile,
};

/// Writes one's own profile; false when it changed since `profile.version`.
pub(super) async fn change_profile(tx: &TenantTx, profile: &Profile) -> Result<bool, DbErr> {
    let Profile { version, name, locale, time_zone } = profile;
    let changed = Func::cust("app.change_own_profile")
        .arg(Expr::val(*version))
        .arg(Expr::val(name.as_str()))
        .arg(Expr::val(locale.clone()))
        .arg(Expr::val(time_zone.clone()));
    let row = tx.query_one(&Query::select().expr_as(changed, "version").to_owned()).await?;
    Ok(row.map(|row| row.try_get::<Option<i64>>("", "version")).transpose()?.flatten().is_some())
}
