//! The product, over HTTP and on its real services. One binary; the tests mirror the routes.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod adversary;
mod audit;
mod bad_input;
mod cancellation;
mod catalogue;
mod clients;
mod compile_fail;
mod conformance;
mod coverage;
mod crash_postgres;
mod crash_server;
mod double_sale;
mod endurance;
mod fairness;
mod faults;
mod fuzz;
mod health;
mod imports;
mod kms_outage;
mod main_job;
mod membership;
mod once;
mod openapi;
mod overview;
mod pii_canary;
mod policies;
mod profile;
mod provisioning;
mod readme;
mod restore;
mod rows;
mod seed;
mod sessions;
mod time;
mod transactions;
