//! Taking the value out needs the record of the disclosure.
//! Refused with E0061.

use keystead_keys::{Name, Pii};

pub fn slice(name: Pii<Name>) -> Name {
    name.reveal()
}
