//! The product, over HTTP and on its real services. One binary; the tests mirror the routes.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod main_job;
