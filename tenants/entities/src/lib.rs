//! One file a table. Rows hold personal data as ciphertext only.
#![recursion_limit = "256"]

pub mod audit_checkpoint;
pub mod audit_event;
pub mod audit_head;
pub mod building;
pub mod contact;
pub mod contract;
pub mod contract_party;
pub mod elevation;
pub mod erasure;
pub mod file;
pub mod idempotency_key;
pub mod import;
pub mod import_error;
pub mod import_mapping;
pub mod invitation;
pub mod member;
pub mod member_project;
pub mod outbox_mail;
pub mod phase;
pub mod plan;
pub mod project;
mod relations;
pub mod reveal;
pub mod role;
pub mod search_token;
pub mod settings;
pub mod share_task;
pub mod subject_key;
pub mod tenant_key;
pub mod unit;
