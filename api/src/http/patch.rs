//! A field of a JSON merge patch (RFC 7396): absent, null, or a value.

use serde::{Deserialize, Deserializer};
use utoipa::{
    __dev::ComposeSchema,
    ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, schema::Type},
};

use crate::document;

use keystead_tenants::orm::{ActiveValue, NotSet, Set};

/// Use with `#[serde(default)]`: a field that is not there stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it.
    #[default]
    Absent,
    /// Clear it.
    Null,
    /// Set it.
    Value(T),
}

impl<T> Patch<T> {
    /// For a column that may be null.
    pub fn nullable<C>(self, into: impl FnOnce(T) -> C) -> ActiveValue<Option<C>>
    where
        Option<C>: Into<keystead_tenants::orm::sea_query::Value>,
    {
        match self {
            Self::Absent => NotSet,
            Self::Null => Set(None),
            Self::Value(value) => Set(Some(into(value))),
        }
    }
}

/// A field that cannot be null is an `Option`: absent, or a value.
pub(crate) fn set<T, C>(field: Option<T>, into: impl FnOnce(T) -> C) -> ActiveValue<C>
where
    C: Into<keystead_tenants::orm::sea_query::Value>,
{
    field.map_or(NotSet, |value| Set(into(value)))
}

/// Reads a field that may be absent but not null: `#[serde(default, deserialize_with = "patch::required")]`.
pub(crate) fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

// What derived schemas ask of a type with type parameters; `PartialSchema` follows from it.
impl<T: ToSchema> ComposeSchema for Patch<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        // A type is referred to; a bound comes along.
        let schema = T::schema();
        let is_type = matches!(&schema, RefOr::T(Schema::Object(object)) if object.extensions != document::inline());
        let value = if is_type { Ref::from_schema_name(T::name()).into() } else { schema };
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(value).item(null).extensions(document::inline()).into()
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Patch{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
