//! Every operation of the OpenAPI document × everybody who must not (security rules T1 to T4): nothing here knows an
//! operation by name, so that a new one is covered the day it is documented.

pub(crate) mod actors;
pub(crate) mod document;
mod elsewhere;
mod fields;
mod objects;
mod roles;
mod routes;
mod seen;
mod strangers;
