//! Every query of the slice.

use keystead_entities::{
    phase,
    unit::{ActiveModel, COLUMN, Column, Entity, Model},
};
use keystead_ids::{BuildingId, ProjectId, UnitId};
use keystead_tenants::{
    Refused, TenantTx,
    orm::{
        ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Expr, ExprTrait, Find,
        FromQueryResult, Order, QueryFilter, QuerySelect, QueryTrait, Select, sea_query::SelectStatement,
    },
};

use super::{Status, UnitFilters};
use crate::{
    http::{FieldCode, Paging, Problem},
    search::Sought,
};

/// A home with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnitRow {
    /// The home.
    pub(crate) unit: Model,
    /// Where it stood when the transaction began.
    pub(crate) status: Status,
}

pub(crate) async fn find(tx: &TenantTx, id: UnitId) -> Result<Option<UnitRow>, DbErr> {
    let found = rows(tx, &homes(Condition::all().add(COLUMN.id.eq(id)))).await?;
    Ok(found.into_iter().next())
}

/// Locks the row, so that whoever checked its version is the one who changes it.
pub(super) async fn locked(tx: &TenantTx, id: UnitId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.id.eq(id)).lock_exclusive().first(tx).await
}

/// Oldest first.
pub(super) async fn page(tx: &TenantTx, paging: &Paging<UnitFilters>) -> Result<Vec<UnitRow>, DbErr> {
    let after = paging.after.map(|after| COLUMN.id.gt(UnitId(after)));
    let mut query = homes(matching(&paging.filters).add_option(after));
    query.order_by((Entity, Column::Id), Order::Asc).limit(paging.fetch());
    rows(tx, &query).await
}

/// The homes of a project or a building, oldest first.
pub(super) async fn board(
    tx: &TenantTx,
    project: ProjectId,
    building: Option<BuildingId>,
    limit: u64,
) -> Result<Vec<UnitRow>, DbErr> {
    let condition = Condition::all()
        .add(COLUMN.project_id.eq(project))
        .add_option(building.map(|building| COLUMN.building_id.eq(building)));
    let mut query = homes(condition);
    query.order_by((Entity, Column::Id), Order::Asc).limit(limit);
    rows(tx, &query).await
}

/// How many homes stand where.
pub(crate) async fn count_by_status(tx: &TenantTx, project: Option<ProjectId>) -> Result<Vec<(Status, i64)>, DbErr> {
    let of = Condition::all().add_option(project.map(|id| COLUMN.project_id.eq(id)));
    let query = with_phases()
        .select_only()
        .expr_as(status(), STATUS)
        .expr_as(Column::Id.count(), "count")
        .filter(of)
        // By its place: the names within are parameters, so PostgreSQL would not know that it is the same expression again.
        .group_by(Expr::cust("1"));
    let rows = tx.query_all(&query.into_query()).await?;
    rows.iter().map(|row| Ok((named(&row.try_get::<String>("", STATUS)?)?, row.try_get("", "count")?))).collect()
}

/// Whose number or address has the text: the very number first, then by number.
pub(crate) async fn search(tx: &TenantTx, sought: &Sought) -> Result<Vec<UnitRow>, DbErr> {
    let number = || (Entity, Column::Number);
    let within = sought.within(number()).or(sought.within((Entity, Column::Address)));
    let mut query = homes(Condition::all().add(within));
    query
        .order_by_expr(Expr::col(number()).eq(sought.text()), Order::Desc)
        .order_by(number(), Order::Asc)
        .limit(sought.limit());
    rows(tx, &query).await
}

pub(super) async fn insert(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.insert(tx).await
}

pub(super) async fn update(tx: &TenantTx, row: ActiveModel) -> Result<Model, DbErr> {
    row.update(tx).await
}

fn matching(filters: &UnitFilters) -> Condition {
    Condition::all()
        .add_option(filters.project_id.map(|id| COLUMN.project_id.eq(id)))
        .add_option(filters.phase_id.map(|id| COLUMN.phase_id.eq(id)))
        .add_option(filters.building_id.map(|id| COLUMN.building_id.eq(id)))
        .add_option(filters.plan_id.map(|id| COLUMN.plan_id.eq(id)))
        .add_option(filters.number.as_ref().map(|number| COLUMN.number.eq(number.as_str())))
        .add_option(filters.status.map(|wanted| status().eq(wanted.name())))
}

