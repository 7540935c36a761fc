//! The part of sea-orm that slices may use: queries and entities, no connection, no raw statement.

pub use sea_orm::{
    ActiveModelTrait, ActiveValue,
    ActiveValue::Unchanged,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel, JoinType,
    NotSet, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait, Set,
    TryInsertResult,
    sea_query::{self, Expr, OnConflict, Query},
};
