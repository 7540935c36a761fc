//! Money on the wire: minor units and a currency, never a fraction.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use super::{FieldCode, Problem};

/// An amount of money, at least zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In the currency's smallest unit: 650000.00 USD is 65000000.
    #[serde(deserialize_with = "not_negative")]
    #[schema(minimum = 0, example = 65_000_000)]
    pub amount_minor: i64,
    /// ISO 4217 code.
    #[serde(deserialize_with = "currency")]
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: String,
}

impl Money {
    /// The amount, if it is in `currency`.
    ///
    /// # Errors
    /// A problem that names the field below `pointer`.
    pub fn in_currency(&self, currency: &str, pointer: &str) -> Result<i64, Problem> {
        if self.currency == currency {
            return Ok(self.amount_minor);
        }
        Err(Problem::field(
            format!("{pointer}/currency"),
            FieldCode::Contradicts,
            format!("must be {currency}, the project's currency"),
        ))
    }
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match i64::deserialize(deserializer)? {
        amount if amount >= 0 => Ok(amount),
        _ => Err(D::Error::custom("must not be negative")),
    }
}

/// Reads an ISO 4217 code.
pub(crate) fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = String::deserialize(deserializer)?;
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(D::Error::custom("must be a currency code of three capital letters"))
    }
}
