//! Personal data has no text form.

use keystead_keys::{Name, Pii};

fn slice(name: &Pii<Name>) -> String {
    format!("Dear {}", name)
}

fn main() {}
