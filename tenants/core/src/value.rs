//! Between sea-orm's values and PostgreSQL's binary format.

use std::collections::BTreeMap;

use sea_orm::{
    DbErr, Value,
    sea_query::{ArrayType, prelude::serde_json},
};
use tokio_postgres::{
    Row,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};
use uuid::Uuid;

type ToSqlError = Box<dyn std::error::Error + Sync + Send>;

/// A value on its way to the server.
#[derive(Debug)]
pub(crate) struct Param(pub(crate) Value);

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, ToSqlError> {
        match &self.0 {
            Value::Bool(v) => v.to_sql(ty, out),
            Value::TinyInt(v) => integer(v.map(i64::from), ty, out),
            Value::SmallInt(v) => integer(v.map(i64::from), ty, out),
            Value::Int(v) => integer(v.map(i64::from), ty, out),
            Value::BigInt(v) => integer(*v, ty, out),
            Value::TinyUnsigned(v) => integer(v.map(i64::from), ty, out),
            Value::SmallUnsigned(v) => integer(v.map(i64::from), ty, out),
            Value::Unsigned(v) => integer(v.map(i64::from), ty, out),
            Value::BigUnsigned(v) => integer(v.map(i64::try_from).transpose()?, ty, out),
            Value::Float(v) => v.to_sql(ty, out),
            Value::Double(v) => v.to_sql(ty, out),
            Value::String(v) => v.as_deref().to_sql(ty, out),
            Value::Char(v) => v.map(String::from).to_sql(ty, out),
            Value::Bytes(v) => v.as_deref().to_sql(ty, out),
            Value::Json(v) => v.as_deref().to_sql(ty, out),
            Value::Uuid(v) => v.to_sql(ty, out),
            Value::ChronoDate(v) => v.to_sql(ty, out),
            Value::ChronoTime(v) => v.to_sql(ty, out),
            Value::ChronoDateTime(v) => v.to_sql(ty, out),
            Value::ChronoDateTimeUtc(v) => v.to_sql(ty, out),
            Value::Array(kind, items) => array(kind, items.as_deref().map(Vec::as_slice), ty, out),
            other => Err(format!("no PostgreSQL form for {}", std::any::type_name_of_val(other)).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Integers take the width of the column.
fn integer(value: Option<i64>, ty: &Type, out: &mut BytesMut) -> Result<IsNull, ToSqlError> {
    match *ty {
        Type::INT2 => value.map(i16::try_from).transpose()?.to_sql(ty, out),
        Type::INT4 => value.map(i32::try_from).transpose()?.to_sql(ty, out),
        Type::INT8 => value.to_sql(ty, out),
        // sea-query writes a condition that never holds as `$1 = $2` with two integers, which PostgreSQL reads as text.
        Type::TEXT => value.map(|value| value.to_string()).to_sql(ty, out),
        _ => Err(format!("an integer cannot become {ty}").into()),
    }
}

fn array(kind: &ArrayType, items: Option<&[Value]>, ty: &Type, out: &mut BytesMut) -> Result<IsNull, ToSqlError> {
    fn all<T>(items: Option<&[Value]>, one: impl Fn(&Value) -> Option<T>) -> Option<Vec<Option<T>>> {
        items.map(|items| items.iter().map(one).collect())
    }
    match kind {
        ArrayType::String => all(items, |v| if let Value::String(v) = v { v.clone() } else { None }).to_sql(ty, out),
        ArrayType::Uuid => all(items, |v| if let Value::Uuid(v) = v { *v } else { None }).to_sql(ty, out),
        ArrayType::BigInt => all(items, |v| if let Value::BigInt(v) = v { *v } else { None }).to_sql(ty, out),
        ArrayType::Int => all(items, |v| if let Value::Int(v) = v { *v } else { None }).to_sql(ty, out),
        ArrayType::SmallInt => all(items, |v| if let Value::SmallInt(v) = v { *v } else { None }).to_sql(ty, out),
        ArrayType::Bytes => all(items, |v| if let Value::Bytes(v) = v { v.clone() } else { None }).to_sql(ty, out),
        other => Err(format!("no PostgreSQL form for an array of {other:?}").into()),
    }
}

/// The columns of a row by name.
pub(crate) fn row_values(row: &Row) -> Result<BTreeMap<String, Value>, DbErr> {
    let columns = row.columns().iter().enumerate();
    columns.map(|(index, column)| Ok((column.name().to_owned(), value(row, index)?))).collect()
}

/// One column of a row.
pub(crate) fn value(row: &Row, index: usize) -> Result<Value, DbErr> {
    let ty = row.columns().get(index).ok_or_else(|| DbErr::Type(format!("there is no column {index}")))?.type_();
    let unreadable = |_| DbErr::Type(format!("column {index} of type {ty} does not read"));
    Ok(match *ty {
        Type::BOOL => Value::Bool(row.try_get(index).map_err(unreadable)?),
        Type::INT2 => Value::SmallInt(row.try_get(index).map_err(unreadable)?),
        Type::INT4 => Value::Int(row.try_get(index).map_err(unreadable)?),
        Type::INT8 => Value::BigInt(row.try_get(index).map_err(unreadable)?),
        Type::FLOAT4 => Value::Float(row.try_get(index).map_err(unreadable)?),
        Type::FLOAT8 => Value::Double(row.try_get(index).map_err(unreadable)?),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => {
            Value::String(row.try_get(index).map_err(unreadable)?)
        }
        Type::BYTEA => Value::Bytes(row.try_get(index).map_err(unreadable)?),
        Type::UUID => Value::Uuid(row.try_get(index).map_err(unreadable)?),
        Type::JSON | Type::JSONB => {
            Value::Json(row.try_get::<_, Option<serde_json::Value>>(index).map_err(unreadable)?.map(Box::new))
        }
        Type::DATE => Value::ChronoDate(row.try_get(index).map_err(unreadable)?),
        Type::TIME => Value::ChronoTime(row.try_get(index).map_err(unreadable)?),
        Type::TIMESTAMP => Value::ChronoDateTime(row.try_get(index).map_err(unreadable)?),
        Type::TIMESTAMPTZ => Value::ChronoDateTimeUtc(row.try_get(index).map_err(unreadable)?),
        Type::TEXT_ARRAY => list(row.try_get::<_, Option<Vec<String>>>(index).map_err(unreadable)?, ArrayType::String),
        Type::UUID_ARRAY => list(row.try_get::<_, Option<Vec<Uuid>>>(index).map_err(unreadable)?, ArrayType::Uuid),
        Type::INT8_ARRAY => list(row.try_get::<_, Option<Vec<i64>>>(index).map_err(unreadable)?, ArrayType::BigInt),
        _ => return Err(DbErr::Type(format!("no Rust form for a column of type {ty}"))),
    })
}

fn list<T: Into<Value>>(items: Option<Vec<T>>, kind: ArrayType) -> Value {
    Value::Array(kind, items.map(|items| Box::new(items.into_iter().map(Into::into).collect())))
}
