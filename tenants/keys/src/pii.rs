//! Personal data in memory: printed and serialised masked, revealed only against an audit row.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{IndexKey, KeyError, Name, Place, Sealed, SubjectKey};

/// A type of personal data.
pub trait PiiField: Zeroize + ZeroizeOnDrop + Sized {
    /// Stable column code; never reused, even for a column that is gone.
    const CODE: u16;
    /// Stable code of the encoding's type.
    const TYPE: u8;
    /// What `Debug` prints of a value.
    const KIND: &'static str;

    /// The bytes that are sealed.
    fn encode(&self) -> Zeroizing<Vec<u8>>;

    /// Reads [`Self::encode`]'s bytes.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] for any other bytes.
    fn decode(plain: &[u8]) -> Result<Self, KeyError>;

    /// The form that whoever may see the row may see.
    fn mask(&self) -> String;

    /// The form whose digest finds the value exactly; none for values that are not searched for.
    fn normalised(&self) -> Option<Zeroizing<String>> {
        None
    }
}

/// A value of personal data. There is no `Display`; `Debug` prints the kind, `Serialize` writes the mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T: PiiField> Pii<T> {
    /// Takes a value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The masked form.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0.mask()
    }

    /// Seals the value for a place.
    ///
    /// # Errors
    /// Those of [`SubjectKey::seal`]; [`KeyError::WrongPlace`] when the place is of another type.
    pub fn seal(&self, key: &SubjectKey, at: &Place) -> Result<Sealed<T>, KeyError> {
        if at.kind != T::TYPE {
            return Err(KeyError::WrongPlace);
        }
        key.seal(at, &self.0.encode()).map(Sealed::from_bytes)
    }

    /// Opens a sealed value.
    ///
    /// # Errors
    /// Those of [`SubjectKey::open`]; [`KeyError::WrongPlace`] when the place is of another type.
    pub fn open(key: &SubjectKey, at: &Place, sealed: &Sealed<T>) -> Result<Self, KeyError> {
        if at.kind != T::TYPE {
            return Err(KeyError::WrongPlace);
        }
        T::decode(&key.open(at, sealed.as_bytes())?).map(Self)
    }

    /// Digest that finds the value exactly; none when this kind is not searched for.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] only.
    pub fn blind(&self, index: &IndexKey) -> Result<Option<[u8; 8]>, KeyError> {
        self.0.normalised().map(|normal| index.blind(T::CODE, &normal)).transpose()
    }

    /// The plain value, for whoever recorded that they take it.
    #[must_use]
    pub fn reveal(self, _grant: &RevealGrant) -> T {
        self.0
    }
}

impl Pii<Name> {
    /// Tokens that find the name by the beginnings of its words.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] only.
    pub fn tokens(&self, index: &IndexKey) -> Result<Vec<i64>, KeyError> {
        index.name_tokens(Name::CODE, self.0.as_str())
    }
}

impl<T: PiiField> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pii(<{}>)", T::KIND)
    }
}

impl<T: PiiField> Serialize for Pii<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pii<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// Proof that a disclosure was recorded, with its purpose, before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevealGrant {
    purpose: String,
    audit_row: Uuid,
}

impl RevealGrant {
    /// The grant of a disclosure that the audit trail holds as `audit_row`, for the stated purpose.
    ///
    /// # Errors
    /// [`KeyError::NoPurpose`] when the purpose is blank.
    pub fn recorded(purpose: &str, audit_row: impl Into<Uuid>) -> Result<Self, KeyError> {
        let purpose = purpose.trim();
        if purpose.is_empty() {
            return Err(KeyError::NoPurpose);
        }
        Ok(Self { purpose: purpose.to_owned(), audit_row: audit_row.into() })
    }

    /// What the value is needed for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// The audit row that records the disclosure.
    #[must_use]
    pub const fn audit_row(&self) -> Uuid {
        self.audit_row
    }
}
