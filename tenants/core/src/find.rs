//! Reading whole rows: a select of sea-orm, decoded by position.
//!
//! sea-orm's own `one` and `all` would go through a map of column names for every row, which was a third of the server's work
//! for a list.

use sea_orm::{
    ActiveModelTrait, DbBackend, DbErr, EntityTrait, Iterable, QuerySelect, QueryTrait, Select, SelectThree, SelectTwo,
    Topology, TryIntoModel,
};
use tokio_postgres::Row;

use crate::{TenantTx, value::value};

/// A select whose rows are models.
#[async_trait::async_trait]
pub trait Find: Sized {
    /// What a row becomes.
    type Found;

    /// The first row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn first(self, tx: &TenantTx) -> Result<Option<Self::Found>, DbErr>;

    /// Every row.
    ///
    /// # Errors
    /// When the database refuses.
    async fn rows(self, tx: &TenantTx) -> Result<Vec<Self::Found>, DbErr>;
}

#[async_trait::async_trait]
impl<E> Find for Select<E>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model> + Send,
{
    type Found = E::Model;

    async fn first(self, tx: &TenantTx) -> Result<Option<E::Model>, DbErr> {
        Ok(self.limit(1).rows(tx).await?.pop())
    }

    async fn rows(self, tx: &TenantTx) -> Result<Vec<E::Model>, DbErr> {
        let rows = tx.rows(self.build(DbBackend::Postgres)).await?;
        rows.iter().map(|row| model::<E>(row, 0)).collect()
    }
}

#[async_trait::async_trait]
impl<E, F> Find for SelectTwo<E, F>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model> + Send,
    F: EntityTrait,
    F::ActiveModel: TryIntoModel<F::Model> + Send,
{
    type Found = (E::Model, Option<F::Model>);

    async fn first(self, tx: &TenantTx) -> Result<Option<Self::Found>, DbErr> {
        Ok(self.limit(1).rows(tx).await?.pop())
    }

    async fn rows(self, tx: &TenantTx) -> Result<Vec<Self::Found>, DbErr> {
        let rows = tx.rows(self.build(DbBackend::Postgres)).await?;
        let width = E::Column::iter().len();
        rows.iter().map(|row| Ok((model::<E>(row, 0)?, joined::<F>(row, width)?))).collect()
    }
}

#[async_trait::async_trait]
impl<E, F, G, T> Find for SelectThree<E, F, G, T>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model> + Send,
    F: EntityTrait,
    F::ActiveModel: TryIntoModel<F::Model> + Send,
    G: EntityTrait,
    G::ActiveModel: TryIntoModel<G::Model> + Send,
    T: Topology + Send,
{
    type Found = (E::Model, Option<F::Model>, Option<G::Model>);

    async fn first(self, tx: &TenantTx) -> Result<Option<Self::Found>, DbErr> {
        Ok(self.limit(1).rows(tx).await?.pop())
    }

    async fn rows(self, tx: &TenantTx) -> Result<Vec<Self::Found>, DbErr> {
        let rows = tx.rows(self.build(DbBackend::Postgres)).await?;
        let second = E::Column::iter().len();
        let third = second + F::Column::iter().len();
        let found = |row| Ok((model::<E>(row, 0)?, joined::<F>(row, second)?, joined::<G>(row, third)?));
        rows.iter().map(found).collect()
    }
}

/// A model from the columns that start at `from`, which the select lists in the entity's order.
fn model<E>(row: &Row, from: usize) -> Result<E::Model, DbErr>
where
    E: EntityTrait,
    E::ActiveModel: TryIntoModel<E::Model>,
{
    let mut fields = <E::ActiveModel as ActiveModelTrait>::default();
    for (index, column) in (from..).zip(E::Column::iter()) {
        fields.try_set(column, value(row, index)?)?;
    }
    fields.try_into_model()
}

/// A row of the left join's right side, whose first column, the tenant, is missing where nothing matched.
fn joined<F>(row: &Row, from: usize) -> Result<Option<F::Model>, DbErr>
where
    F: EntityTrait,
    F::ActiveModel: TryIntoModel<F::Model>,
{
    let tenant = value(row, from)?;
    if tenant == tenant.as_null() { Ok(None) } else { model::<F>(row, from).map(Some) }
}