/// Homes with where they stand, in one query.
fn homes(condition: Condition) -> SelectStatement {
    with_phases().expr_as(status(), STATUS).filter(condition).into_query()
}

fn with_phases() -> Select<Entity> {
    Entity::find().inner_join(phase::Entity)
}

const STATUS: &str = "status";

/// Where a home stands: the first that applies. This is the only place that says so. Time is the database's.
fn status() -> Expr {
    let stage = || Column::SaleStage.into_expr();
    let kept_back = Column::NotForSaleReason.into_expr().is_not_null();
    let released = phase::Column::ReleasedAt.into_expr().lte(Expr::current_timestamp());
    Expr::case(stage().is_not_null(), stage())
        .case(kept_back, Status::NotForSale.name())
        .case(released, Status::Available.name())
        .finally(Status::Unreleased.name())
        .into()
}

async fn rows(tx: &TenantTx, query: &SelectStatement) -> Result<Vec<UnitRow>, DbErr> {
    let rows = tx.query_all(query).await?;
    let read = rows.iter().map(|row| {
        let status = named(&row.try_get::<String>("", STATUS)?)?;
        Ok(UnitRow { unit: Model::from_query_result(row, "")?, status })
    });
    read.collect()
}

fn named(status: &str) -> Result<Status, DbErr> {
    Status::from_name(status).ok_or_else(|| DbErr::Type("a status has no such name".to_owned()))
}

/// Keys to other tables lead through the project (an elevation's through its plan), so they also catch what is foreign.
const REFERENCES: [(&str, &str, &str); 4] = [
    ("units_tenant_id_project_id_phase_id_fkey", "/phase_id", "is not a phase of the project"),
    ("units_tenant_id_project_id_building_id_fkey", "/building_id", "is not a building of the project"),
    ("units_tenant_id_project_id_plan_id_fkey", "/plan_id", "is not a plan of the project"),
    ("units_tenant_id_plan_id_elevation_id_fkey", "/elevation_id", "is not an elevation of the plan"),
];

/// Why the database did not take a home.
pub(super) fn refused(error: DbErr) -> Problem {
    let Some(refusal) = error.refusal() else { return error.into() };
    if refusal.is_duplicate() {
        return Problem::conflict("unit-number-taken", "Another home of the project has this number");
    }
    let broken = REFERENCES.into_iter().find(|(constraint, ..)| refusal.violates(constraint));
    broken.map_or_else(|| error.into(), |(_, pointer, message)| Problem::field(pointer, FieldCode::Unknown, message))
}

#[cfg(test)]
mod tests {
    use keystead_ids::PlanId;
    use keystead_tenants::orm::sea_query::PostgresQueryBuilder;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn filters_and_status_are_one_query() {
        let filters = UnitFilters {
            project_id: Some(ProjectId(Uuid::nil())),
            phase_id: None,
            building_id: None,
            plan_id: Some(PlanId(Uuid::nil())),
            status: Some(Status::Available),
            number: None,
        };
        let sql = homes(matching(&filters)).to_string(PostgresQueryBuilder);
        let status = concat!(
            r#"(CASE WHEN ("units"."sale_stage" IS NOT NULL) THEN "units"."sale_stage" "#,
            r#"WHEN ("units"."not_for_sale_reason" IS NOT NULL) THEN 'not_for_sale' "#,
            r#"WHEN ("phases"."released_at" <= CURRENT_TIMESTAMP) THEN 'available' ELSE 'unreleased' END)"#,
        );
        let nil = Uuid::nil();
        assert!(sql.contains(&format!(r#"{status} AS "status""#)), "{sql}");
        assert!(
            sql.ends_with(&format!(
                concat!(
                    r#"FROM "app"."units" INNER JOIN "app"."phases" ON "units"."tenant_id" = "phases"."tenant_id" "#,
                    r#"AND "units"."phase_id" = "phases"."id" WHERE "units"."project_id" = '{nil}' "#,
                    r#"AND "units"."plan_id" = '{nil}' AND {status} = 'available'"#,
                ),
                nil = nil,
                status = status
            )),
            "{sql}"
        );
    }
}
