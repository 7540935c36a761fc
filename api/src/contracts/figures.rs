//! Contracts counted and summed in the database.

use chrono::NaiveDateTime;
use keystead_entities::contract::{COLUMN, Column, Entity};
use keystead_ids::ProjectId;
use keystead_tenants::{
    TenantTx,
    orm::{
        ColumnTrait, Condition, ConnectionTrait, DbErr, EntityName, EntityTrait, Expr, ExprTrait, JoinType, Query,
        QueryFilter, QueryResult, QuerySelect, QueryTrait,
        sea_query::{Alias, SelectStatement},
    },
};

use crate::dashboard::{MonthOut, MonthsOut};

/// The contracts of one state in one currency.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) state: String,
    pub(crate) currency: String,
    pub(crate) count: i64,
    /// The sum of the agreed prices, to the cent.
    pub(crate) total_minor: i64,
}

fn of(project: Option<ProjectId>) -> Condition {
    Condition::all().add(Expr::cust("true")).add_option(project.map(|id| COLUMN.project_id.eq(id)))
}

/// How many contracts stand where, and what they come to.
pub(crate) async fn tallies(tx: &TenantTx, project: Option<ProjectId>) -> Result<Vec<Tally>, DbErr> {
    let query = Entity::find()
        .select_only()
        .column(Column::State)
        .column(Column::Currency)
        .expr_as(Column::Id.count(), "count")
        // A sum of bigint is numeric.
        .expr_as(Column::PriceMinor.sum().cast_as("bigint"), "total_minor")
        .filter(of(project))
        .group_by(Column::State)
        .group_by(Column::Currency);
    let rows = tx.query_all(&query.into_query()).await?;
    let tally = |row: &QueryResult| {
        Ok(Tally {
            state: row.try_get("", "state")?,
            currency: row.try_get("", "currency")?,
            count: row.try_get("", "count")?,
            total_minor: row.try_get("", "total_minor")?,
        })
    };
    rows.iter().map(tally).collect()
}

/// What was approved and cancelled in this month and in the last, by the builder's calendar. Time is the database's.
pub(crate) async fn months(tx: &TenantTx, project: Option<ProjectId>) -> Result<MonthsOut, DbErr> {
    let mut query = Query::select();
    query
        .expr_as(Expr::cust("month.this"), "this")
        .expr_as(Expr::cust("month.last"), "last")
        .expr_as(Expr::cust("count(*) FILTER (WHERE contracts.approved_at >= month.this AT TIME ZONE month.zone)"), "approved_this")
        .expr_as(Expr::cust("count(*) FILTER (WHERE contracts.approved_at >= month.last AT TIME ZONE month.zone AND contracts.approved_at < month.this AT TIME ZONE month.zone)"), "approved_last")
        .expr_as(Expr::cust("count(*) FILTER (WHERE contracts.cancelled_at >= month.this AT TIME ZONE month.zone)"), "cancelled_this")
        .expr_as(Expr::cust("count(*) FILTER (WHERE contracts.cancelled_at >= month.last AT TIME ZONE month.zone AND contracts.cancelled_at < month.this AT TIME ZONE month.zone)"), "cancelled_last")
        .from_subquery(calendar(), Alias::new("month"))
        .join(JoinType::LeftJoin, Entity.table_ref(), of(project))
        .group_by_columns([(Alias::new("month"), Alias::new("this")), (Alias::new("month"), Alias::new("last"))]);
    let row = tx.query_one(&query).await?.ok_or_else(|| DbErr::RecordNotFound("the calendar".to_owned()))?;
    let month = |starts: &str, approved: &str, cancelled: &str| {
        Ok::<_, DbErr>(MonthOut {
            starts: row.try_get::<NaiveDateTime>("", starts)?.date(),
            approved: row.try_get("", approved)?,
            cancelled: row.try_get("", cancelled)?,
        })
    };
    Ok(MonthsOut {
        this: month("this", "approved_this", "cancelled_this")?,
        last: month("last", "approved_last", "cancelled_last")?,
    })
}

/// The first moments of this month and of the last, by the clocks of the builder's time zone.
fn calendar() -> SelectStatement {
    // Who may not see settings is shown the world's month.
    let zone = Expr::cust("coalesce((SELECT time_zone FROM app.settings LIMIT 1), 'UTC')");
    let zone = Query::select().expr_as(zone, "zone").to_owned();
    Query::select()
        .expr_as(Expr::cust("date_trunc('month', now() AT TIME ZONE z.zone)"), "this")
        .expr_as(Expr::cust("date_trunc('month', now() AT TIME ZONE z.zone) - interval '1 month'"), "last")
        .expr_as(Expr::cust("z.zone"), "zone")
        .from_subquery(zone, Alias::new("z"))
        .to_owned()
}
