//! The part of sea-orm that slices may use: queries and entities, no connection, no raw statement.

pub use crate::find::Find;
pub use sea_orm::{
    ActiveModelTrait, ActiveValue,
    ActiveValue::Unchanged,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityName, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, JoinType, NotSet, Order, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, RelationTrait, Select, Set, TryInsertResult, TryIntoModel,
    sea_query::{self, Expr, OnConflict, Query},
};
