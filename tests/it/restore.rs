//! The backup and restore drill (security rule T22): what was dumped, archived or exported comes back whole, and what was
//! shredded does not come back at all.

mod bulk;
pub(crate) mod check;
mod cluster;
mod erasure;
mod pitr;
mod shred;
mod stage;
mod tenant;
