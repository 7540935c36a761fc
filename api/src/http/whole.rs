//! Whole numbers within bounds, checked while they are read.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{
    __dev::ComposeSchema,
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::document;

/// A whole number from `MIN` to `MAX`, kept as the integer type of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole<T, const MIN: i32, const MAX: i32>(T);

impl<T, const MIN: i32, const MAX: i32> Whole<T, MIN, MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> T {
        self.0
    }
}

impl<'de, T: TryFrom<i64>, const MIN: i32, const MAX: i32> Deserialize<'de> for Whole<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let within = (i64::from(MIN)..=i64::from(MAX)).contains(&number);
        let fits = T::try_from(number).ok().filter(|_| within);
        fits.map(Self).ok_or_else(|| D::Error::custom(format!("must be {MIN} to {MAX}")))
    }
}

// What derived schemas ask of a type with type parameters; `PartialSchema` follows from it.
impl<T, const MIN: i32, const MAX: i32> ComposeSchema for Whole<T, MIN, MAX> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .extensions(document::inline())
            .into()
    }
}

impl<T, const MIN: i32, const MAX: i32> ToSchema for Whole<T, MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("Whole{MIN}To{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_whole_numbers_within_the_bounds_are_read() {
        let read = |value: Value| serde_json::from_value::<Whole<i16, -20, 200>>(value).map(Whole::get);
        assert_eq!(read(json!(-20)).expect("lowest"), -20);
        assert_eq!(read(json!(200)).expect("highest"), 200);
        for bad in [
            json!(-21),
            json!(201),
            json!(70_000),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1.5),
            json!("3"),
            json!(null),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
