//! Clients that strangers generate from the document. Whether the document is one to generate from is looked at here; that
//! the generated clients do the main job is the deep tier (`make prove clients`), because it installs three tool chains.

mod document;
mod strangers;

pub(crate) use strangers::{checkout, copy, said, target};
