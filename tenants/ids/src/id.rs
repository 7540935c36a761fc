//! Prefixed UUIDv7 ids: `ctr_0197f…` on the wire, a plain UUID in the database.

use thiserror::Error;
use uuid::Uuid;

/// Why a string is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// The prefix belongs to another kind of id, or is missing.
    #[error("must start with \"{0}_\"")]
    Prefix(&'static str),
    /// The part after the prefix is not 32 lower-case hexadecimal digits.
    #[error("must be the prefix, an underscore and 32 lower-case hexadecimal digits")]
    Digits,
}

/// A successfully parsed id.
pub type ParsedId = Result<Uuid, IdError>;

/// Parses the wire form; exactly one spelling of each id is accepted.
pub fn parse(prefix: &'static str, text: &str) -> ParsedId {
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(IdError::Prefix(prefix))?;
    let canonical = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !canonical {
        return Err(IdError::Digits);
    }
    Uuid::try_parse(digits).map_err(|_| IdError::Digits)
}

/// Declares id types, one line each.
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl $name {
            /// What the wire form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::parse_id($prefix, text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .extensions(Some(utoipa::openapi::extensions::ExtensionsBuilder::new()
                        .add("x-object-ref", $prefix).build()))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use crate::{ContractId, IdError, UnitId};

    #[test]
    fn only_the_canonical_spelling_parses() {
        let wire = "ctr_0197f0a1b2c37d4e8f90a1b2c3d4e5f6";
        let id: ContractId = wire.parse().expect("canonical");
        assert_eq!(id.to_string(), wire);
        assert_eq!(wire.parse::<UnitId>(), Err(IdError::Prefix("unt")));
        for bad in
            ["ctr_0197F0A1B2C37D4E8F90A1B2C3D4E5F6", "ctr_0197f0a1", "ctr_", "ctr_0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6"]
        {
            assert_eq!(bad.parse::<ContractId>(), Err(IdError::Digits), "{bad}");
        }
    }
}
