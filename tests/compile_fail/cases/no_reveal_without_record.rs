//! Taking the value out needs the record of the disclosure.

use keystead_keys::{Name, Pii};

fn slice(name: Pii<Name>) -> Name {
    name.reveal()
}

fn main() {}
