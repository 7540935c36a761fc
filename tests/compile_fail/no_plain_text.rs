//! Personal data has no text form.
//! Refused with E0277.

use keystead_keys::{Name, Pii};

pub fn slice(name: &Pii<Name>) -> String {
    format!("Dear {}", name)
}
